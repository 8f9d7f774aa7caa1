// SPDX-License-Identifier: Apache-2.0
// The host's tables behind get_api, with checks, and the callbacks that plugins give to them.
#pragma once

#include "frame.hpp"

namespace gw::checking {

// The worker has stopped: nothing that was started on it is called any more.
void forget_callbacks(gw_worker* w);

}  // namespace gw::checking
