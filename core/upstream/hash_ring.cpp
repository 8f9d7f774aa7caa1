// SPDX-License-Identifier: Apache-2.0
// Consistent hashing: each peer has points on a ring, and a hash belongs to the first point behind
// it. A peer that is down keeps its points: those behind take over what was its, and nothing else
// moves.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.hpp"
#include "shared/sip_hash.hpp"
#include "upstream/algorithm.hpp"

namespace gw::upstream {

namespace {

constexpr double k_points_of_peer = 160;  // at equal weights, as Kong

class HashRing final : public Algorithm {
 public:
  explicit HashRing(std::uint32_t slots) : slots_(slots) {}

  void set_peers(std::span<Peer* const> peers) override {
    any_up_ = std::any_of(peers.begin(), peers.end(),
                          [](const Peer* peer) { return peer->up && peer->weight > 0; });
    if (std::equal(peers.begin(), peers.end(), peers_.begin(), peers_.end())) return;
    peers_.assign(peers.begin(), peers.end());
    std::uint64_t sum = 0;
    for (const Peer* peer : peers) sum += peer->weight;
    const double all = std::max(double(slots_), k_points_of_peer * double(peers.size()));
    ring_.clear();
    for (Peer* peer : peers) {
      if (peer->weight == 0) continue;
      const auto points =
          std::max<std::uint64_t>(1, std::uint64_t(all * double(peer->weight) / double(sum)));
      for (std::uint64_t i = 0; i < points; ++i)
        ring_.push_back({ring_hash(cat(peer->name, "-", i)), peer});
    }
    std::sort(ring_.begin(), ring_.end(), [](const Point& a, const Point& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.peer->name < b.peer->name;
    });
  }

  Peer* pick(const Choice& choice) override {
    if (!any_up_) return nullptr;
    auto at = std::lower_bound(ring_.begin(), ring_.end(), choice.hash,
                               [](const Point& p, std::uint64_t hash) { return p.hash < hash; });
    for (std::size_t looked = 0; looked < ring_.size(); ++looked, ++at) {
      if (at == ring_.end()) at = ring_.begin();
      if (at->peer->up && choice.may_take(*at->peer)) return at->peer;
    }
    return nullptr;
  }

 private:
  struct Point {
    std::uint64_t hash;
    Peer* peer;
  };
  std::uint32_t slots_;
  std::vector<Peer*> peers_;
  std::vector<Point> ring_;
  bool any_up_ = false;
};

}  // namespace

std::uint64_t ring_hash(std::string_view text) {
  return shared::sip_hash({0x6761746577726967, 0x68742072696e6700}, text);
}

std::unique_ptr<Algorithm> make_hash_ring(std::uint32_t slots) {
  return std::make_unique<HashRing>(slots);
}

}  // namespace gw::upstream
