// SPDX-License-Identifier: Apache-2.0
// Generation: all plugin instances and chains of one snapshot, in one worker. Built as a whole
// while the one before goes on; freed when its last request has left.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.hpp"
#include "plugin/chain.hpp"
#include "plugin/consumers.hpp"
#include "plugin/host.hpp"
#include "plugin/registry.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

// One entry of `plugins`, made. `self` is the template that callbacks get (request state is filled
// in per call).
struct Instance {
  const Plugin* plugin = nullptr;
  const config::PluginEntry* entry = nullptr;
  std::unique_ptr<gw_worker> worker;
  bool made = false;     // instance_new was called and succeeded
  bool started = false;  // so was worker_start
  gw_self self{};
};

class Generation {
 public:
  // Checks every plugin entry and credential against the plugins' schemas and makes the instances.
  // Diagnostics hold all errors and warnings; null when there are errors. `before` may be null.
  // Main thread.
  static std::shared_ptr<Generation> build(Registry& registry, Host& host,
                                           std::shared_ptr<const config::Snapshot> snapshot,
                                           std::uint64_t number, Generation* before,
                                           std::vector<config::Diagnostic>& out);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // The plugins that run for a route; route k_none: the global ones (a request that no route
  // matches).
  const Chain& chain(config::Index route) const;
  // The same once the consumer is known. `from`: the rank up to which `current` has run already.
  // Made at first use.
  const Chain& chain_for_consumer(const Chain& current, config::Index route, config::Index consumer,
                                  std::uint16_t from);

  const config::Snapshot& snapshot() const { return *snapshot_; }
  std::uint64_t number() const { return number_; }
  // In the order in which they run.
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }
  // Plugins loaded when it was made: plugin numbers are below it.
  std::size_t plugin_count() const { return plugin_count_; }
  // k_none for null.
  config::Index route_index(const config::Route* route) const;
  // On the worker board; 0 for null.
  std::uint32_t route_name_id(const config::Route* route) const;

 private:
  struct VariantKey {
    const Chain* from_chain;
    config::Index route, consumer;
    std::uint16_t rank;
    auto operator<=>(const VariantKey&) const = default;
  };
  using Picked = std::vector<Instance*>;

  Generation(Host& host, std::shared_ptr<const config::Snapshot> snapshot, std::uint64_t number);
  bool make_instances(Registry& registry, Generation* before, std::vector<config::Diagnostic>& out);
  bool make_instance(const Plugin& plugin, const config::PluginEntry& entry, Generation* before,
                     std::vector<config::Diagnostic>& out);
  bool start_instances(std::vector<config::Diagnostic>& out);
  void order_plugins(const Registry& registry, std::vector<config::Diagnostic>& out);
  void warn_of_early_consumer_scope(std::vector<config::Diagnostic>& out) const;
  void make_chains();
  // The most specific instance of each plugin.
  Picked pick(config::Index route, config::Index consumer) const;
  std::unique_ptr<Chain> make_chain(const Picked& picked) const;
  std::uint16_t rank(Phase phase, const Plugin& plugin) const;

  Host& host_;
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::uint64_t number_;
  std::size_t plugin_count_ = 0;
  Consumers consumers_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::uint16_t> ranks_[k_phases];  // by plugin number
  std::vector<std::uint32_t> route_name_ids_;
  std::vector<bool> consumer_has_entries_;
  std::unique_ptr<Chain> global_chain_;
  std::vector<const Chain*> route_chains_;
  std::map<Picked, std::unique_ptr<Chain>> interned_;
  std::map<VariantKey, const Chain*> variants_;
};

}  // namespace gw::plugin
