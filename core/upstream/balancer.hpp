// SPDX-License-Identifier: Apache-2.0
// Balancer: which target of an upstream the next attempt goes to: weighted round robin over a
// sequence that is made once, so a pick costs the same with 10 and 1,000 targets. One for each
// upstream (or service host) in each worker's configuration; the entities must outlive it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/entities.hpp"

namespace gw::upstream {

struct Target {
  std::string_view host;  // name or address
  std::uint16_t port = 0;
  std::uint32_t weight = 0;
};

class Balancer {
 public:
  // Spread so that a target of weight w comes w times in a round, evenly. `seed` chooses where the
  // first round begins, so that workers do not all begin with the same target.
  Balancer(std::vector<Target> targets, std::uint64_t seed);

  static constexpr std::uint32_t k_no_target = 0xFFFFFFFF;
  // The next one that is not in `tried` (indices); one that is if all are; k_no_target when no
  // target has a weight.
  std::uint32_t pick(const std::vector<std::uint32_t>& tried);
  const Target& target(std::uint32_t index) const { return targets_[index]; }
  const std::vector<Target>& targets() const { return targets_; }

 private:
  std::vector<Target> targets_;
  std::vector<std::uint32_t> sequence_;
  std::size_t next_ = 0;
};

}  // namespace gw::upstream
