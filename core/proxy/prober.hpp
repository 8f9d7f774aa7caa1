// SPDX-License-Identifier: Apache-2.0
// Prober: asks the targets of upstreams with active health checks how they are. Workers share the
// work without an election: each address has a time in the shared health table at which it is to be
// probed next, and whoever moves that time on first makes the probe. One for each worker.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/runtime.hpp"

namespace gw::proxy {

class Prober {
 public:
  Prober(net::Loop& loop, http::WriteBuffer& buffer);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // Probes what this configuration wants, and nothing else any more; null: nothing. Probes under
  // way are broken off.
  void watch(std::shared_ptr<Runtime> runtime);

 private:
  class Probe;
  class Rounds;
  net::Loop& loop_;
  http::WriteBuffer& buffer_;
  std::vector<std::unique_ptr<Rounds>> rounds_;  // of each upstream
  std::unique_ptr<Probe> ended_;                 // the last one: it may still be on the stack
};

}  // namespace gw::proxy
