// SPDX-License-Identifier: Apache-2.0
// Lists of entities and single ones, by Kong's paths: /services, /services/NAME,
// /services/NAME/routes, …; in pages of `size` (default 100, at most 1000) with `offset`, filtered
// by `tags` (`,` and, `/` or).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "admin/state.hpp"

namespace gw::admin {

// false: there is no such page or entity.
bool find_entities(std::string_view path, std::string_view query, const State& state,
                   nlohmann::json& out);

}  // namespace gw::admin
