// SPDX-License-Identifier: Apache-2.0
// The checked copies of two of the host's tables.
#pragma once

namespace gw::checking {

const void* check_loop(const void* given);
const void* check_pool(const void* given);

}  // namespace gw::checking
