// SPDX-License-Identifier: Apache-2.0
#include "plugin/admin_pages.hpp"

#include "http/header_names.hpp"
#include "plugin/host.hpp"

// What plugins write to.
struct gw_page {
  gw::plugin::AdminPage& page;
};

namespace gw::plugin {

namespace {

void set_status(gw_page* page, std::int32_t status) noexcept {
  if (status >= 200 && status <= 599) page->page.status = status;
}

void set_type(gw_page* page, gw_str type) noexcept {
  if (http::is_field_value(from_abi(type))) page->page.type = from_abi(type);
}

void write(gw_page* page, gw_str bytes) noexcept { page->page.body.append(from_abi(bytes)); }

constexpr gw_page_api k_page_api{sizeof(gw_page_api), 0, set_status, set_type, write};

}  // namespace

bool admin_page(const Registry& registry, std::string_view path, std::string_view query,
                AdminPage& out) {
  for (const auto& plugin : registry.plugins()) {
    if (!plugin->has_extension(GW_PLUGIN_ADMIN_EXT)) continue;
    const auto& admin =
        *static_cast<const gw_plugin_admin*>(plugin->desc.get_ext(GW_PLUGIN_ADMIN_EXT));
    for (std::uint32_t i = 0; i < admin.npaths; ++i) {
      if (path != admin.paths[i] || admin.get == nullptr) continue;
      gw_page page{out};
      admin.get(plugin->state, to_abi(path), to_abi(query), &page, &k_page_api);
      return true;
    }
  }
  return false;
}

}  // namespace gw::plugin
