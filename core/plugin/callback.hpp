// SPDX-License-Identifier: Apache-2.0
// One callback of a plugin for one request: who is told what, and what its answer means. For the
// chain runner.
#pragma once

#include "plugin/breadcrumb.hpp"
#include "plugin/chain.hpp"
#include "plugin/generation.hpp"

namespace gw::plugin {

// What the instance is given. Its plugin's state of this request is zeroed at the first callback.
void make_state(Request& request, const Plugin& plugin);
inline gw_self self_of(Request& r, const Instance& instance, Phase phase) {
  const Plugin& plugin = *instance.plugin;
  if (r.states == nullptr || r.states[plugin.index] == nullptr) make_state(r, plugin);
  gw_self self = instance.self;
  self.req_state = plugin.desc.req_state_size > 0 ? r.states[plugin.index] : nullptr;
  self.phase = std::uint32_t(phase);
  return self;
}
// Where the callback that runs waits, if it pauses.
Paused& pause_of(Request& request);
// Whether a callback of this plugin ran.
bool has_run(const Request& request, const Plugin& plugin);

// Runs one callback: f(gw_req*, gw_self*).
template <class F>
auto call(Request& r, const Instance& instance, Phase phase, F&& f) {
  gw_self self = self_of(r, instance, phase);
  r.current = &instance;
  r.shown = phase;
  r.reply.recorded = Recorded::nothing;  // it counts for the callback that recorded it
  const Breadcrumb crumb(instance.self.worker->host, *instance.plugin, shared::Where(phase),
                         r.generation->route_name_id(r.facts.route), r.facts.request_id);
  if (!r.clocked) [[likely]]
    return f(&r.abi, &self);
  const TimedCallback timed(instance.self.worker->host.clock(), *instance.plugin, phase);
  return f(&r.abi, &self);
}

// The current callback failed: logged and counted. `next` where the configuration lets requests go
// on without the plugin, else `outcome`.
Outcome failed(Request& request, std::string_view why, Outcome outcome = Outcome::fail);
// What a callback's answer means. `next`: on to the next plugin.
Outcome judge_others(Request& request, gw_action action);
inline Outcome judge(Request& r, gw_action action) {
  return action == GW_CONTINUE && r.pause.token == 0 ? Outcome::next : judge_others(r, action);
}

}  // namespace gw::plugin
