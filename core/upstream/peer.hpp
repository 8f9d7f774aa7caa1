// SPDX-License-Identifier: Apache-2.0
// Peer: one place that a target stands for, as a worker balances over it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/address.hpp"
#include "shared/health_table.hpp"

namespace gw::upstream {

struct Target {
  std::string_view host;  // name or address
  std::uint16_t port = 0;
  std::uint32_t weight = 0;
};

struct Peer {
  const Target* target = nullptr;
  std::uint32_t target_index = 0;
  net::Address address;
  std::optional<net::Address> alternative;  // of the other family, to the same place
  std::string srv_name;                     // of the SRV record that it is from; else empty
  std::uint32_t weight = 0;
  std::string name;  // "10.0.0.1:80": what hashing knows it by
  std::uint64_t key = 0;
  shared::HealthCell* health = nullptr;  // null: nobody watches it

  bool up = true;                // as last seen
  std::uint64_t ramp_until = 0;  // ms; it gets its full share from then on (slow start)
  std::uint32_t index = 0;       // among the balancer's peers
  std::uint32_t active = 0;      // attempts of this worker that are under way
  std::uint32_t held = 0;        // exchanges that may still name it
  double latency_ms = 0;         // mean of its answers, old ones less (algorithm latency)
  std::uint64_t latency_at = 0;  // ms; 0: none yet
  bool by_alternative = false;   // the way that was there first when it was last connected to

  // The way to be tried first, and the one beside it; null: there is none.
  const net::Address& way() const { return by_alternative ? *alternative : address; }
  const net::Address* other_way() const {
    if (!alternative) return nullptr;
    return by_alternative ? &address : &*alternative;
  }
  void note_way(const net::Address& used) { by_alternative = alternative && used == *alternative; }
};

// Of its cell in the health table; not 0.
std::uint64_t health_key(std::string_view upstream_id, const Target& target,
                         std::string_view address);

}  // namespace gw::upstream
