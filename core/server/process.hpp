// SPDX-License-Identifier: Apache-2.0
// What a process of ours does to itself before it serves: limits, allocator, signals; and the
// report of a crash.
#pragma once

#include <string>

namespace gw::shared {
class Region;
}

namespace gw::server {

// Where this program stands. The path, not the file: SIGUSR2 starts whatever stands there by then.
std::string program_path();
// Open files up to the hard limit; memory is never given back while serving (a page that goes and
// returns costs more than the request); SIGPIPE is ignored.
void prepare_process();
// On a fatal signal: one line with the plugin, phase, route and request that ran, then the signal's
// usual end.
void report_crashes(gw::shared::Region& region);
// One datagram to systemd ($NOTIFY_SOCKET), if it wants to know.
void notify_systemd(const char* state);

}  // namespace gw::server
