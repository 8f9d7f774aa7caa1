// SPDX-License-Identifier: Apache-2.0
// Checking mode: stands between a host and its plugins and names every broken rule of the ABI with
// the plugin, the function and the phase. One for the gateway and for the test host; without it
// nothing of this runs.
//
// - A plugin's descriptor is wrapped once: each callback then knows who runs, in which phase, and
//   what may be used in it. The host's tables are wrapped where plugins get them.
// - What the host lends (slices, chunks, results) is copied into pages that become unreadable when
//   the loan ends. Whoever uses it later dies by SIGSEGV, with a line on stderr that names whose
//   loan it was.
// - All else is reported, and the call goes on; one that would touch what is gone answers
//   GW_E_STATE, 0 or nothing.
//
// State of the process. Any thread may call what is wrapped; the rest is for the main thread.
#pragma once

#include <functional>
#include <string>

#include "gatewright/plugin.h"

namespace gw::checking {

struct violation {
  std::string plugin;    // empty: not known
  std::string function;  // callback or function of a table: "on_request", "hdr_set"
  std::string phase;     // "request", …; "config", "worker" outside of requests
  std::string text;      // what was done, and what the rule is
};

// The name of a GW_PHASE_*.
const char* phase_name(uint32_t phase);
// "on_request: hdr_set in phase log: …", as one line.
std::string to_line(const violation& v);

struct options {
  std::function<void(const violation&)> report;  // on the thread that did it
  uint64_t stall_ns = 100'000'000;  // a callback that lasts longer is reported; 0: none is
  bool guard_alloc = false;         // alloc() too gives memory that dies with the request
  int fatal_fd = 2;                 // where the line about a dead slice goes
};

// Whether the environment asks for it: GATEWRIGHT_CHECK_PLUGINS=1.
bool asked_for();
// From now on violations go to options.report. To be called before the first wrap().
void start(options o);

// The same plugin with checked callbacks. `identity` is the module's own descriptor: it stands for
// the plugin in the whole process. Throws std::length_error for a 129th plugin.
gw_plugin_desc wrap(const gw_plugin_desc& desc, const void* identity);
// Replaces functions in the host's own table; what get_api gives from then on is checked.
void wrap(gw_host& host);

// The memory that a request got from alloc() ends, and so does its gw_req. For a host that has
// guard_alloc.
void end_request(gw_req* r);

// A copy of the bytes in pages of their own, at whose end nothing can be read, until end_loan():
// for a table that a host wants to end at a guard. `what` is said when somebody reads past it.
// Null: there is no room.
void* lend_table(const void* bytes, size_t n, const char* what);
void end_loan(const void* table);

}  // namespace gw::checking
