// SPDX-License-Identifier: Apache-2.0
// The life of one request as a table of steps; see exchange_steps.cpp.
#pragma once

#include <string_view>

#include "proxy/exchange.hpp"

namespace gw::proxy {

// Runs steps from exchange.step on, until one answers wait or done.
Go advance(Exchange& exchange);
std::string_view step_name(Step step);

}  // namespace gw::proxy
