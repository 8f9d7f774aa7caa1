// SPDX-License-Identifier: Apache-2.0
// Pages that plugins mount on the admin and status listeners (gw.plugin.admin/1).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/fields.hpp"
#include "plugin/registry.hpp"

namespace gw::plugin {

struct AdminPage {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// false: none of these plugins has a page at this path.
bool admin_page(const std::vector<const Plugin*>& plugins, std::string_view path,
                std::string_view query, AdminPage& out);

// Requests to what plugins mount below k_plugin_mount on the admin side.
constexpr std::string_view k_plugin_mount = "/plugin-api/";
inline bool is_plugin_request(std::string_view path) { return path.starts_with(k_plugin_mount); }
struct AdminRequest {
  std::string_view method, path;
  std::string_view query;  // null data: there is none
  const http::Fields& fields;
  std::string_view body;
};
// false: no plugin serves it.
bool serve_plugin(const std::vector<const Plugin*>& plugins, const AdminRequest& request,
                  AdminPage& out);

}  // namespace gw::plugin
