// SPDX-License-Identifier: Apache-2.0
// The table of options that a plugin's README has, made from its schema: a row for each property,
// | `name` | type | `default` | description |, members of objects as `outer.inner`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gw::tools {

inline constexpr std::string_view k_option_head =
    "| Option | Type | Default | Description |\n|---|---|---|---|\n";

// A line each, without its end. The error names what is wrong with the schema.
Result<std::vector<std::string>> option_rows(std::string_view schema);

// How a README's table differs from the schema's; empty: it does not.
std::vector<std::string> table_faults(const std::vector<std::string>& rows,
                                      std::string_view readme);

}  // namespace gw::tools
