// SPDX-License-Identifier: Apache-2.0
// The pages of the admin and status listeners: read-only, JSON in the shape of Kong's Admin API
// where Kong has the page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/state.hpp"

namespace gw::admin {

enum class Side : std::uint8_t { admin, status };

struct Page {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
};

// path without query; query raw, without '?'. Never throws.
Page make_page(Side side, std::string_view path, std::string_view query, const State& state);

}  // namespace gw::admin
