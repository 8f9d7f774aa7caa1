// SPDX-License-Identifier: Apache-2.0
// What choosing a target costs, with 10 and with 1,000 of them, for each algorithm: nanoseconds,
// the least of many rounds, with the beginning and the end of an attempt. Ends with 1 if one costs
// more than four times as much with 1,000 as with 10.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "shared/region.hpp"
#include "upstream/balancer.hpp"

namespace {

namespace config = gw::config;
using gw::upstream::Peer;

constexpr int k_rounds = 40, k_picks = 20000;
constexpr double k_most_growth = 4;

struct Upstream {
  Upstream(config::Algorithm algorithm, std::size_t n)
      : region(std::move(gw::shared::Region::create(16 << 20, 1)).value()), resolver(loop) {
    entity.id = entity.name = "u";
    entity.algorithm = algorithm;
    std::vector<gw::upstream::Target> targets;
    for (std::size_t i = 0; i < n; ++i)
      hosts.push_back(gw::cat("10.0.", i / 250, ".", i % 250 + 1));
    for (const auto& host : hosts) targets.push_back({host, 80, 100});
    balancer = std::make_unique<gw::upstream::Balancer>(std::move(targets), &entity, 0);
    balancer->attach({&loop, &resolver, &region->health()});
    balancer->update();
  }
  // ns for each pick.
  double round() {
    std::uint64_t hash = 88172645463325252u;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < k_picks; ++i) {
      hash = hash * 6364136223846793005u + 1442695040888963407u;
      balancer->update();
      Peer* peer = balancer->pick({.tried = {}, .hash = hash});
      balancer->begin(*peer);
      balancer->end(*peer);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / k_picks;
  }

  gw::net::Loop loop;
  std::unique_ptr<gw::shared::Region> region;
  gw::net::Resolver resolver;
  config::Upstream entity;
  std::vector<std::string> hosts;
  std::unique_ptr<gw::upstream::Balancer> balancer;
};

double least(config::Algorithm algorithm, std::size_t n) {
  Upstream upstream(algorithm, n);
  double out = 1e18;
  for (int i = 0; i < k_rounds; ++i) out = std::min(out, upstream.round());
  return out;
}

}  // namespace

int main() {
  bool good = true;
  for (const auto algorithm : {config::Algorithm::round_robin, config::Algorithm::least_connections,
                               config::Algorithm::latency, config::Algorithm::consistent_hashing}) {
    const double few = least(algorithm, 10), many = least(algorithm, 1000);
    std::printf("%-20s %6.1f ns with 10 targets, %6.1f with 1,000\n",
                std::string(config::to_text(algorithm)).c_str(), few, many);
    good = good && many <= k_most_growth * few;
  }
  return good ? 0 : 1;
}
