// SPDX-License-Identifier: Apache-2.0
// Checking mode in the gateway: what a plugin does against the rules of the ABI is a line in the
// error log and counts in gatewright_plugin_rules_broken_total.
#pragma once

#include <gatewright/plugin.h>

#include "plugin/worker_environment.hpp"

namespace gw::plugin {

// Wraps the host's table, if GATEWRIGHT_CHECK_PLUGINS=1 asks for it. Whether it did. Main thread.
bool start_checks(WorkerEnvironment& environment, gw_host& table);

}  // namespace gw::plugin
