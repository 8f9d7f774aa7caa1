// SPDX-License-Identifier: Apache-2.0
// What the two files that apply schemas say alike. Internal to Schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/place.hpp"

namespace gw::config {

// Adds an error; false.
bool fault(std::vector<Diagnostic>& out, Location at, const Place& place, std::string message,
           std::string hint = {});
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words);
// Equal texts for values that JSON Schema calls equal: 1 and 1.0, members in any order.
std::string canonical(const Value& value);

}  // namespace gw::config
