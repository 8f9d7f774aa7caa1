// SPDX-License-Identifier: Apache-2.0
// Arguments as in a query or an urlencoded form: "a=1&b=2". Pure functions over the raw bytes, so
// that what is taken away leaves all other bytes as they were. Names are compared decoded: "%6B" is
// "k", "+" is a space; a "%" that two hex digits don't follow stands for itself.
#pragma once

#include <string_view>

#include "finding.hpp"

namespace key_auth {

Finding find_argument(std::string_view arguments, std::string_view name);
// Without the arguments of that name and their separators.
std::string without_argument(std::string_view arguments, std::string_view name);

}  // namespace key_auth
