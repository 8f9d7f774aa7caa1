// SPDX-License-Identifier: Apache-2.0
#include "server/watchdog.hpp"

#include <algorithm>
#include <utility>

namespace gw::server {

namespace {

constexpr std::uint32_t k_quiet_looks = 20;  // then it rests

}  // namespace

Watchdog::Watchdog(net::Loop& loop, shared::WorkerBoard& board, OnStall on_stall)
    : loop_(loop),
      board_(board),
      on_stall_(std::move(on_stall)),
      seen_(board.slots().size()),
      next_([](void* self) { static_cast<Watchdog*>(self)->on_time(); }, this) {}

void Watchdog::set_limits(std::uint64_t warning, std::uint64_t fatal) {
  warning_ = warning;
  fatal_ = fatal;
  const std::uint64_t shorter =
      warning > 0 && fatal > 0 ? std::min(warning, fatal) : std::max(warning, fatal);
  period_ = shorter == 0 ? 0 : std::clamp<std::uint64_t>(shorter / 2, 10, 500);
  wake();
}

void Watchdog::wake() {
  quiet_ = 0;
  if (period_ > 0 && !next_.is_set()) next_.set(loop_.deadlines(), period_);
}

void Watchdog::on_time() {
  if (period_ > 0 && look(loop_.now_ms())) next_.set(loop_.deadlines(), period_);
}

bool Watchdog::look(std::uint64_t now_ms) {
  bool moving = false;
  for (std::uint32_t slot = 0; slot < seen_.size(); ++slot)
    moving = look_at(slot, now_ms) || moving;
  quiet_ = moving ? 0 : quiet_ + 1;
  // From here on a callback that begins wakes the watchdog. One more look before it rests: a worker
  // that was beginning one meanwhile had not seen this yet.
  if (quiet_ == k_quiet_looks)
    for (auto& slot : board_.slots()) slot.watched.store(0, std::memory_order_relaxed);
  return quiet_ <= k_quiet_looks;
}

// Whether callbacks run in it.
bool Watchdog::look_at(std::uint32_t slot, std::uint64_t now_ms) {
  const auto& entry = board_.slots()[slot];
  Seen& seen = seen_[slot];
  const std::uint64_t word = entry.breadcrumb.load(std::memory_order_relaxed);
  if (word != seen.word) {
    seen = {word, now_ms, false, false};
    return true;
  }
  const auto crumb = entry.last();
  if (entry.pid.load() == 0 || crumb.where == shared::Where::none) return false;
  const std::uint64_t ms = now_ms - seen.since;
  const bool patient = crumb.where == shared::Where::load || crumb.where == shared::Where::start;
  if (fatal_ > 0 && ms >= fatal_ && !patient && !std::exchange(seen.told, true))
    on_stall_({slot, ms, crumb, true});
  else if (warning_ > 0 && ms >= warning_ && !std::exchange(seen.warned, true))
    on_stall_({slot, ms, crumb, false});
  return true;
}

}  // namespace gw::server
