// SPDX-License-Identifier: Apache-2.0
// gw.plugin.balancer/1: asks the plugin that chooses targets, if the route has one.
#pragma once

#include <gatewright/host/balancer.h>

#include <optional>

#include "plugin/registry.hpp"
#include "plugin/request.hpp"

namespace gw::plugin {

// What a plugin offers; null: nothing, or something malformed.
const gw_plugin_balancer* balancer_of(const gw_plugin_desc& desc);

// An index into choice.targets, GW_PICK_DEFAULT, GW_PICK_NONE, or nothing when the plugin failed.
// REQUIRES: the request's chain has a balancer.
std::optional<std::uint32_t> pick_target(Request& request, const gw_choice& choice);
// REQUIRES: as above.
void tell_result(Request& request, std::uint32_t target, gw_status state, int status,
                 std::uint64_t ns);

}  // namespace gw::plugin
