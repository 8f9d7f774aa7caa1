// SPDX-License-Identifier: Apache-2.0
// The version of Gatewright; CMake reads it from here.
#pragma once

#include <string_view>

namespace gw::config {

inline constexpr std::string_view k_version = "0.1.0";

}  // namespace gw::config
