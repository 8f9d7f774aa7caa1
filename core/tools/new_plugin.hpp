// SPDX-License-Identifier: Apache-2.0
// Writes the folder of a new plugin: source, schema, README, cases, CMakeLists.txt and kong.yml. It
// builds and passes its tests as it is, against an installed SDK, without a network.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace gw::tools {

struct NewPlugin {
  std::string name;    // kebab-case, as in configurations
  std::string lang;    // "c", "cpp" or "rust"
  std::string folder;  // must not exist, or be empty
};

// The files that were written. On an error none are left behind.
Result<std::vector<std::string>> make_plugin(const NewPlugin& wanted);

}  // namespace gw::tools
