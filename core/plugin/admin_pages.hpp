// SPDX-License-Identifier: Apache-2.0
// Pages that plugins mount on the admin and status listeners (gw.plugin.admin/1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/registry.hpp"

namespace gw::plugin {

struct AdminPage {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// false: none of these plugins has a page at this path.
bool admin_page(const std::vector<const Plugin*>& plugins, std::string_view path,
                std::string_view query, AdminPage& out);

}  // namespace gw::plugin
