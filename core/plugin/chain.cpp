// SPDX-License-Identifier: Apache-2.0
#include "plugin/chain.hpp"

#include <cstring>
#include <utility>

#include "plugin/callback.hpp"
#include "plugin/slots.hpp"

namespace gw::plugin {

namespace {

// The consumer that auth plugins have published, if it is one of this generation's: a plugin may
// put anything into the slot.
config::Index published_consumer(const Request& r) {
  const auto* identity = static_cast<const gw_identity*>(r.slots[k_consumer_slot].value);
  constexpr std::uint32_t k_least = offsetof(gw_identity, consumer) + sizeof(void*);
  const bool usable = identity != nullptr && identity->size >= k_least &&
                      r.generation->consumers().has(identity->consumer);
  return usable ? identity->consumer->index : config::k_none;
}

// An auth plugin has said who it is: the rest of the chain is the consumer's. `from`: the rank up
// to which the phase has run.
void choose_chain(Request& r, std::int32_t from) {
  if (!r.identity_changed) return;
  r.identity_changed = false;
  const auto route = r.generation->route_index(r.facts.route);
  r.chain = &r.generation->chain_for_consumer(*r.chain, route, published_consumer(r), from);
}

void choose_rest(Request& r) {
  if (r.identity_changed) choose_chain(r, r.chain->phase(Phase::request)[r.at].rank);
}

// Whether the body, as far as its size is known, is more than the plugin wants to see.
bool over_limit(const Request& r) {
  if (r.buffered_body.data() != nullptr) return r.buffered_body.size() > r.body_limit;
  return r.request.body == http::BodyKind::length && r.request.content_length > r.body_limit;
}

// The whole body for the plugin that asked for it.
Outcome give_body(Request& r) {
  const Instance& instance = *r.chain->phase(Phase::request)[r.at].instance;
  const gw_chunk chunk{reinterpret_cast<const std::uint8_t*>(r.buffered_body.data()),
                       r.buffered_body.size(), GW_LAST};
  r.body_wanted = false;
  r.at_body = true;
  const gw_action action = call(r, instance, Phase::request_body, [&](gw_req* req, gw_self* self) {
    return instance.plugin->desc.on_request_body(req, self, &chunk);
  });
  const Outcome outcome = judge(r, action);
  if (outcome != Outcome::wait) r.at_body = false;
  return outcome;
}

void note_asked(Request& r) {
  if (r.asked == nullptr) {
    const std::size_t n = r.generation->plugin_count();
    r.asked = r.arena.array<bool>(n);
    std::memset(r.asked, 0, n);
  }
  r.asked[r.current->plugin->index] = true;
}

// After a callback of `request` that goes on: the body that it asked for comes first.
Outcome after_request_callback(Request& r) {
  if (!r.body_wanted) return Outcome::next;
  note_asked(r);
  if (over_limit(r)) return Outcome::too_big;
  if (r.buffered_body.data() != nullptr) return give_body(r);
  r.at_body = true;
  return Outcome::wait_body;
}

Outcome run_from(Request& r) {
  const Phase phase = r.phase;
  while (r.at < r.chain->phase(phase).size()) {
    const ChainEntry& entry = r.chain->phase(phase)[r.at];
    Outcome outcome = judge(r, call(r, *entry.instance, phase, entry.call));
    if (outcome == Outcome::next && phase == Phase::request) outcome = after_request_callback(r);
    if (phase == Phase::request) choose_rest(r);
    if (outcome != Outcome::next) return outcome;
    ++r.at;
  }
  return Outcome::next;
}

// A body that was read for one plugin is shown once to those that only look at bodies.
Outcome show_buffered_body(Request& r) {
  if (r.buffered_body.data() == nullptr || !r.chain->has(Phase::request_body)) return Outcome::next;
  return run_body(r, Phase::request_body, r.buffered_body, true);
}

Outcome finish_phase(Request& r, Outcome outcome) {
  if (outcome == Outcome::wait || outcome == Outcome::wait_body) return outcome;
  if (outcome == Outcome::next && r.phase == Phase::request) outcome = show_buffered_body(r);
  r.phase = Phase::none;
  r.current = nullptr;
  return outcome;
}

// Tells the plugin whose pause has ended otherwise. It may look, but change and answer no more.
void call_on_cancel(Request& r) {
  const Instance& instance = *r.chain->phase(r.phase)[r.at].instance;
  const auto on_cancel = instance.plugin->desc.on_cancel;
  r.current = &instance;
  if (on_cancel == nullptr) return;
  const Phase phase = std::exchange(r.phase, Phase::log);
  call(r, instance, r.at_body ? Phase::request_body : phase, on_cancel);
  r.phase = phase;
}

Outcome resume_callback(Request& r) {
  const Instance& instance = *r.chain->phase(r.phase)[r.at].instance;
  const Phase shown = r.at_body ? Phase::request_body : r.phase;
  r.resumed = false;
  if (std::exchange(r.cancelled, false)) {
    call_on_cancel(r);
    r.shown = shown;
    return failed(r, "it did not resume the request in time", Outcome::timeout);
  }
  const auto on_resume = instance.plugin->desc.on_resume;
  if (on_resume == nullptr) return Outcome::next;
  return judge(r, call(r, instance, shown, [&](gw_req* req, gw_self* self) {
                 return on_resume(req, self, r.resume_value);
               }));
}

}  // namespace

Outcome run_phase(Request& r, Phase phase) {
  r.at_body = r.body_wanted = false;  // of a phase that was left before its body came
  r.at = 0;
  if (phase == Phase::request) choose_chain(r, -1);  // a consumer that `rewrite` has found
  if (!r.chain->has(phase)) return Outcome::next;
  r.phase = phase;
  return finish_phase(r, run_from(r));
}

Outcome resume_phase(Request& r) {
  Outcome outcome;
  if (r.resumed) {
    const bool was_body = r.at_body;
    outcome = resume_callback(r);
    if (outcome == Outcome::wait) return outcome;
    r.at_body = false;
    if (outcome == Outcome::next && r.phase == Phase::request && !was_body)
      outcome = after_request_callback(r);
  } else if (r.at_body && r.buffered_body.data() != nullptr && r.pause_token == 0) {
    outcome = over_limit(r) ? Outcome::too_big : give_body(r);
  } else {
    return r.pause_token != 0 ? Outcome::wait : Outcome::wait_body;  // woken for another reason
  }
  if (r.phase == Phase::request) choose_rest(r);
  if (outcome == Outcome::next) {
    ++r.at;
    outcome = run_from(r);
  }
  return finish_phase(r, outcome);
}

Outcome run_upstream(Request& r, std::uint32_t attempt) {
  r.phase = Phase::upstream;
  r.request_head_sent = false;  // the head of this attempt
  Outcome outcome = Outcome::next;
  for (const ChainEntry& entry : r.chain->phase(Phase::upstream)) {
    outcome = judge(r, call(r, *entry.instance, Phase::upstream, [&](gw_req* req, gw_self* self) {
                      return entry.upstream(req, self, attempt);
                    }));
    if (outcome != Outcome::next) break;
  }
  r.phase = Phase::none;
  return outcome;
}

Outcome run_body(Request& r, Phase phase, std::string_view bytes, bool last) {
  // Another phase may be waiting meanwhile: its place is kept, and its pause is its own.
  const Phase outer = std::exchange(r.phase, phase);
  const Phase outer_shown = r.shown;
  const Instance* outer_current = r.current;
  const gw_chunk chunk{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                       last ? std::uint32_t{GW_LAST} : 0u};
  Outcome outcome = Outcome::next;
  for (const ChainEntry& entry : r.chain->phase(phase)) {
    const bool had_it = phase == Phase::request_body && r.asked != nullptr &&
                        r.asked[entry.instance->plugin->index];
    if (had_it) continue;
    const gw_action action = call(r, *entry.instance, phase, [&](gw_req* req, gw_self* self) {
      return entry.body(req, self, &chunk);
    });
    if (action == GW_CONTINUE) continue;
    // Pieces that it saw have passed: too late to go on without it.
    note_failure(
        r, action == GW_FAIL ? "GW_FAIL" : "only GW_CONTINUE is an answer to a piece of a body");
    outcome = Outcome::fail;
    break;
  }
  r.phase = outer;
  r.shown = outer_shown;
  r.current = outer_current;
  return outcome;
}

void cancel(Request& r) {
  if (r.pause_token == 0) return;
  Host::current()->pauses().end(std::exchange(r.pause_token, 0));
  call_on_cancel(r);
}

void finish(Request& r) {
  if (r.chain == nullptr) return;
  cancel(r);
  r.phase = Phase::log;
  for (const ChainEntry& entry : r.chain->phase(Phase::log))
    call(r, *entry.instance, Phase::log, entry.log);
  // Slots first: what stands in them may be part of a plugin's state.
  for (std::uint32_t i = 0; i < r.slot_count; ++i)
    if (r.slots[i].drop != nullptr) r.slots[i].drop(r.slots[i].value);
  for (Instance* instance : r.chain->instances()) {
    const auto req_free = instance->plugin->desc.req_free;
    if (req_free == nullptr || !has_run(r, *instance->plugin)) continue;
    gw_self self = self_of(r, *instance, Phase::log);
    req_free(&self);
  }
  r.phase = r.shown = Phase::none;
  r.current = nullptr;
}

void Request::clear() {
  facts = Facts{};
  generation = nullptr;
  chain = nullptr;
  reply = Reply{};
  decisions = nullptr;
  attempts = last_attempt = nullptr;
  attempt_count = 0;
  request_head_sent = response_head_sent = body_wanted = body_replaced = false;
  body_limit = 0;
  buffered_body = {};
  phase = shown = Phase::none;
  current = nullptr;
  at = 0;
  at_body = resumed = cancelled = false;
  states = nullptr;
  asked = nullptr;
  slots = nullptr;
  slot_count = 0;
  identity_changed = false;
  pause_token = 0;
  resume_value = 0;
}

}  // namespace gw::plugin
