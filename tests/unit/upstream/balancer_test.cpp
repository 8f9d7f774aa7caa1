// SPDX-License-Identifier: Apache-2.0
#include "upstream/balancer.hpp"

#include <algorithm>
#include <map>

#include "catch.hpp"
#include "shared/region.hpp"

using namespace gw::upstream;
namespace config = gw::config;

namespace {

// A balancer over addresses, with all that a worker lends it.
struct World {
  explicit World(std::vector<std::uint32_t> weights, config::Algorithm algorithm = {},
                 const std::function<void(config::Upstream&)>& change = {})
      : region(std::move(gw::shared::Region::create(4 << 20, 1)).value()), resolver(loop) {
    entity.id = "u";
    entity.name = "u";
    entity.algorithm = algorithm;
    if (change) change(entity);
    std::vector<Target> targets;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      hosts.push_back("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
      entity.targets.emplace_back();
    }
    for (std::size_t i = 0; i < weights.size(); ++i) targets.push_back({hosts[i], 80, weights[i]});
    balancer = std::make_unique<Balancer>(std::move(targets), &entity, 0);
    balancer->attach({&loop, &resolver, &region->health()});
    balancer->update();
  }
  Peer* pick(std::vector<Peer*> tried = {}, std::uint64_t hash = 0) {
    balancer->update();
    return balancer->pick({.tried = tried, .hash = hash});
  }
  std::map<std::uint32_t, int> count(int picks) {
    std::map<std::uint32_t, int> out;
    for (int i = 0; i < picks; ++i) ++out[pick()->target_index];
    return out;
  }
  Peer& peer(std::size_t i) { return *balancer->peers()[i]; }
  void set(std::uint32_t target, Health health) {
    REQUIRE(balancer->set_health(target, "", health));
  }

  gw::net::Loop loop;
  std::unique_ptr<gw::shared::Region> region;
  gw::net::Resolver resolver;
  config::Upstream entity;
  std::vector<std::string> hosts;
  std::unique_ptr<Balancer> balancer;
};

constexpr auto k_ring = config::Algorithm::consistent_hashing;
constexpr auto k_least = config::Algorithm::least_connections;
constexpr auto k_latency = config::Algorithm::latency;

}  // namespace

TEST_CASE("a new configuration goes on with what was learnt of the same addresses") {
  World w({1, 1}, k_latency);
  w.balancer->on_answer(w.peer(0), 200, 50000000);
  REQUIRE(w.peer(0).latency_ms > 0);
  const double learnt = w.peer(0).latency_ms;
  Balancer next(w.balancer->targets(), w.balancer->policy(), 1);
  next.attach({&w.loop, &w.resolver, &w.region->health()});
  next.learn_from(*w.balancer);
  CHECK(next.peers().at(0)->latency_ms == learnt);
  CHECK(next.peers().at(1)->latency_ms == 0);
}

TEST_CASE("round robin: targets come by their weights, spread evenly") {
  World w({500, 100, 0});
  std::string order;
  for (int i = 0; i < 12; ++i) order += char('a' + w.pick()->target_index);
  CHECK(order.find("bb") == std::string::npos);
  CHECK(std::count(order.begin(), order.end(), 'b') * 5 ==
        std::count(order.begin(), order.end(), 'a'));
}

TEST_CASE("round robin: large weights keep their proportion") {
  World w({65535, 32768, 1});
  auto count = w.count(81920);
  CHECK(count[2] > 0);
  CHECK(count[0] / double(count[1]) > 1.98);
  CHECK(count[0] / double(count[1]) < 2.02);
}

TEST_CASE("round robin: what was one's that is down is shared by all others") {
  World w({1, 1, 1, 1});
  w.set(1, Health::unhealthy);
  auto count = w.count(300);
  CHECK(count.size() == 3);
  for (const auto& [target, n] : count) CHECK(n == 100);
}

TEST_CASE("a peer that was tried is left out while there is another") {
  for (const auto algorithm : {config::Algorithm::round_robin, k_ring, k_least, k_latency}) {
    World w({1, 1}, algorithm);
    Peer* first = w.pick();
    for (int i = 0; i < 5; ++i) CHECK(w.pick({first}) != first);
    CHECK(w.pick({&w.peer(0), &w.peer(1)}) != nullptr);
  }
}

TEST_CASE("without a weight, or when all are down, there is no peer") {
  for (const auto algorithm : {config::Algorithm::round_robin, k_ring, k_least, k_latency}) {
    CHECK(World({0}, algorithm).pick() == nullptr);
    CHECK(World({}, algorithm).pick() == nullptr);
    World w({1, 1}, algorithm);
    w.set(0, Health::unhealthy);
    CHECK(w.pick() == &w.peer(1));
    w.set(1, Health::unhealthy);
    CHECK(w.pick() == nullptr);
    w.set(0, Health::healthy);
    CHECK(w.pick() == &w.peer(0));
  }
}

TEST_CASE("a share of healthy targets that is not above the threshold takes all out") {
  World w({1, 1}, {}, [](config::Upstream& u) { u.healthchecks.threshold = 50; });
  CHECK(w.pick() != nullptr);
  w.set(0, Health::unhealthy);
  CHECK(w.pick() == nullptr);
  w.set(0, Health::healthy);
  CHECK(w.pick() != nullptr);
}

TEST_CASE("hashing: the same hash goes to the same peer, and few move when one leaves") {
  World w({1, 1, 1, 1, 1}, k_ring);
  std::map<std::uint64_t, Peer*> before;
  std::map<Peer*, int> share;
  constexpr int keys = 5000;
  for (int i = 0; i < keys; ++i) {
    const std::uint64_t hash = ring_hash(std::to_string(i));
    before[hash] = w.pick({}, hash);
    CHECK(w.pick({}, hash) == before[hash]);
    ++share[before[hash]];
  }
  for (const auto& [peer, n] : share) CHECK(std::abs(n - keys / 5) < keys / 25);
  Peer* gone = &w.peer(2);
  w.set(2, Health::unhealthy);
  for (const auto& [hash, peer] : before) {
    if (peer != gone)
      CHECK(w.pick({}, hash) == peer);
    else
      CHECK(w.pick({}, hash) != gone);
  }
}

TEST_CASE("hashing: peers have points by their weights") {
  World w({300, 100}, k_ring);
  int first = 0;
  constexpr int keys = 10000;
  for (int i = 0; i < keys; ++i)
    first += w.pick({}, ring_hash(std::to_string(i)))->target_index == 0;
  CHECK(first > keys * 72 / 100);
  CHECK(first < keys * 78 / 100);
}

TEST_CASE("least connections: the fewest for the weight, in turns among equals") {
  World w({2, 1, 1}, k_least);
  for (int i = 0; i < 8; ++i) w.balancer->begin(*w.pick());
  CHECK(w.peer(0).active == 4);
  CHECK(w.peer(1).active == 2);
  CHECK(w.peer(2).active == 2);
  w.balancer->end(w.peer(2));
  w.balancer->end(w.peer(2));
  CHECK(w.pick() == &w.peer(2));
  World idle({1, 1, 1}, k_least);
  CHECK(idle.count(300)[1] == 100);
}

TEST_CASE("latency: who answers sooner is chosen more often, who is new is not flooded") {
  World w({1, 1, 1}, k_latency);
  for (int i = 0; i < 50; ++i) {
    w.balancer->on_answer(w.peer(0), 200, 1'000'000);
    w.balancer->on_answer(w.peer(1), 200, 20'000'000);
    w.balancer->on_answer(w.peer(2), 200, 20'000'000);
  }
  auto count = w.count(900);
  CHECK(count[0] > 400);  // in all pairs that it is part of: 5 of 9
  CHECK(count[1] > 50);   // pairs of the others
}

TEST_CASE("no more attempts at once with a peer than its limit") {
  World w({1, 1}, {}, [](config::Upstream& u) { u.limits.connections = 1; });
  w.balancer->begin(*w.pick());
  w.balancer->begin(*w.pick());
  CHECK(w.peer(0).active == 1);
  CHECK(w.pick() == nullptr);
  w.balancer->end(w.peer(1));
  CHECK(w.pick() == &w.peer(1));
}

TEST_CASE("retries stay within their budget") {
  World w({1}, {}, [](config::Upstream& u) { u.retry_budget = {10, 2}; });
  w.balancer->running = 10;
  w.balancer->retrying = 1;
  CHECK(w.balancer->may_retry());
  w.balancer->retrying = 2;
  CHECK_FALSE(w.balancer->may_retry());
  w.balancer->running = 100;
  CHECK(w.balancer->may_retry());
}

TEST_CASE("answers take a target out by Kong's counters, for every worker") {
  const auto checks = [](config::Upstream& u) {
    auto& passive = u.healthchecks.passive;
    passive.http_failures = 3;
    passive.tcp_failures = 2;
    passive.healthy_statuses.set(200);
    passive.unhealthy_statuses.set(500);
  };
  World w({1, 1}, {}, checks);
  Balancer other({{w.hosts[0], 80, 1}, {w.hosts[1], 80, 1}}, &w.entity, 0);
  other.attach({&w.loop, &w.resolver, &w.region->health()});
  Peer& peer = w.peer(0);
  w.balancer->on_answer(peer, 500, 1);
  w.balancer->on_answer(peer, 500, 1);
  w.balancer->on_answer(peer, 200, 1);  // clears the failures
  w.balancer->on_answer(peer, 500, 1);
  w.balancer->on_answer(peer, 404, 1);  // on no list
  w.balancer->on_answer(peer, 500, 1);
  w.balancer->update();
  CHECK(peer.up);
  w.balancer->on_answer(peer, 500, 1);
  w.balancer->update();
  CHECK_FALSE(peer.up);
  other.update();
  CHECK_FALSE(other.peers()[0]->up);
  CHECK(other.peers()[1]->up);
  // Never by itself.
  w.balancer->on_answer(peer, 200, 1);
  w.balancer->update();
  CHECK_FALSE(peer.up);
  w.balancer->on_failure(w.peer(1), Sign::tcp_failure);
  w.balancer->on_failure(w.peer(1), Sign::tcp_failure);
  CHECK(w.pick() == nullptr);
}

TEST_CASE("probes bring a target back") {
  World w({1}, {}, [](config::Upstream& u) {
    u.healthchecks.active.successes = 2;
    u.healthchecks.active.timeouts = 1;
  });
  w.balancer->on_probe(w.peer(0), Sign::timeout);
  CHECK(w.pick() == nullptr);
  w.balancer->on_probe(w.peer(0), Sign::success);
  CHECK(w.pick() == nullptr);
  w.balancer->on_probe(w.peer(0), Sign::success);
  CHECK(w.pick() == &w.peer(0));
}

TEST_CASE("who fails is ejected, never more than allowed, and gets its share back bit by bit") {
  World w({1, 1, 1, 1}, {}, [](config::Upstream& u) {
    u.ejection.failures = 3;
    u.ejection.time = 1000;
    u.ejection.most = 50;
    u.slow_start = 100000;
  });
  for (std::size_t i = 0; i < 3; ++i)
    for (int n = 0; n < 3; ++n) w.balancer->on_answer(w.peer(i), 502, 1);
  CHECK(w.count(100).size() == 2);  // two of four are out
  auto& cell = *w.peer(0).health;
  const auto now = w.balancer->now_ms();
  CHECK(cell.ejected_until_ms.load() == now + 1000);
  CHECK(cell.ejections.load() == 1);
  cell.ejected_until_ms = now > 0 ? now - 1 : 0;  // its time is over
  w.region->health().changed();
  auto count = w.count(3000);
  CHECK(count[0] > 0);
  CHECK(count[0] < count[3] / 4);
}

TEST_CASE("a share of failures within an interval ejects too") {
  World w({1, 1}, {}, [](config::Upstream& u) {
    u.ejection.success_rate = 80;
    u.ejection.volume = 10;
  });
  for (int i = 0; i < 9; ++i) w.balancer->on_answer(w.peer(0), i % 3 == 0 ? 500 : 200, 1);
  w.balancer->update();
  CHECK(w.peer(0).up);  // too few to judge
  w.balancer->on_answer(w.peer(0), 500, 1);
  w.balancer->update();
  CHECK_FALSE(w.peer(0).up);
}

TEST_CASE("cells are found again, and given to others only when nobody has asked for long") {
  World w({1});
  auto& table = w.region->health();
  auto* one = table.cell(77, 5);
  REQUIRE(one != nullptr);
  one->state = 1;
  CHECK(table.cell(77, 6) == one);
  CHECK(table.cell(78, 6) != one);
  CHECK(one->state == 1);
  std::size_t made = 0;
  for (std::uint64_t key = 1000; key < 1000 + 64 * gw::shared::HealthTable::k_cells; ++key)
    made += table.cell(key, 1000) != nullptr;
  CHECK(made >= gw::shared::HealthTable::k_cells);
  const auto version = table.version();
  CHECK(table.cell(5 + (1ull << 40), 1001 + gw::shared::HealthTable::k_kept_ms) != nullptr);
  CHECK(table.version() > version);
}
