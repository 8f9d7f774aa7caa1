// SPDX-License-Identifier: Apache-2.0
// The peer with the fewest attempts under way for its weight: the winner of a tournament, played
// again along one path of the tree when a number changes.
#include <algorithm>
#include <bit>
#include <vector>

#include "upstream/algorithm.hpp"

namespace gw::upstream {

namespace {

class LeastConnections final : public Algorithm {
 public:
  void set_peers(std::span<Peer* const> peers) override {
    peers_.assign(peers.begin(), peers.end());
    turns_.assign(peers_.size(), 0);
    leaves_ = std::bit_ceil(std::max<std::size_t>(peers_.size(), 1));
    tree_.assign(2 * leaves_, nullptr);
    for (std::size_t i = 0; i < peers_.size(); ++i)
      tree_[leaves_ + i] = peers_[i]->up && peers_[i]->weight > 0 ? peers_[i] : nullptr;
    for (std::size_t at = leaves_ - 1; at > 0; --at) play(at);
  }

  Peer* pick(const Choice& choice) override {
    Peer* best = tree_[1];
    if (best == nullptr || choice.may_take(*best)) return turn(best);
    // A retry, a slow start or a limit: rare enough to look at all.
    best = nullptr;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      Peer* peer = tree_[leaves_ + i];
      if (peer != nullptr && choice.may_take(*peer)) best = better(best, peer);
    }
    return turn(best);
  }

  void on_active(Peer& peer) override {
    for (std::size_t at = (leaves_ + peer.index) / 2; at > 0; at /= 2) play(at);
  }

 private:
  void play(std::size_t at) { tree_[at] = better(tree_[2 * at], tree_[2 * at + 1]); }

  // (active + 1) / weight is less; among equals the one whose last turn is longest ago.
  Peer* better(Peer* a, Peer* b) const {
    if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
    const auto of_a = (std::uint64_t(a->active) + 1) * b->weight;
    const auto of_b = (std::uint64_t(b->active) + 1) * a->weight;
    if (of_a != of_b) return of_a < of_b ? a : b;
    return turns_[a->index] <= turns_[b->index] ? a : b;
  }

  Peer* turn(Peer* chosen) {
    if (chosen == nullptr) return nullptr;
    turns_[chosen->index] = ++turn_;
    on_active(*chosen);
    return chosen;
  }

  std::vector<Peer*> peers_;
  std::vector<Peer*> tree_{nullptr, nullptr};  // the winner at 1, peers from leaves_ on
  std::size_t leaves_ = 1;
  std::vector<std::uint64_t> turns_;  // when each was last chosen
  std::uint64_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Algorithm> make_least_connections() { return std::make_unique<LeastConnections>(); }

}  // namespace gw::upstream
