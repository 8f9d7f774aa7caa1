// SPDX-License-Identifier: Apache-2.0
// What the admin and status listeners show: taken anew for each request from the worker that
// happened to accept it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "config/snapshot.hpp"
#include "plugin/generation.hpp"
#include "shared/region.hpp"
#include "upstream/balancer.hpp"

namespace gw::admin {

struct State {
  std::shared_ptr<const config::Snapshot> snapshot;  // null before the first configuration
  std::shared_ptr<plugin::Generation> generation;
  shared::Region* region = nullptr;
  std::vector<upstream::Balancer*> balancers{};  // of this worker, as the snapshot's upstreams
  const net::Resolver* resolver = nullptr;       // of this worker
  bool draining = false;
  std::uint64_t number = 0;  // of the configuration
};

using StateSource = std::function<State()>;

}  // namespace gw::admin
