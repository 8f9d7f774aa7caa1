// SPDX-License-Identifier: Apache-2.0
// The members of a JSON object (RFC 8259), by scanning its text: enough to find one and to take it
// away with every other byte left as it was. A text that is not valid JSON, is nested deeper than
// k_max_depth, or is no object has no members.
#pragma once

#include <string_view>

#include "finding.hpp"

namespace key_auth {

inline constexpr int k_max_depth = 200;

// A member that is an array or an object counts as a duplicate: several values where one belongs.
Finding find_member(std::string_view json, std::string_view name);
std::string without_member(std::string_view json, std::string_view name);

}  // namespace key_auth
