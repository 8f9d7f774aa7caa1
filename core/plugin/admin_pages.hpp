// SPDX-License-Identifier: Apache-2.0
// Pages that plugins mount on the admin and status listeners (gw.plugin.admin/1).
#pragma once

#include <string>
#include <string_view>

#include "plugin/registry.hpp"

namespace gw::plugin {

struct AdminPage {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// false: no plugin has a page at this path.
bool admin_page(const Registry& registry, std::string_view path, std::string_view query,
                AdminPage& out);

}  // namespace gw::plugin
