// SPDX-License-Identifier: Apache-2.0
// Generation: all plugin instances and chains of one snapshot, in one worker. Built as a whole
// while the one before goes on; freed when its last request has left.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/snapshot.hpp"
#include "plugin/chain.hpp"
#include "plugin/consumers.hpp"
#include "plugin/host.hpp"
#include "plugin/phase_order.hpp"
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
  // Once it is not used any more. It ends at once, or when the jobs of its plugins have.
  static void retire(Generation* generation);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // The plugins that run for a route; route k_none: the global ones (a request that no route
  // matches).
  const Chain& chain(config::Index route) const;
  // The same once the consumer is known (k_none: there is none any more). `from`: the rank up to
  // which `current` has run already in the phase `request`, -1: not at all. Up to there the two
  // chains are alike. Made at first use.
  const Chain& chain_for_consumer(const Chain& current, config::Index route, config::Index consumer,
                                  std::int32_t from);

  const config::Snapshot& snapshot() const { return *snapshot_; }
  std::uint64_t number() const { return number_; }
  // In the order in which they run.
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }
  // What its configuration may use, whatever else the process has loaded.
  const std::vector<const Plugin*>& plugins() const { return plugins_; }
  // Plugin numbers are below it.
  std::size_t plugin_count() const { return plugin_count_; }
  const Consumers& consumers() const { return consumers_; }
  bool has_jobs() const;
  // It begins to serve: tells plugins that want to know all their instances
  // (gw.plugin.configure/1).
  void announce() const;
  // k_none for null.
  config::Index route_index(const config::Route* route) const {
    return route == nullptr ? config::k_none
                            : config::Index(route - snapshot_->entities.routes.data());
  }
  // On the worker board; 0 for null.
  std::uint32_t route_name_id(const config::Route* route) const {
    return route == nullptr ? 0 : route_name_ids_[route_index(route)];
  }

 private:
  // The instances of one plugin, by scope.
  struct Scoped {
    config::Index route, service, consumer;
    Instance* instance;
    friend bool operator<(const Scoped& a, const Scoped& b) {
      return std::tie(a.route, a.service, a.consumer) < std::tie(b.route, b.service, b.consumer);
    }
  };
  struct Scopes {
    std::vector<Scoped> all;  // sorted
    std::uint16_t used = 0;   // bit n: some have the kind of scope n (chains.cpp)
  };
  struct VariantKey {
    const Chain* from_chain;
    config::Index route, consumer;
    std::int32_t rank;
    bool operator==(const VariantKey&) const = default;
  };
  struct VariantHash {
    std::size_t operator()(const VariantKey& key) const;
  };
  // Chains are the same when their instances are.
  struct ChainHash {
    using is_transparent = void;
    std::size_t operator()(std::span<Instance* const> picked) const;
    std::size_t operator()(const std::unique_ptr<Chain>& chain) const;
  };
  struct ChainEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::ranges::equal(of(a), of(b));
    }
    static std::span<Instance* const> of(std::span<Instance* const> picked) { return picked; }
    static std::span<Instance* const> of(const std::unique_ptr<Chain>& chain) {
      return chain->instances();
    }
  };
  using Picked = std::vector<Instance*>;
  using Previous = std::unordered_map<std::string_view, const Instance*>;  // by entry id

  Generation(Host& host, std::shared_ptr<const config::Snapshot> snapshot, std::uint64_t number);
  bool make(Registry& registry, Generation* before, std::vector<config::Diagnostic>& out);
  const Plugin* find_plugin(std::string_view name) const;
  bool make_instances(const Generation* before, std::vector<config::Diagnostic>& out);
  bool make_instance(const Plugin& plugin, const config::PluginEntry& entry, const Previous& before,
                     std::vector<config::Diagnostic>& out);
  bool start_instances(std::vector<config::Diagnostic>& out);
  void warn_of_early_consumer_scope(std::vector<config::Diagnostic>& out) const;
  void index_scopes();
  void make_chains();
  // The most specific instance of each plugin, in running order, into `out`.
  void pick(config::Index route, config::Index consumer, Picked& out) const;
  const Chain* intern(const Picked& picked);
  std::uint16_t rank(Phase phase, const Plugin& plugin) const { return order_.rank(phase, plugin); }

  Host& host_;
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::uint64_t number_;
  std::size_t plugin_count_ = 0;
  std::vector<const Plugin*> plugins_;
  Consumers consumers_;
  std::set<std::uint32_t> secret_lines_;  // of the file
  PhaseOrder order_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<Scopes> scopes_;  // of the plugins that have instances, in running order
  std::vector<std::uint32_t> route_name_ids_;
  std::vector<bool> consumer_has_entries_;
  std::unordered_set<std::unique_ptr<Chain>, ChainHash, ChainEqual> chains_;
  const Chain* global_chain_ = nullptr;
  std::vector<const Chain*> route_chains_;
  std::unordered_map<VariantKey, const Chain*, VariantHash> variants_;
};

}  // namespace gw::plugin
