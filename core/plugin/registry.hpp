// SPDX-License-Identifier: Apache-2.0
// Registry: the plugins that a process has loaded, in the order in which they run. Grows only: a
// plugin's code is never unloaded or replaced; a new build needs a fresh worker.
#pragma once

#include <gatewright/plugin.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"

struct gw_plugin_balancer;

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
  const gw_plugin_balancer* balancer = nullptr;  // gw.plugin.balancer/1; null: it is none
  void* state = nullptr;                         // from plugin_init
  std::uint16_t index = 0;                       // in the registry
  std::uint32_t name_id = 0;                     // on the worker board

  // One of its rare surfaces, as a zero-filled copy of the host's size; empty: it has none.
  template <class Ext>
  std::optional<Ext> extension(const char* id) const {
    const void* given = desc.get_ext != nullptr ? desc.get_ext(id) : nullptr;
    if (given == nullptr) return {};
    Ext out{};
    std::memcpy(&out, given,
                std::min(sizeof out, std::size_t(*static_cast<const std::uint32_t*>(given))));
    return out;
  }
};

class Registry {
 public:
  explicit Registry(Host& host) : host_(host) {}
  // Generations that still wait for jobs end first.
  ~Registry();

  // Loads what settings.plugins names ("bundled", names found in plugin_path and the bundled
  // folder, paths) and is not loaded yet. Every problem is a diagnostic. Main thread.
  bool load(const config::Settings& settings, std::vector<config::Diagnostic>& out);

  // Null when no such plugin is loaded.
  const Plugin* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }
  // Of those that are loaded the ones that these settings name, and those that are linked in: what
  // a configuration may use. In the order in which they were loaded.
  std::vector<const Plugin*> listed(const config::Settings& settings) const;

  // A plugin whose code is here already. `file`: the one that it came from; empty: it is linked in.
  // The descriptor's texts and lists live as long as the process. Refused when the descriptor is
  // malformed (null too), its name is taken, or it does not want to start.
  Status add(const gw_plugin_desc* desc, const std::string& file);

 private:
  Status load_file(const std::string& path);
  Status load_plugins(const std::string& path);
  std::string find_file(const config::Settings& settings, const std::string& name) const;
  // The files that one item of `gateway.plugins` stands for.
  std::vector<std::string> files_of(const config::Settings& settings,
                                    const std::string& item) const;

  Host& host_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
  std::map<std::string, Status> files_;  // what came of each: its code is run once
};

// Where the bundled plugins are: beside the running binary (../lib/plugins in a build tree), or
// installed.
std::string bundled_folder();

}  // namespace gw::plugin
