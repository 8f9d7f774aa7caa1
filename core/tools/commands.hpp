// SPDX-License-Identifier: Apache-2.0
// The commands of `gatewright plugin` for who writes plugins. Each prints, and answers the exit
// status: 0, 1 when something is wrong with the plugin, 3 with a file of cases, 5 no such file.
#pragma once

#include <string>

#include "tools/lint.hpp"
#include "tools/new_plugin.hpp"

namespace gw::tools {

int new_plugin(const NewPlugin& wanted);
int lint_plugin(const LintFiles& files);
// `trace`: instead of a verdict for each case, what passed between the test host and the plugin.
int test_plugin(const std::string& plugin, const std::string& cases, bool trace);

}  // namespace gw::tools
