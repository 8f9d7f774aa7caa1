// SPDX-License-Identifier: Apache-2.0
// The pages of the admin and status listeners: read-only, JSON in the shape of Kong's Admin API
// where Kong has the page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/state.hpp"
#include "plugin/admin_pages.hpp"

namespace gw::admin {

enum class Side : std::uint8_t { admin, status };

struct Page {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

// path without query; query raw, without '?'. Never throws.
Page make_page(Side side, std::string_view path, std::string_view query, const State& state);

// What a plugin answers below /plugin-api/ on the admin side, to any method.
Page plugin_page(const plugin::AdminRequest& request, const State& state);

}  // namespace gw::admin
