// SPDX-License-Identifier: Apache-2.0
// A worker process: the far end of the control socket, driving a Gateway on one loop.
#pragma once

#include "config/snapshot.hpp"

namespace gw::server {

// Runs until drained. The exit status of the process.
int run_worker(int control_fd);

// One worker in this very process, without a supervisor (`supervisor: off`). The exit status of the
// process.
int run_single(config::Source source, const config::Snapshot& first, const std::string& path);

}  // namespace gw::server
