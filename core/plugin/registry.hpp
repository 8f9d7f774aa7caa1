// SPDX-License-Identifier: Apache-2.0
// Registry: the plugins that a process has loaded, in the order in which they run. Grows only: a
// plugin's code is never unloaded or replaced; a new build needs a fresh worker.
#pragma once

#include <gatewright/plugin.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"

namespace gw::plugin {

class Host;

struct Collection {
  std::string name;
  std::string key;  // field by which entries are found; empty: none
  config::Schema schema;
};

struct Plugin {
  gw_plugin_desc desc{};  // a zero-filled copy of the host's size
  std::string name;
  std::string version;
  std::string file;
  std::string schema_text;
  config::Schema schema;
  std::vector<Collection> collections;
  void* state = nullptr;      // from plugin_init
  std::uint16_t index = 0;    // in the registry
  std::uint32_t name_id = 0;  // on the worker board

  bool has_extension(const char* id) const {
    return desc.get_ext != nullptr && desc.get_ext(id) != nullptr;
  }
};

class Registry {
 public:
  explicit Registry(Host& host) : host_(host) {}

  // Loads what settings.plugins names ("bundled", names found in plugin_path and the bundled
  // folder, paths) and is not loaded yet. Every problem is a diagnostic. Main thread.
  bool load(const config::Settings& settings, std::vector<config::Diagnostic>& out);

  // Null when no such plugin is loaded.
  const Plugin* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }

  // A plugin that is linked in or was loaded already (tests). The descriptor lives as long as the
  // process.
  Status add(const gw_plugin_desc& desc, const std::string& file);

 private:
  bool load_file(const std::string& path, const std::string& named,
                 std::vector<config::Diagnostic>& out);
  std::string find_file(const config::Settings& settings, const std::string& name) const;

  Host& host_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
};

// Where the bundled plugins are: beside the running binary (../lib/plugins in a build tree), or
// installed.
std::string bundled_folder();

}  // namespace gw::plugin
