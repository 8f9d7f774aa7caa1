// SPDX-License-Identifier: Apache-2.0
// A key among the arguments of a query or an urlencoded form.
#pragma once

#include <string_view>

#include "finding.hpp"

namespace key_auth {

Finding find_argument(std::string_view arguments, std::string_view name);
// Without the arguments of that name and their separators; all other bytes as they were.
std::string without_argument(std::string_view arguments, std::string_view name);

}  // namespace key_auth
