// SPDX-License-Identifier: Apache-2.0
// The page /metrics: everything that the core and its plugins count, in Prometheus' text format
// (version 0.0.4).
#pragma once

#include <string>

#include "admin/state.hpp"

namespace gw::admin {

inline constexpr const char* k_metrics_type = "text/plain; version=0.0.4; charset=utf-8";
std::string metrics_page(const State& state);

}  // namespace gw::admin
