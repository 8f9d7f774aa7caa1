// SPDX-License-Identifier: Apache-2.0
// OfflineWorker: the plugin layer of a worker that serves nobody: for commands that load plugins
// and look at them.
#pragma once

#include <memory>

#include "net/loop.hpp"
#include "net/mailbox.hpp"
#include "plugin/host.hpp"
#include "plugin/registry.hpp"
#include "shared/region.hpp"

namespace gw::plugin {

class OfflineWorker {
 public:
  static constexpr std::size_t k_usual_bytes = 64 * shared::Region::k_min_bytes;
  // With so much shared memory; the error says why there is none.
  static Result<std::unique_ptr<OfflineWorker>> make(std::size_t bytes = k_usual_bytes) {
    auto region = shared::Region::create(bytes, 1);
    if (!region.ok()) return region.error();
    return std::unique_ptr<OfflineWorker>(new OfflineWorker(std::move(region).value()));
  }
  OfflineWorker(const OfflineWorker&) = delete;
  OfflineWorker& operator=(const OfflineWorker&) = delete;

  net::Loop loop;
  const std::unique_ptr<shared::Region> region;

 private:
  explicit OfflineWorker(std::unique_ptr<shared::Region> r) : region(std::move(r)) {}
  net::Mailbox mailbox_{loop};
  WorkerEnvironment environment_{loop, mailbox_, *region, 0, 1, nullptr};

 public:
  Host host{environment_};
  Registry registry{host};
};

}  // namespace gw::plugin
