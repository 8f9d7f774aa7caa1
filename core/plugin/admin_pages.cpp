// SPDX-License-Identifier: Apache-2.0
#include "plugin/admin_pages.hpp"

#include <algorithm>

#include "http/header_names.hpp"
#include "http/writer.hpp"
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

gw_status add_header(gw_page* page, gw_str name, gw_str value) noexcept {
  const std::string_view field = from_abi(name), text = from_abi(value);
  if (!http::is_token(field) || !http::is_field_value(text)) return GW_E_BADVALUE;
  const auto id = http::find_header(field);
  if (http::is_connection_field(id) || id == http::HeaderId::content_type) return GW_E_INVALID;
  page->page.headers.emplace_back(field, text);
  return GW_OK;
}

constexpr gw_page_api k_page_api{sizeof(gw_page_api), 0, set_status, set_type, write, add_header};

bool has_path(const gw_plugin_admin& pages, std::string_view path) {
  if (pages.get == nullptr || pages.paths == nullptr) return false;
  for (std::uint32_t i = 0; i < pages.npaths; ++i)
    if (pages.paths[i] != nullptr && path == pages.paths[i]) return true;
  return false;
}

}  // namespace

bool admin_page(const std::vector<const Plugin*>& plugins, std::string_view path,
                std::string_view query, AdminPage& out) {
  for (const Plugin* plugin : plugins) {
    const auto pages = plugin->extension<gw_plugin_admin>(GW_PLUGIN_ADMIN_EXT);
    if (!pages || !has_path(*pages, path)) continue;
    gw_page page{out};
    const Breadcrumb crumb(*Host::current(), *plugin, shared::Where::admin);
    pages->get(plugin->state, to_abi(path), to_abi(query), &page, &k_page_api);
    return true;
  }
  return false;
}

bool serve_plugin(const std::vector<const Plugin*>& plugins, const AdminRequest& request,
                  AdminPage& out) {
  if (!is_plugin_request(request.path)) return false;
  std::string_view path = request.path.substr(k_plugin_mount.size());
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(name.size());
  const auto found = std::find_if(plugins.begin(), plugins.end(),
                                  [&](const Plugin* plugin) { return plugin->name == name; });
  if (found == plugins.end()) return false;
  const auto mounts = (*found)->extension<gw_plugin_admin>(GW_PLUGIN_ADMIN_EXT);
  if (!mounts || mounts->serve == nullptr) return false;
  std::vector<gw_field> headers;
  for (const http::Field& field : request.fields)
    if (!field.removed())
      headers.push_back({to_abi(field.name()), to_abi(field.value()), std::uint32_t(field.id), 0});
  gw_admin_request given{};
  given.size = sizeof given;
  given.nheaders = std::uint32_t(headers.size());
  given.method = to_abi(request.method);
  given.path = to_abi(path.empty() ? "/" : path);
  given.query = to_abi(request.query);
  given.headers = headers.data();
  given.body = to_abi(request.body);
  gw_page page{out};
  const Breadcrumb crumb(*Host::current(), **found, shared::Where::admin);
  mounts->serve((*found)->state, &given, &page, &k_page_api);
  return true;
}

}  // namespace gw::plugin
