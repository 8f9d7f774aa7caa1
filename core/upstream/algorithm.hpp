// SPDX-License-Identifier: Apache-2.0
// Algorithm: the order in which peers are chosen. One object for each balancer; one file for each
// algorithm. A pick costs the same with 10 and 1,000 peers while they are up.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "config/balancing.hpp"
#include "upstream/peer.hpp"

namespace gw::upstream {

// What an attempt asks for.
struct Choice {
  std::span<Peer* const> tried;  // by the request's attempts before
  std::uint64_t hash = 0;        // of what the upstream hashes on
  std::uint64_t now_ms = 0;
  std::uint64_t slow_start = 0;   // ms; 0: peers that have come back get their share at once
  std::uint32_t most_active = 0;  // attempts at once with one peer; 0: no limit
  bool again = false;             // peers that were tried may be taken again

  bool may_take(const Peer& peer) const;
};

class Algorithm {
 public:
  virtual ~Algorithm() = default;
  // The peers have changed, or which of them are up. They live until the next call.
  virtual void set_peers(std::span<Peer* const> peers) = 0;
  // One that is up and that the choice may take; null: there is none.
  virtual Peer* pick(const Choice& choice) = 0;
  // Its `active` has changed.
  virtual void on_active(Peer&) {}
  // It has answered.
  virtual void on_answer(Peer&, std::uint64_t /*ns*/, std::uint64_t /*now_ms*/) {}
};

// `seed`: workers are not to begin with the same peer.
std::unique_ptr<Algorithm> make_round_robin(std::uint64_t seed);
std::unique_ptr<Algorithm> make_least_connections();
std::unique_ptr<Algorithm> make_latency();
// `slots`: least number of points on the ring.
std::unique_ptr<Algorithm> make_hash_ring(std::uint32_t slots);
// The same in all workers, gateways and builds.
std::uint64_t ring_hash(std::string_view text);

}  // namespace gw::upstream
