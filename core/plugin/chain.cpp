// SPDX-License-Identifier: Apache-2.0
#include "plugin/chain.hpp"

#include <cstring>
#include <utility>

#include "plugin/bodies.hpp"
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
  if (!r.identity_changed) return;
  const auto entries = r.chain->phase(Phase::request);
  choose_chain(r, r.at < entries.size() ? entries[r.at].rank : INT32_MAX);
}

// What the callback has asked for comes first, as far as it is there.
Outcome body_for_callback(Request& r) {
  const Outcome outcome = give_request_body(r);
  r.at_body = outcome == Outcome::wait || outcome == Outcome::wait_body;
  return outcome;
}

// After a callback of `request` that goes on.
Outcome after_request_callback(Request& r) {
  return r.body_wanted ? body_for_callback(r) : Outcome::next;
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

Outcome finish_phase(Request& r, Outcome outcome) {
  if (outcome == Outcome::wait || outcome == Outcome::wait_body) return outcome;
  if (outcome == Outcome::next && r.phase == Phase::request && r.flows[GW_REQUEST] != nullptr) {
    outcome = give_rest_of_request_body(r);
    r.at_body = outcome == Outcome::wait;
    if (r.at_body) return outcome;
  }
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
  call(r, instance, phase, on_cancel);
  r.phase = phase;
}

Outcome resume_callback(Request& r) {
  const Instance& instance = *r.chain->phase(r.phase)[r.at].instance;
  r.pause.resumed = false;
  if (std::exchange(r.pause.cancelled, false)) {
    call_on_cancel(r);
    r.shown = r.phase;
    return failed(r, "it did not resume the request in time", Outcome::timeout);
  }
  const auto on_resume = instance.plugin->desc.on_resume;
  if (on_resume == nullptr) return Outcome::next;
  return judge(r, call(r, instance, r.phase, [&](gw_req* req, gw_self* self) {
                 return on_resume(req, self, r.pause.value);
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
  if (r.at_body) {
    outcome = body_for_callback(r);
  } else if (r.pause.resumed) {
    outcome = resume_callback(r);
    if (outcome == Outcome::next && r.phase == Phase::request) outcome = after_request_callback(r);
  } else {
    return Outcome::wait;  // woken for another reason
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

void cancel(Request& r) {
  cancel_bodies(r);
  if (r.pause.token == 0) return;
  Host::current()->pauses().end(r.pause);
  call_on_cancel(r);
}

void finish(Request& r) {
  if (r.chain == nullptr) return;
  cancel(r);
  r.phase = Phase::log;
  for (const ChainEntry& entry : r.chain->phase(Phase::log))
    call(r, *entry.instance, Phase::log, entry.log);
  // What plugins have lent and what stands in slots may be part of their states: those last.
  for (const auto& flow : r.flows)
    if (flow != nullptr) flow->clear();
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
  request_head_sent = response_head_sent = body_wanted = body_gone = false;
  buffered_body = {};
  bodies = nullptr;
  in_flow = nullptr;
  for (const auto& flow : flows)
    if (flow != nullptr) flow->clear();
  redispatch_to = config::k_none;
  redispatches = 0;
  phase = shown = Phase::none;
  current = nullptr;
  at = 0;
  at_body = false;
  states = nullptr;
  slots = nullptr;
  slot_count = 0;
  clocked = identity_changed = false;
  pause = Paused{};
}

}  // namespace gw::plugin
