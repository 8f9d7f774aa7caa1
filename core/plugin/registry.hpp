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
  void* state = nullptr;    // from plugin_init
  std::uint16_t index = 0;  // in the registry, for records of who was running
};

class Registry {
 public:
  explicit Registry(const gw_host& host) : host_(host) {}

  // Loads what settings.plugins names ("bundled", names found in plugin_path and the bundled
  // folder, paths) and is not loaded yet. Every problem is a diagnostic. Main thread.
  bool load(const config::Settings& settings, std::vector<config::Diagnostic>& out);

  // Null when no such plugin is loaded.
  const Plugin* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }

 private:
  const gw_host& host_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
};

// Where the bundled plugins are: beside the running binary (../lib/plugins in a build tree), or
// installed.
std::string bundled_folder();

}  // namespace gw::plugin
