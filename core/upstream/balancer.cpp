// SPDX-License-Identifier: Apache-2.0
#include "upstream/balancer.hpp"

#include <algorithm>
#include <numeric>

namespace gw::upstream {

namespace {

constexpr std::uint64_t k_max_sequence = 8192;

// Weights without their common divisor, scaled so that a round stays short; a weight above 0 stays
// above 0.
std::vector<std::int64_t> reduced_weights(const std::vector<Target>& targets) {
  std::uint64_t divisor = 0, sum = 0;
  for (const Target& target : targets) {
    divisor = std::gcd(divisor, std::uint64_t(target.weight));
    sum += target.weight;
  }
  std::vector<std::int64_t> out;
  for (const Target& target : targets) {
    std::uint64_t weight = divisor > 0 ? target.weight / divisor : 0;
    const std::uint64_t round = divisor > 0 ? sum / divisor : 0;
    if (weight > 0 && round > k_max_sequence)
      weight = std::max<std::uint64_t>(1, weight * k_max_sequence / round);
    out.push_back(std::int64_t(weight));
  }
  return out;
}

}  // namespace

Balancer::Balancer(std::vector<Target> targets, std::uint64_t seed) : targets_(std::move(targets)) {
  const auto weights = reduced_weights(targets_);
  const std::int64_t round = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  // Smooth: the one that is furthest behind its share comes next.
  std::vector<std::int64_t> credit(weights.size(), 0);
  for (std::int64_t i = 0; i < round; ++i) {
    for (std::size_t t = 0; t < weights.size(); ++t) credit[t] += weights[t];
    const auto best = std::size_t(std::max_element(credit.begin(), credit.end()) - credit.begin());
    credit[best] -= round;
    sequence_.push_back(std::uint32_t(best));
  }
  if (!sequence_.empty()) next_ = seed % sequence_.size();
}

std::uint32_t Balancer::pick(const std::vector<std::uint32_t>& tried) {
  if (sequence_.empty()) return k_no_target;
  for (std::size_t looked = 0; looked < sequence_.size(); ++looked) {
    const std::uint32_t candidate = sequence_[next_];
    next_ = next_ + 1 == sequence_.size() ? 0 : next_ + 1;
    if (std::find(tried.begin(), tried.end(), candidate) == tried.end()) return candidate;
  }
  const std::uint32_t again = sequence_[next_];
  next_ = next_ + 1 == sequence_.size() ? 0 : next_ + 1;
  return again;
}

}  // namespace gw::upstream
