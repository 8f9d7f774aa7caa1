// SPDX-License-Identifier: Apache-2.0
// A worker process: the far end of the control socket, driving a Gateway on one loop.
#pragma once

namespace gw::server {

// Runs until drained. The exit status of the process.
int run_worker(int control_fd);

}  // namespace gw::server
