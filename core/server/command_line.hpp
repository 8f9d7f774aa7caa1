// SPDX-License-Identifier: Apache-2.0
// The program's commands: run, proxy, check, plugin, version (and worker, which the supervisor
// starts).
#pragma once

namespace gw::server {

// The exit status of the process.
int run_command_line(int argc, char** argv);

}  // namespace gw::server
