// SPDX-License-Identifier: Apache-2.0
// The request table with checks, and what is remembered of a request.
#pragma once

#include "frame.hpp"

namespace gw::checking {

// Gives the request the checked table. For as long as the frame runs it may be used.
void adopt(frame& f, gw_req* r);
// The plugin has seen the request for the last time: values that it lent (GW_BORROW) are still what
// they were.
void check_borrowed(const frame& f);

}  // namespace gw::checking
