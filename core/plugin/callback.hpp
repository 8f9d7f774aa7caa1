// SPDX-License-Identifier: Apache-2.0
// One callback of a plugin for one request: who is told what, and what its answer means. For the
// chain runner.
#pragma once

#include "plugin/breadcrumb.hpp"
#include "plugin/chain.hpp"
#include "plugin/generation.hpp"

namespace gw::plugin {

// What the instance is given. Its plugin's state of this request is zeroed at the first callback.
gw_self self_of(Request& request, const Instance& instance, Phase phase);
// Whether a callback of this plugin ran.
bool has_run(const Request& request, const Plugin& plugin);

// Runs one callback: f(gw_req*, gw_self*).
template <class F>
auto call(Request& r, const Instance& instance, Phase phase, F&& f) {
  gw_self self = self_of(r, instance, phase);
  r.current = &instance;
  r.shown = phase;
  r.reply.given = false;  // an answer counts for the callback that gave it
  const Breadcrumb crumb(instance.self.worker->host, *instance.plugin, shared::Where(phase),
                         r.generation->route_name_id(r.facts.route), r.facts.request_id);
  return f(&r.abi, &self);
}

// The current callback failed: logged and counted. `outcome` is handed back.
Outcome failed(Request& request, std::string_view why, Outcome outcome = Outcome::fail);
// What a callback's answer means. `next`: on to the next plugin.
Outcome judge(Request& request, gw_action action);

}  // namespace gw::plugin
