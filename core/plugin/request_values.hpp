// SPDX-License-Identifier: Apache-2.0
// The values of a request by the ABI's numbers (request.h: GW_METHOD…, GW_STATUS…).
#pragma once

#include "plugin/request.hpp"

namespace gw::plugin {

// Null data: not known.
std::string_view text_of(Request& request, std::uint32_t what);
// -1: not known.
std::int64_t number_of(const Request& request, std::uint32_t what);

}  // namespace gw::plugin
