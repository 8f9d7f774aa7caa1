// SPDX-License-Identifier: Apache-2.0
#include "plugin/admin_pages.hpp"

#include "http/header_names.hpp"
#include "plugin/breadcrumb.hpp"
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

// What the plugin mounts; null when it mounts nothing, or something malformed.
const gw_plugin_admin* pages_of(const Plugin& plugin) {
  constexpr std::uint32_t k_least = offsetof(gw_plugin_admin, get) + sizeof(gw_plugin_admin::get);
  if (!plugin.has_extension(GW_PLUGIN_ADMIN_EXT)) return nullptr;
  const auto* pages = static_cast<const gw_plugin_admin*>(plugin.desc.get_ext(GW_PLUGIN_ADMIN_EXT));
  const bool usable = pages->size >= k_least && pages->get != nullptr && pages->paths != nullptr;
  return usable ? pages : nullptr;
}

bool has_path(const gw_plugin_admin& pages, std::string_view path) {
  for (std::uint32_t i = 0; i < pages.npaths; ++i)
    if (pages.paths[i] != nullptr && path == pages.paths[i]) return true;
  return false;
}

}  // namespace

bool admin_page(const std::vector<const Plugin*>& plugins, std::string_view path,
                std::string_view query, AdminPage& out) {
  for (const Plugin* plugin : plugins) {
    const gw_plugin_admin* pages = pages_of(*plugin);
    if (pages == nullptr || !has_path(*pages, path)) continue;
    gw_page page{out};
    const Breadcrumb crumb(*Host::current(), *plugin, shared::Where::admin);
    pages->get(plugin->state, to_abi(path), to_abi(query), &page, &k_page_api);
    return true;
  }
  return false;
}

}  // namespace gw::plugin
