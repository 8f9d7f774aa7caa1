// SPDX-License-Identifier: Apache-2.0
// Runs the cases of a file against a plugin's .so in the test kit, each in all of its modes.
#pragma once

#include <string>
#include <vector>

#include "tools/case_file.hpp"

namespace gw::tools {

// What was wrong in a case, a line each, each with the mode; empty: nothing.
std::vector<std::string> run_case(const std::string& plugin, const Case& test);
// What passes between the test host and the plugin in a case, in the mode plain: a line for each
// call and its result. Empty for a case whose options are refused.
std::string trace_case(const std::string& plugin, const Case& test);

}  // namespace gw::tools
