// SPDX-License-Identifier: Apache-2.0
// Weighted round robin over a sequence that is made once for those that are up.
#include <algorithm>
#include <numeric>
#include <queue>
#include <vector>

#include "upstream/algorithm.hpp"

namespace gw::upstream {

namespace {

constexpr std::uint64_t k_max_sequence = 8192;

class RoundRobin final : public Algorithm {
 public:
  explicit RoundRobin(std::uint64_t seed) : next_(seed) {}

  void set_peers(std::span<Peer* const> peers) override {
    std::vector<Peer*> up;
    std::copy_if(peers.begin(), peers.end(), std::back_inserter(up),
                 [](const Peer* peer) { return peer->up && peer->weight > 0; });
    make_sequence(up);
    if (!sequence_.empty()) next_ %= sequence_.size();
  }

  Peer* pick(const Choice& choice) override {
    for (std::size_t looked = 0; looked < sequence_.size(); ++looked) {
      Peer* candidate = sequence_[next_];
      next_ = next_ + 1 == sequence_.size() ? 0 : next_ + 1;
      if (choice.may_take(*candidate)) return candidate;
    }
    return nullptr;
  }

 private:
  // A peer of weight w comes w times in a round, at even distances: each has a next turn, one
  // w-th of a round after its last, and the earliest comes first. Weights are taken without their
  // common divisor and scaled so that a round stays short; one above 0 stays above 0.
  void make_sequence(const std::vector<Peer*>& up) {
    sequence_.clear();
    std::uint64_t divisor = 0, sum = 0;
    for (const Peer* peer : up) divisor = std::gcd(divisor, std::uint64_t(peer->weight));
    for (const Peer* peer : up) sum += peer->weight / divisor;
    struct Turn {
      double at;
      std::size_t peer;
      bool operator>(const Turn& other) const {
        return at != other.at ? at > other.at : peer > other.peer;
      }
    };
    std::vector<Turn> first;
    std::vector<double> step;
    std::uint64_t round = 0;
    for (std::size_t i = 0; i < up.size(); ++i) {
      std::uint64_t turns = up[i]->weight / divisor;
      if (sum > k_max_sequence) turns = std::max<std::uint64_t>(1, turns * k_max_sequence / sum);
      round += turns;
      step.push_back(1.0 / double(turns));
      first.push_back({step[i] / 2, i});
    }
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns({}, std::move(first));
    while (sequence_.size() < round) {
      const Turn turn = turns.top();
      turns.pop();
      turns.push({turn.at + step[turn.peer], turn.peer});
      sequence_.push_back(up[turn.peer]);
    }
  }

  std::vector<Peer*> sequence_;
  std::size_t next_;
};

}  // namespace

std::unique_ptr<Algorithm> make_round_robin(std::uint64_t seed) {
  return std::make_unique<RoundRobin>(seed);
}

}  // namespace gw::upstream
