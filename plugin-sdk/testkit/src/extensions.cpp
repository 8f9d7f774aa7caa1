// SPDX-License-Identifier: Apache-2.0
// The rare surfaces of a plugin, as the gateway uses them: gw.plugin.configure/1 and
// gw.plugin.admin/1.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "world.hpp"

struct gw_page {
  gw::test::admin_answer answer;
};

namespace gw::test {
namespace {

void set_status(gw_page* page, int32_t status) {
  if (status >= 200 && status <= 599) page->answer.status = status;
}
void set_type(gw_page* page, gw_str type) { page->answer.type = to_string(type); }
void write(gw_page* page, gw_str bytes) { page->answer.body += to_string(bytes); }
gw_status add_header(gw_page* page, gw_str name, gw_str value) {
  const std::string field = lower_case(to_string(name)), text = to_string(value);
  if (field.empty() || field.find_first_of(" :\r\n\t") != std::string::npos ||
      text.find_first_of(std::string("\r\n\0", 3)) != std::string::npos)
    return GW_E_BADVALUE;
  for (const char* hosts : {"content-type", "content-length", "connection", "transfer-encoding"})
    if (field == hosts) return GW_E_INVALID;
  page->answer.headers.emplace_back(to_string(name), text);
  return GW_OK;
}
const gw_page_api k_page_api = {sizeof(gw_page_api), 0, set_status, set_type, write, add_header};

// The instances of each plugin, in the order in which they were loaded.
std::vector<std::vector<instance*>> by_plugin(const world& w) {
  std::vector<std::vector<instance*>> out;
  for (const auto& one : w.instances) {
    const auto same = [&](const auto& list) { return &list[0]->given() == &one->given(); };
    auto found = std::find_if(out.begin(), out.end(), same);
    if (found == out.end()) found = out.emplace(out.end());
    found->push_back(one.get());
  }
  return out;
}

void* plugin_of(const world& w, const instance& one) {
  const auto it = w.initialised.find(&one.given());
  return it == w.initialised.end() ? nullptr : it->second;
}

// As the gateway takes it: a zero-filled copy.
template <class Ext>
Ext extension(const instance& one, const char* id) {
  Ext out{};
  const void* given = one.desc().get_ext == nullptr ? nullptr : one.desc().get_ext(id);
  if (given != nullptr)
    std::memcpy(&out, given, std::min<size_t>(*static_cast<const uint32_t*>(given), sizeof out));
  return out;
}

const instance& find(const world& w, const std::string& plugin) {
  for (const auto& one : w.instances)
    if (plugin == one->desc().name) return *one;
  throw std::runtime_error("no entry of the plugin \"" + plugin + "\" is loaded");
}

}  // namespace

void host::configure() {
  for (const auto& list : by_plugin(*world_)) {
    const auto ext = extension<gw_plugin_configure>(*list[0], GW_PLUGIN_CONFIGURE_EXT);
    if (ext.configure == nullptr) continue;
    std::vector<void*> live;
    for (const instance* one : list)
      if (one->raw() != nullptr) live.push_back(one->raw());
    ext.configure(plugin_of(*world_, *list[0]), world_->instances.size(), live.data(),
                  static_cast<uint32_t>(live.size()));
  }
}

admin_answer host::admin(const std::string& plugin, const admin_request& q) {
  const instance& one = find(*world_, plugin);
  const auto ext = extension<gw_plugin_admin>(one, GW_PLUGIN_ADMIN_EXT);
  gw_page page{};
  const auto path = q.target.substr(0, q.target.find('?'));
  const auto query = path.size() < q.target.size() ? q.target.substr(path.size() + 1) : "";
  const gw_str raw_query = path.size() < q.target.size() ? to_str(query) : gw_str{};
  for (uint32_t i = 0; i < ext.npaths; ++i) {
    if (path != ext.paths[i]) continue;
    ext.get(plugin_of(*world_, one), to_str(path), raw_query, &page, &k_page_api);
    return page.answer;
  }
  const std::string mount = "/plugin-api/" + plugin;
  if (ext.serve == nullptr || path.compare(0, mount.size(), mount) != 0 ||
      (path.size() > mount.size() && path[mount.size()] != '/'))
    return {404, "", "", {}};
  if (q.body.size() > GW_ADMIN_BODY_MAX) return {413, "", "", {}};
  std::vector<gw_field> fields;
  for (const auto& [name, value] : q.headers)
    fields.push_back(gw_field{to_str(name), to_str(value), 0, 0});
  const std::string below = path.size() > mount.size() ? path.substr(mount.size()) : "/";
  gw_admin_request given{};
  given.size = sizeof given;
  given.nheaders = static_cast<uint32_t>(fields.size());
  given.method = to_str(q.method);
  given.path = to_str(below);
  given.query = raw_query;
  given.headers = fields.data();
  given.body = to_str(q.body);
  ext.serve(plugin_of(*world_, one), &given, &page, &k_page_api);
  return page.answer;
}

}  // namespace gw::test
