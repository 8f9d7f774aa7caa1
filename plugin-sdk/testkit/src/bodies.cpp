// SPDX-License-Identifier: Apache-2.0
// The two bodies of an exchange, through the plugins as body.h says.
#include <utility>

#include "world.hpp"

namespace gw::test {

namespace {

constexpr uint64_t k_default_limit = 1 << 20;

}  // namespace

// --- who takes part ---

void exchange::begin_body(uint32_t map, const std::string& body) {
  flow& f = flows_[map];
  if (std::exchange(f.begun, true)) return;
  const size_t step = host_.internals().piece_size(spec_.chunk_size, body.size());
  size_t at = 0;
  do {
    f.queue.push_back({0, body.substr(at, step), false});
    at += f.queue.back().bytes.size();
  } while (at < body.size());
  f.queue.back().last = true;
}

void exchange::place(uint32_t map, link& l) {
  const gw_plugin_desc& d = l.plugin->desc();
  auto& asked = l.body[map];
  const bool has = map == GW_REQUEST ? d.on_request_body != nullptr : d.on_response_body != nullptr;
  if (!has || std::exchange(asked.placed, true)) return;
  const uint32_t other = (d.flags & GW_P_BODY_ASKED) != 0 ? GW_BODY_NONE : GW_BODY_OBSERVE;
  const uint32_t mode = asked.asked ? asked.mode : other;
  if (mode == GW_BODY_NONE) return;
  flow& f = flows_[map];
  f.stages.push_back(
      {&l, mode, asked.overflow, asked.limit == 0 ? k_default_limit : asked.limit, {}});
  if (f.out.empty() && !f.ended) return;  // else what is through is the new one's input
  f.queue.push_back({f.stages.size() - 1, std::exchange(f.out, {}), std::exchange(f.ended, false)});
}

// The whole body for one that has asked in on_request; those before it have it first.
void exchange::place_up_to(link& asking) {
  for (auto& l : chain_) {
    place(GW_REQUEST, *l);
    if (l.get() == &asking) break;
  }
  begin_body(GW_REQUEST, spec_.body);
}

// --- on its way ---

void exchange::run_body(uint32_t map) {
  flow& f = flows_[map];
  while (!f.queue.empty() && !paused() && !stopped_) {
    piece p = std::move(f.queue.front());
    f.queue.pop_front();
    if (p.stage == f.stages.size()) {
      f.out += p.bytes;
      f.ended = p.last;
      continue;
    }
    stage& s = f.stages[p.stage];
    if (s.mode == GW_BODY_BUFFER && !s.done) {
      s.collected += p.bytes;
      s.over = s.collected.size() > s.limit;
      if (s.over && s.overflow == GW_OVERFLOW_REFUSE) {
        in_body_ = map;
        reply_.reset();
        begin_local_answer(map == GW_REQUEST ? 413 : 502);
        in_body_.reset();
        return;
      }
      if (!s.over && !p.last) continue;
      s.done = true;
      f.whole |= p.last;
      p.bytes = s.collected;
    } else if (s.done) {  // it has let the body go by
      ++p.stage;
      f.queue.push_front(std::move(p));
      continue;
    }
    f.given = std::move(p);
    settle_body(map, give(map, s));
  }
  if (map == GW_REQUEST) numbers_[GW_CONTENT_LENGTH] = static_cast<int64_t>(f.out.size());
}

gw_action exchange::give(uint32_t map, stage& s) {
  flow& f = flows_[map];
  const gw_plugin_desc& d = s.l->plugin->desc();
  const auto fn = map == GW_REQUEST ? d.on_request_body : d.on_response_body;
  s.l->self.phase = map == GW_REQUEST ? GW_PHASE_REQUEST_BODY : GW_PHASE_RESPONSE_BODY;
  allowed_ = s.l->self.phase;
  if (s.mode == GW_BODY_BUFFER) allowed_ = map == GW_REQUEST ? GW_PHASE_REQUEST : GW_PHASE_RESPONSE;
  s.l->ran = true;
  in_body_ = map;
  f.emitted.clear();
  f.emitted_any = false;
  const std::string copy = f.given->bytes;  // what the plugin keeps too long is seen by a sanitizer
  const uint32_t flags = s.over ? GW_OVERFLOW : f.given->last ? GW_LAST : 0;
  const gw_chunk c{reinterpret_cast<const uint8_t*>(copy.data()), copy.size(), flags};
  return fn(&handle_, &s.l->self, &c);
}

void exchange::settle_body(uint32_t map, gw_action action) {
  flow& f = flows_[map];
  if (!settle(action)) {
    if (!paused()) in_body_.reset();
    return;
  }
  in_body_.reset();
  piece p = std::move(*f.given);
  f.given.reset();
  stage& s = f.stages[p.stage++];
  const bool consumed = s.mode == GW_BODY_MODIFY || (s.mode == GW_BODY_BUFFER && f.emitted_any);
  if (consumed) p.bytes = std::exchange(f.emitted, {});
  if (!p.bytes.empty() || p.last) f.queue.push_front(std::move(p));
}

void exchange::stream_response() {
  for (auto& l : chain_) place(GW_RESPONSE, *l);
  begin_body(GW_RESPONSE, answer_body_);
  stopped_ = false;
  run_body(GW_RESPONSE);
}

// After a pause in a body.
void exchange::go_on() {
  if (phase_ == GW_PHASE_RESPONSE) return run_body(GW_RESPONSE);
  if (body_turn_) return drive();
  run_body(GW_REQUEST);
  if (!paused() && !stopped_) run_upstream();
}

void exchange::release_lent() {
  for (const auto& [release, ud] : std::exchange(lent_, {})) release(ud);
}

}  // namespace gw::test
