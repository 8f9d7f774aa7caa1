// SPDX-License-Identifier: Apache-2.0
#include "plugin/pauses.hpp"

#include "plugin/request.hpp"

namespace gw::plugin {

Pauses::Pause::Pause(Pauses& o, std::uint32_t p)
    : owner(o),
      place(p),
      deadline(
          [](void* self) {
            auto& pause = *static_cast<Pause*>(self);
            if (pause.waiting == nullptr) return;
            pause.waiting->cancelled = true;
            pause.owner.resume(token_of(pause), 0);
          },
          this) {}

std::uint64_t Pauses::begin(Paused& place, Resumable& owner, Phase body, std::uint64_t timeout_ms) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Pause>(*this, std::uint32_t(all_.size())));
    free_.push_back(all_.back()->place);
  }
  Pause& pause = *all_[free_.back()];
  free_.pop_back();
  pause.waiting = &place;
  pause.resumable = &owner;
  pause.body = body;
  pause.deadline.set(loop_.deadlines(), timeout_ms);
  return place.token = token_of(pause);
}

Pauses::Pause* Pauses::find(std::uint64_t token) {
  const auto place = std::uint32_t(token);
  if (place >= all_.size()) return nullptr;
  Pause& pause = *all_[place];
  return pause.waiting != nullptr && token_of(pause) == token ? &pause : nullptr;
}

void Pauses::resume(std::uint64_t token, std::int64_t value) {
  Pause* pause = find(token);
  if (pause == nullptr) return;
  Paused& place = *pause->waiting;
  Resumable& owner = *pause->resumable;
  const Phase body = pause->body;
  end(place);
  place.resumed = true;
  place.value = value;
  if (body == Phase::none)
    owner.resume();
  else
    owner.resume_body(body);
}

void Pauses::end(Paused& place) {
  Pause* pause = find(place.token);
  place.token = 0;
  if (pause == nullptr) return;
  pause->waiting = nullptr;
  if (++pause->generation == 0) pause->generation = 1;
  pause->deadline.clear();
  free_.push_back(pause->place);
}

}  // namespace gw::plugin
