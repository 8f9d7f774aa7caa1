// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "base/text.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "shared/names.hpp"

namespace gw::plugin {

namespace {

bool is_file(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

std::vector<std::string> modules_in(const std::string& folder) {
  std::vector<std::string> out;
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) return out;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(".so")) out.push_back(cat(folder, "/", name));
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

bool is_kebab(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Status read_collections(const gw_plugin_desc& desc, Plugin& plugin) {
  for (std::uint32_t i = 0; i < desc.ncollections; ++i) {
    const gw_collection_desc& given = *desc.collections[i];
    auto schema =
        config::Schema::compile(given.schema != nullptr ? given.schema : "{\"type\":\"object\"}");
    if (!schema.ok()) return Error{cat("schema of ", given.name, ": ", schema.error().text)};
    plugin.collections.push_back(
        {given.name, given.key != nullptr ? given.key : "", std::move(schema).value()});
  }
  return ok_status();
}

void report(std::vector<config::Diagnostic>& out, const std::string& named, std::string message,
            std::string hint = {}) {
  out.push_back({config::Severity::error,
                 {},
                 cat("gateway.plugins[", named, "]"),
                 std::move(message),
                 std::move(hint)});
}

}  // namespace

std::string bundled_folder() {
  char link[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", link, sizeof link);
  const std::string_view self(link, n > 0 ? std::size_t(n) : 0);
  const std::string folder(self.substr(0, self.rfind('/')));
  // A build tree has build/core/gatewright and build/lib/plugins.
  const std::string in_build = cat(folder, "/../lib/plugins");
  if (::access(in_build.c_str(), R_OK | X_OK) == 0) return in_build;
  return cat(folder, "/../", GATEWRIGHT_PLUGIN_INSTALL_DIR);
}

Status Registry::add(const gw_plugin_desc& given, const std::string& file) {
  auto plugin = std::make_unique<Plugin>();
  // Shorter: an older plugin, the rest is zero. Longer: a newer one, whose tail it does not
  // require.
  std::memcpy(&plugin->desc, &given, std::min<std::size_t>(given.size, sizeof plugin->desc));
  plugin->desc.size = sizeof plugin->desc;
  const gw_plugin_desc& desc = plugin->desc;
  if (desc.name == nullptr || !is_kebab(desc.name))
    return Error{"a plugin's name is not kebab-case"};
  if (find(desc.name) != nullptr)
    return Error{cat("plugin \"", desc.name, "\" is loaded already from ", find(desc.name)->file)};
  if (desc.req_state_align > 16) return Error{"req_state_align is above 16"};
  plugin->name = desc.name;
  plugin->version = desc.version != nullptr ? desc.version : "";
  plugin->file = file;
  plugin->schema_text = desc.schema != nullptr ? desc.schema : "{\"type\":\"object\"}";
  auto schema = config::Schema::compile(plugin->schema_text);
  if (!schema.ok()) return Error{cat("schema of ", plugin->name, ": ", schema.error().text)};
  plugin->schema = std::move(schema).value();
  if (auto read = read_collections(desc, *plugin); !read.ok()) return read;
  plugin->index = std::uint16_t(plugins_.size());
  plugin->name_id = host_.environment().region.names().intern(plugin->name);
  if (desc.plugin_init != nullptr) {
    gw_error error{};
    error.size = sizeof error;
    if (desc.plugin_init(&host_.abi(), &plugin->state, &error) != GW_OK)
      return Error{cat("plugin ", plugin->name, " cannot start: ", error.msg)};
  }
  plugins_.push_back(std::move(plugin));
  return ok_status();
}

bool Registry::load_file(const std::string& path, const std::string& named,
                         std::vector<config::Diagnostic>& out) {
  const auto same = [&](const auto& plugin) { return plugin->file == path; };
  if (std::any_of(plugins_.begin(), plugins_.end(), same)) return true;
  auto module = load_module(path, host_.abi());
  if (!module.ok()) return report(out, named, module.error().text), false;
  bool all = true;
  for (std::uint32_t i = 0; i < module.value()->n; ++i) {
    if (auto added = add(*module.value()->plugins[i], path); !added.ok()) {
      report(out, named, cat(path, ": ", added.error().text));
      all = false;
    }
  }
  return all;
}

std::string Registry::find_file(const config::Settings& settings, const std::string& name) const {
  if (name.find('/') != std::string::npos) return is_file(name) ? name : "";
  for (const auto& folder : settings.plugin_path)
    if (const auto path = cat(folder, "/", name, ".so"); is_file(path)) return path;
  const auto path = cat(bundled_folder(), "/", name, ".so");
  return is_file(path) ? path : "";
}

bool Registry::load(const config::Settings& settings, std::vector<config::Diagnostic>& out) {
  bool all = true;
  for (const auto& name : settings.plugins) {
    if (name == "off") continue;
    if (name == "bundled") {
      for (const auto& path : modules_in(bundled_folder())) all = load_file(path, name, out) && all;
      continue;
    }
    const std::string path = find_file(settings, name);
    if (!path.empty()) {
      all = load_file(path, name, out) && all;
      continue;
    }
    std::vector<std::string> names;
    for (const auto& file : modules_in(bundled_folder()))
      names.push_back(file.substr(file.rfind('/') + 1, file.size() - file.rfind('/') - 4));
    const auto near = closest(name, {names.begin(), names.end()});
    report(out, name, cat("no file ", name, ".so in plugin_path or ", bundled_folder()),
           near.empty() ? "" : cat("did you mean \"", near, "\"?"));
    all = false;
  }
  return all;
}

const Plugin* Registry::find(std::string_view name) const {
  for (const auto& plugin : plugins_)
    if (plugin->name == name) return plugin.get();
  return nullptr;
}

}  // namespace gw::plugin
