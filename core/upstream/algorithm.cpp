// SPDX-License-Identifier: Apache-2.0
#include "upstream/algorithm.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace gw::upstream {

namespace {

// A peer that has just come back is chosen so often at least, in parts of 1024.
constexpr std::uint64_t k_least_share = 64;

bool passes_ramp(const Peer& peer, std::uint64_t now_ms, std::uint64_t slow_start) {
  const std::uint64_t left = std::min(peer.ramp_until - now_ms, slow_start);
  const std::uint64_t share = 1024 * (slow_start - left) / slow_start;
  return thread_random().next() % 1024 < std::max(share, k_least_share);
}

}  // namespace

bool Choice::may_take(const Peer& peer) const {
  if (most_active > 0 && peer.active >= most_active) return false;
  if (!again && std::find(tried.begin(), tried.end(), &peer) != tried.end()) return false;
  return slow_start == 0 || peer.ramp_until <= now_ms || passes_ramp(peer, now_ms, slow_start);
}

}  // namespace gw::upstream
