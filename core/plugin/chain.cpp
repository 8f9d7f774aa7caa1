// SPDX-License-Identifier: Apache-2.0
#include "plugin/chain.hpp"

#include <cstring>

#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/generation.hpp"
#include "plugin/slots.hpp"

namespace gw::plugin {

namespace {

char g_ran;  // stands for the state of a plugin that has none

std::string_view phase_name(Phase phase) {
  static constexpr std::string_view k_names[k_phases] = {
      "none", "rewrite", "request", "request_body", "upstream", "response", "response_body", "log"};
  return k_names[std::size_t(phase)];
}

// The plugin's state of this request, zeroed at its first callback.
void* state_of(Request& r, const Plugin& plugin) {
  if (r.states == nullptr) {
    const std::size_t n = r.generation->plugin_count();
    r.states = r.arena.array<void*>(n);
    std::memset(r.states, 0, n * sizeof(void*));
  }
  void*& state = r.states[plugin.index];
  if (state == nullptr) {
    const std::size_t size = plugin.desc.req_state_size;
    state = size > 0 ? std::memset(r.arena.allocate(size, 16), 0, size) : &g_ran;
  }
  return state == &g_ran ? nullptr : state;
}

gw_self self_of(Request& r, const Instance& instance, Phase phase) {
  gw_self self = instance.self;
  self.req_state = state_of(r, *instance.plugin);
  self.phase = std::uint32_t(phase);
  return self;
}

// Runs one callback of an instance: f(gw_req*, gw_self*).
template <class F>
auto call(Request& r, const Instance& instance, Phase phase, F&& f) {
  gw_self self = self_of(r, instance, phase);
  r.current = &instance;
  r.reply.given = false;  // an answer counts for the callback that gave it
  const Breadcrumb crumb(instance.self.worker->host, *instance.plugin, shared::Where(phase),
                         r.generation->route_name_id(r.facts.route), r.facts.request_id);
  return f(&r.abi, &self);
}

Outcome failed(Request& r, std::string_view why) {
  log::error("plugin failed", {{"plugin", r.current->plugin->name},
                               {"phase", phase_name(r.phase)},
                               {"why", why},
                               {"request_id", r.facts.request_id}});
  return Outcome::fail;
}

// What a callback's answer means. `next`: on to the next plugin.
Outcome judge(Request& r, gw_action action) {
  if (action != GW_PAUSE && r.pause_token != 0) {  // a token that was taken and not used
    Host::current()->pauses().end(r.pause_token);
    r.pause_token = 0;
  }
  switch (action) {
    case GW_CONTINUE:
      return Outcome::next;
    case GW_RESPOND:
      return r.reply.given ? Outcome::respond : failed(r, "GW_RESPOND without respond()");
    case GW_PAUSE:
      return r.pause_token != 0 || r.resumed ? Outcome::wait
                                             : failed(r, "GW_PAUSE without pause()");
    case GW_FAIL:
      return failed(r, "GW_FAIL");
    default:
      return failed(r, cat("unknown action ", action));
  }
}

// An auth plugin has said who it is: the rest of the chain is the consumer's.
void choose_chain(Request& r) {
  if (r.slot_count <= k_consumer_slot) return;
  const auto* identity = static_cast<const gw_identity*>(r.slots[k_consumer_slot].value);
  if (identity == r.identity || identity == nullptr) return;
  r.identity = identity;
  if (identity->consumer == nullptr) return;
  const auto route = r.generation->route_index(r.facts.route);
  const auto rank = r.chain->phase(Phase::request)[r.at].rank;
  r.chain = &r.generation->chain_for_consumer(*r.chain, route, identity->consumer->index, rank);
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
    if (phase == Phase::request && outcome != Outcome::fail) choose_chain(r);
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

Outcome resume_callback(Request& r) {
  const ChainEntry& entry = r.chain->phase(r.phase)[r.at];
  const Instance& instance = *entry.instance;
  const Phase shown = r.at_body ? Phase::request_body : r.phase;
  r.resumed = false;
  if (r.cancelled) {
    r.cancelled = false;
    if (instance.plugin->desc.on_cancel != nullptr)
      call(r, instance, shown, instance.plugin->desc.on_cancel);
    return failed(r, "it did not resume the request in time");
  }
  if (instance.plugin->desc.on_resume == nullptr) return Outcome::next;
  return judge(r, call(r, instance, shown, [&](gw_req* req, gw_self* self) {
                 return instance.plugin->desc.on_resume(req, self, r.resume_value);
               }));
}

}  // namespace

Outcome run_phase(Request& r, Phase phase) {
  if (!r.chain->has(phase)) return Outcome::next;
  r.phase = phase;
  r.at = 0;
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
    outcome = give_body(r);
  } else {
    return r.pause_token != 0 ? Outcome::wait : Outcome::wait_body;  // woken for another reason
  }
  if (r.phase == Phase::request && outcome != Outcome::fail) choose_chain(r);
  if (outcome == Outcome::next) {
    ++r.at;
    outcome = run_from(r);
  }
  return finish_phase(r, outcome);
}

Outcome run_upstream(Request& r, std::uint32_t attempt) {
  r.phase = Phase::upstream;
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
  const Phase outer = r.phase;
  const Instance* outer_current = r.current;
  r.phase = phase;
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
    outcome = failed(r, "only GW_CONTINUE is an answer to a piece of a body");
    break;
  }
  r.phase = outer;
  r.current = outer_current;
  return outcome;
}

void finish(Request& r) {
  if (r.chain == nullptr) return;
  if (r.pause_token != 0) {
    Host::current()->pauses().end(r.pause_token);
    r.pause_token = 0;
    const Instance& instance = *r.chain->phase(r.phase)[r.at].instance;
    if (instance.plugin->desc.on_cancel != nullptr)
      call(r, instance, r.phase, instance.plugin->desc.on_cancel);
  }
  r.phase = Phase::log;
  for (const ChainEntry& entry : r.chain->phase(Phase::log))
    call(r, *entry.instance, Phase::log, entry.log);
  if (r.states != nullptr) {
    for (Instance* instance : r.chain->instances()) {
      if (r.states[instance->plugin->index] == nullptr ||
          instance->plugin->desc.req_free == nullptr)
        continue;
      gw_self self = self_of(r, *instance, Phase::log);
      instance->plugin->desc.req_free(&self);
    }
  }
  for (std::uint32_t i = 0; i < r.slot_count; ++i)
    if (r.slots[i].drop != nullptr) r.slots[i].drop(r.slots[i].value);
  r.phase = Phase::none;
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
  phase = Phase::none;
  current = nullptr;
  at = 0;
  at_body = resumed = cancelled = false;
  states = nullptr;
  asked = nullptr;
  slots = nullptr;
  slot_count = 0;
  identity = nullptr;
  pause_token = 0;
  resume_value = 0;
}

}  // namespace gw::plugin
