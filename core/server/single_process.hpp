// SPDX-License-Identifier: Apache-2.0
// One worker in this very process, without a supervisor (`supervisor: off`): for debuggers and
// small containers. What the supervisor does for its workers does not exist here: a crash ends the
// service, a stuck plugin stays stuck, and new code needs a new start.
#pragma once

#include <string>

#include "server/configuration.hpp"

namespace gw::server {

// The exit status of the process. `path`: see Configuration.
int run_single(Candidate first, const std::string& path);

}  // namespace gw::server
