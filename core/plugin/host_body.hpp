// SPDX-License-Identifier: Apache-2.0
// The members of gw_req_api on bodies and on sending a request again.
#pragma once

#include <gatewright/plugin.h>

namespace gw::plugin {

gw_status body_mode(gw_req* r, uint32_t map, uint32_t mode, uint64_t limit,
                    uint32_t overflow) noexcept;
gw_status body_emit(gw_req* r, uint32_t map, gw_str bytes, void (*release)(void*),
                    void* ud) noexcept;
gw_status redispatch(gw_req* r, gw_str upstream) noexcept;

}  // namespace gw::plugin
