// SPDX-License-Identifier: Apache-2.0
// What a process of ours does to itself before it serves: limits, allocator, signals; and the
// report of a crash.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>

namespace gw::shared {
class Region;
}

namespace gw::server {

// Those that ask something of a gateway; workers leave them to their supervisor.
inline constexpr int k_handled_signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

// Where this program stands. The path, not the file: SIGUSR2 starts whatever stands there by then.
std::string program_path();
// Open files up to the hard limit; memory is never given back while serving (a page that goes and
// returns costs more than the request); SIGPIPE is ignored.
void prepare_process();
// On a fatal signal: one line in the error log with the plugin, phase, route and request that ran,
// then the signal's usual end.
void report_crashes(gw::shared::Region& region);
// One datagram to systemd ($NOTIFY_SOCKET), if it wants to know.
void notify_systemd(const char* state);
// That a reload begins; READY=1 says that it is over.
void notify_reloading(std::uint64_t monotonic_ns);

}  // namespace gw::server
