// SPDX-License-Identifier: Apache-2.0
// Generation: all plugin instances and chains of one snapshot, in one worker. Built as a whole
// while the one before goes on; freed when its last request has left.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.hpp"
#include "plugin/chain.hpp"
#include "plugin/registry.hpp"

namespace gw::plugin {

struct WorkerEnvironment;  // worker_environment.hpp: loop, shared region, http caller

// One entry of `plugins`, made. `self` is the template that callbacks get (request state is filled
// in per call).
struct Instance {
  const Plugin* plugin = nullptr;
  const config::PluginEntry* entry = nullptr;
  gw_self self{};
};

class Generation {
 public:
  // Checks every plugin entry and credential against the plugins' schemas and makes the instances.
  // Diagnostics hold all errors and warnings; null when there are errors. `before` may be null.
  // Main thread.
  static std::shared_ptr<Generation> build(Registry& registry, WorkerEnvironment& worker,
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

  const config::Snapshot& snapshot() const;
  std::uint64_t number() const;
  // In the order in which they run.
  const std::vector<std::unique_ptr<Instance>>& instances() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  Generation();
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::plugin
