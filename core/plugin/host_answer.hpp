// SPDX-License-Identifier: Apache-2.0
// The part of gw_req_api by which plugins end or stop a request: answers, pauses, verdicts.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>

namespace gw::plugin {

gw_status respond(gw_req* req, const gw_response* given) noexcept;
gw_token pause(gw_req* req, std::uint32_t timeout_ms) noexcept;
void decide(gw_req* req, std::int32_t verdict, gw_str code, gw_str rule, gw_str why) noexcept;

}  // namespace gw::plugin
