// SPDX-License-Identifier: Apache-2.0
// Whether a plugin's file is fit to be shipped, without running any of its code.
#pragma once

#include <string>
#include <vector>

namespace gw::tools {

struct LintFiles {
  std::string plugin;  // the .so
  std::string schema;  // of its options; empty: not looked at
  std::string readme;  // compared with the schema; empty: not looked at
};

// What was seen, and what to do.
struct Finding {
  std::string check, fault, advice;
};

// Empty: nothing is wrong.
std::vector<Finding> lint(const LintFiles& files);

}  // namespace gw::tools
