// SPDX-License-Identifier: Apache-2.0
#include "plugin/callback.hpp"

#include <cstring>

#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/body_flow.hpp"

namespace gw::plugin {

namespace {

char g_ran;  // stands for the state of a plugin that has none

}  // namespace

void make_state(Request& r, const Plugin& plugin) {
  if (r.states == nullptr) {
    const std::size_t n = r.generation->plugin_count();
    r.states = r.arena.array<void*>(n);
    std::memset(r.states, 0, n * sizeof(void*));
  }
  const std::size_t size = plugin.desc.req_state_size;
  r.states[plugin.index] = size > 0 ? std::memset(r.arena.allocate(size, 16), 0, size) : &g_ran;
}

Paused& pause_of(Request& r) { return r.in_flow != nullptr ? r.in_flow->pause() : r.pause; }

bool has_run(const Request& r, const Plugin& plugin) {
  return r.states != nullptr && r.states[plugin.index] != nullptr;
}

namespace {

// Logged and counted.
void note_failure(Request& r, std::string_view why, std::string_view policy) {
  const Plugin& plugin = *r.current->plugin;
  Host& host = r.current->self.worker->host;
  host.count_failure(plugin.name, phase_name(r.shown));
  net::LineLimit* lines = host.environment().failure_lines;
  if (lines != nullptr &&
      !lines->allow(log::Level::error, "plugin failed", {"plugin", plugin.name}))
    return;
  const config::Route* route = r.facts.route;
  log::error("plugin failed", {{"plugin", plugin.name},
                               {"phase", phase_name(r.shown)},
                               {"why", why},
                               {"route", route == nullptr      ? ""
                                         : route->name.empty() ? route->id
                                                               : route->name},
                               {"on_failure", policy},
                               {"request_id", r.facts.request_id}});
}

}  // namespace

Outcome failed(Request& r, std::string_view why, Outcome outcome) {
  // Pieces of a body that it saw have passed: too late to go on without it.
  const bool open =
      r.current->entry->fails_open && (r.in_flow == nullptr || r.in_flow->drop_emitted());
  note_failure(r, why, open ? "open" : "closed");
  if (!open) return outcome;
  r.body_wanted = false;  // asked for before it failed
  return Outcome::next;
}

Outcome judge_others(Request& r, gw_action action) {
  Paused& pause = pause_of(r);
  if (action != GW_PAUSE && pause.token != 0)  // it was taken and not used
    Host::current()->pauses().end(pause);
  switch (action) {
    case GW_CONTINUE:
      return Outcome::next;
    case GW_RESPOND:
      return r.reply.recorded == Recorded::answer ? Outcome::respond
                                                  : failed(r, "GW_RESPOND without respond()");
    case GW_REDISPATCH:
      return r.reply.recorded == Recorded::redispatch
                 ? Outcome::redispatch
                 : failed(r, "GW_REDISPATCH without redispatch()");
    case GW_PAUSE:
      return pause.token != 0 ? Outcome::wait : failed(r, "GW_PAUSE without pause()");
    case GW_FAIL:
      return failed(r, "GW_FAIL");
    default:
      return failed(r, cat("unknown action ", action));
  }
}

}  // namespace gw::plugin
