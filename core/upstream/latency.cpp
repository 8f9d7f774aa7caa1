// SPDX-License-Identifier: Apache-2.0
// Of two peers at random the one that answers sooner: the mean time of its answers (old ones count
// less and less, by e in ten seconds), times the attempts under way, for its weight. A slow answer
// counts at once, a fast one bit by bit (peak EWMA).
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.hpp"
#include "upstream/algorithm.hpp"

namespace gw::upstream {

namespace {

constexpr double k_decay_ms = 10000;

class Latency final : public Algorithm {
 public:
  void set_peers(std::span<Peer* const> peers) override {
    up_.clear();
    double sum = 0;
    std::size_t known = 0;
    for (Peer* peer : peers) {
      if (!peer->up || peer->weight == 0) continue;
      up_.push_back(peer);
      if (peer->latency_at == 0) continue;
      sum += peer->latency_ms;
      ++known;
    }
    // One of which nothing is known begins as the others are, so that it is not flooded.
    for (Peer* peer : up_)
      if (peer->latency_at == 0 && known > 0) peer->latency_ms = sum / double(known);
  }

  Peer* pick(const Choice& choice) override {
    if (up_.empty()) return nullptr;
    Peer* one = random_peer();
    Peer* other = random_peer();
    const bool may_one = choice.may_take(*one), may_other = choice.may_take(*other);
    if (may_one && may_other)
      return score(*one, choice.now_ms) <= score(*other, choice.now_ms) ? one : other;
    if (may_one || may_other) return may_one ? one : other;
    Peer* best = nullptr;
    for (Peer* peer : up_)
      if (choice.may_take(*peer) &&
          (best == nullptr || score(*peer, choice.now_ms) < score(*best, choice.now_ms)))
        best = peer;
    return best;
  }

  void on_answer(Peer& peer, std::uint64_t ns, std::uint64_t now_ms) override {
    const double ms = double(ns) / 1e6;
    const double old = peer.latency_at == 0 ? ms : peer.latency_ms;
    const double kept = std::exp(-double(now_ms - peer.latency_at) / k_decay_ms);
    peer.latency_ms = ms > old ? ms : old * kept + ms * (1 - kept);
    peer.latency_at = std::max<std::uint64_t>(now_ms, 1);
  }

 private:
  Peer* random_peer() { return up_[thread_random().next() % up_.size()]; }
  // One that has not answered for long is tried again, since its mean fades.
  static double score(const Peer& peer, std::uint64_t now_ms) {
    const double age = peer.latency_at == 0 ? 0 : double(now_ms - peer.latency_at);
    const double mean = peer.latency_ms * std::exp(-age / k_decay_ms);
    return (mean + 0.01) * double(peer.active + 1) / double(peer.weight);
  }

  std::vector<Peer*> up_;
};

}  // namespace

std::unique_ptr<Algorithm> make_latency() { return std::make_unique<Latency>(); }

}  // namespace gw::upstream
