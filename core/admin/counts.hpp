// SPDX-License-Identifier: Apache-2.0
// What all workers have counted, summed from the worker board.
#pragma once

#include <cstdint>

#include "shared/worker_board.hpp"

namespace gw::admin {

struct Counts {
  std::int64_t connections = 0;  // open now, and of them by what they do
  std::int64_t reading = 0;
  std::int64_t writing = 0;
  std::int64_t waiting = 0;
  std::int64_t accepted = 0;  // ever
  std::int64_t requests = 0;  // ever
  std::int64_t tunnels = 0;   // open now
  std::int64_t tunnels_opened = 0;
};

inline Counts count(const shared::WorkerBoard& board) {
  Counts sum;
  for (const auto& slot : board.slots()) {
    sum.connections += slot.connections_active.get();
    sum.reading += slot.reading.get();
    sum.writing += slot.writing.get();
    sum.waiting += slot.waiting.get();
    sum.accepted += slot.connections_accepted.get();
    sum.requests += slot.requests.get();
    sum.tunnels += slot.tunnels.get();
    sum.tunnels_opened += slot.tunnels_opened.get();
  }
  return sum;
}

}  // namespace gw::admin
