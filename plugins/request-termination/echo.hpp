// SPDX-License-Identifier: Apache-2.0
// A request described as JSON.
#pragma once

#include "gatewright/byte_buffer.hpp"
#include "gatewright/plugin.hpp"

namespace request_termination {

// message may be empty; body is absent when it was not read.
gw::byte_buffer describe(gw::request r, gw::view message, gw::view body);

}  // namespace request_termination
