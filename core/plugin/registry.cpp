// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <gatewright/checking.hpp>
#include <set>

#include "base/text.hpp"
#include "plugin/balancing.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "shared/names.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint64_t k_last_wait = 1000;  // ms; who can wait longer has done so before

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

// REQUIRES: a checked descriptor.
Status read_schemas(const gw_plugin_desc& desc, Plugin& plugin) {
  constexpr const char* k_any_object = "{\"type\":\"object\"}";
  plugin.schema_text = desc.schema != nullptr ? desc.schema : k_any_object;
  auto schema = config::Schema::compile(plugin.schema_text);
  if (!schema.ok()) return Error{cat("schema of ", plugin.name, ": ", schema.error().text)};
  plugin.schema = std::move(schema).value();
  for (std::uint32_t i = 0; i < desc.ncollections; ++i) {
    const gw_collection_desc& given = *desc.collections[i];
    auto fields = config::Schema::compile(given.schema != nullptr ? given.schema : k_any_object);
    if (!fields.ok()) return Error{cat("schema of ", given.name, ": ", fields.error().text)};
    plugin.collections.push_back(
        {given.name, given.key != nullptr ? given.key : "", std::move(fields).value()});
  }
  return ok_status();
}

// Each plugin and each collection has one owner.
Status check_taken(const std::vector<std::unique_ptr<Plugin>>& loaded, const Plugin& plugin) {
  for (const auto& other : loaded) {
    if (other->name == plugin.name)
      return Error{cat("plugin \"", plugin.name, "\" is loaded already from ", other->file)};
    for (const auto& theirs : other->collections)
      for (const auto& own : plugin.collections)
        if (theirs.name == own.name)
          return Error{cat("plugin \"", plugin.name, "\" owns the collection ", own.name,
                           ", which belongs to ", other->name, " already")};
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

bool is_path(std::string_view item) { return item.find('/') != item.npos; }

void report_missing(const std::string& name, std::vector<config::Diagnostic>& out) {
  if (is_path(name)) return report(out, name, cat("there is no file ", name));
  if (name.ends_with(".so"))
    return report(out, name, "is no plugin's name", cat("write ./", name, " if a file is meant"));
  std::vector<std::string> names;
  for (const auto& file : modules_in(bundled_folder()))
    names.push_back(file.substr(file.rfind('/') + 1, file.size() - file.rfind('/') - 4));
  const auto near = closest(name, {names.begin(), names.end()});
  report(out, name, cat("no file ", name, ".so in plugin_path or ", bundled_folder()),
         near.empty() ? "" : cat("did you mean \"", near, "\"?"));
}

}  // namespace

std::string bundled_folder() {
  char link[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", link, sizeof link);
  const std::string_view self(link, n > 0 ? std::size_t(n) : 0);
  const std::string_view folder = self.substr(0, self.rfind('/'));
  const std::string_view above = folder.substr(0, folder.rfind('/'));
  // A build tree has build/core/gatewright and build/lib/plugins.
  const std::string in_build = cat(above, "/lib/plugins");
  if (::access(in_build.c_str(), R_OK | X_OK) == 0) return in_build;
  return cat(above, "/", GATEWRIGHT_PLUGIN_INSTALL_DIR);
}

Registry::~Registry() { host_.end_waiting(k_last_wait); }

Status Registry::add(const gw_plugin_desc* given, const std::string& file) {
  auto desc = copy_descriptor(given);
  if (!desc.ok()) return desc.error();
  auto plugin = std::make_unique<Plugin>();
  plugin->desc = host_.checks_plugins() ? checking::wrap(desc.value(), given) : desc.value();
  plugin->name = plugin->desc.name;
  plugin->balancer = balancer_of(plugin->desc);
  plugin->version = plugin->desc.version != nullptr ? plugin->desc.version : "";
  plugin->file = file;
  if (auto read = read_schemas(plugin->desc, *plugin); !read.ok()) return read;
  if (auto free = check_taken(plugins_, *plugin); !free.ok()) return free;
  plugin->index = std::uint16_t(plugins_.size());
  plugin->name_id = host_.environment().region.names().intern(plugin->name);
  if (plugin->desc.plugin_init != nullptr) {
    gw_error error{};
    error.size = sizeof error;
    const Breadcrumb crumb(host_, *plugin, shared::Where::load);
    if (plugin->desc.plugin_init(&host_.abi(), &plugin->state, &error) != GW_OK)
      return Error{cat("plugin ", plugin->name, " cannot start: ", text_of(error))};
  }
  plugins_.push_back(std::move(plugin));
  return ok_status();
}

Status Registry::load_file(const std::string& path) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second;
  // A file that does not fit has run none of its code: another one may take its place.
  if (auto fit = check_file(path); !fit.ok()) return fit.error();
  return files_.emplace(path, load_plugins(path)).first->second;
}

Status Registry::load_plugins(const std::string& path) {
  auto module = load_module(path, host_.abi());
  if (!module.ok()) return module.error();
  for (std::uint32_t i = 0; i < module.value()->n; ++i)
    if (auto added = add(module.value()->plugins[i], path); !added.ok())
      return Error{cat(path, ": ", added.error().text)};
  return ok_status();
}

std::string Registry::find_file(const config::Settings& settings, const std::string& name) const {
  if (is_path(name)) return is_file(name) ? name : "";
  for (const auto& folder : settings.plugin_path)
    if (const auto path = cat(folder, "/", name, ".so"); is_file(path)) return path;
  const auto path = cat(bundled_folder(), "/", name, ".so");
  return is_file(path) ? path : "";
}

std::vector<std::string> Registry::files_of(const config::Settings& settings,
                                            const std::string& item) const {
  if (item == "off") return {};
  if (item == "bundled") return modules_in(bundled_folder());
  return {find_file(settings, item)};
}

bool Registry::load(const config::Settings& settings, std::vector<config::Diagnostic>& out) {
  bool all = true;
  for (const auto& item : settings.plugins) {
    for (const auto& path : files_of(settings, item)) {
      if (path.empty()) {
        report_missing(item, out);
        all = false;
        continue;
      }
      const Status loaded = load_file(path);
      if (loaded.ok()) continue;
      report(out, item, loaded.error().text);
      all = false;
    }
  }
  return all;
}

std::vector<const Plugin*> Registry::listed(const config::Settings& settings) const {
  std::set<std::string> files{""};
  for (const auto& item : settings.plugins)
    for (auto& path : files_of(settings, item)) files.insert(std::move(path));
  std::vector<const Plugin*> out;
  for (const auto& plugin : plugins_)
    if (files.count(plugin->file) > 0) out.push_back(plugin.get());
  return out;
}

const Plugin* Registry::find(std::string_view name) const {
  for (const auto& plugin : plugins_)
    if (plugin->name == name) return plugin.get();
  return nullptr;
}

}  // namespace gw::plugin
