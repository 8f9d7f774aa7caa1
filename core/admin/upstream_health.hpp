// SPDX-License-Identifier: Apache-2.0
// The health of an upstream's targets: shown in Kong's form, and changed by hand.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "admin/pages.hpp"

namespace gw::admin {

// Each target with its addresses and their health: HEALTHY, UNHEALTHY, HEALTHCHECKS_OFF, DNS_ERROR.
std::vector<nlohmann::json> target_health(const config::Upstream& upstream,
                                          upstream::Balancer& balancer);
// The upstream as a whole.
nlohmann::json upstream_health(const config::Upstream& upstream, upstream::Balancer& balancer);

// Whether a PUT or POST of this path changes a target's health:
// /upstreams/U/targets/T[/IP:PORT]/healthy or …/unhealthy.
bool is_health_change(std::string_view path);
// 204, or 404 when there is no such upstream, target or address. For all workers.
Page change_health(std::string_view path, const State& state);

}  // namespace gw::admin
