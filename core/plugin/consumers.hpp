// SPDX-License-Identifier: Apache-2.0
// Consumers and credentials of one generation, in the form in which plugins see them: immutable,
// found in constant time.
#pragma once

#include <gatewright/plugin.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/snapshot.hpp"
#include "plugin/registry.hpp"

// One credential collection of a plugin.
struct gw_collection {
  std::vector<std::string> json;  // of each entry
  std::vector<std::string> keys;
  std::vector<gw_credential> entries;
  std::unordered_map<std::string_view, std::uint32_t> by_key;
};

namespace gw::plugin {

class Consumers {
 public:
  // Checks every collection against its plugin's schema; errors are diagnostics. Adds the
  // lines of the file that hold a secret.
  void build(const std::vector<const Plugin*>& plugins, const config::Snapshot& snapshot,
             std::vector<config::Diagnostic>& out, std::set<std::uint32_t>& secret_lines);

  const gw_consumer* find(std::string_view id_or_name) const;
  // Whether it is one of these: a plugin may hold another generation's, or make one up.
  bool has(const gw_consumer* consumer) const;
  // Null when no plugin has declared it.
  const gw_collection* collection(std::string_view name) const;

 private:
  void add_consumers(const config::Snapshot& snapshot);
  void add_collection(const Collection& declared, const config::Snapshot& snapshot,
                      std::vector<config::Diagnostic>& out, std::set<std::uint32_t>& secret_lines);

  std::vector<gw_consumer> consumers_;
  std::unordered_map<std::string_view, const gw_consumer*> by_id_, by_username_, by_custom_id_;
  std::map<std::string, std::unique_ptr<gw_collection>, std::less<>> collections_;
};

}  // namespace gw::plugin
