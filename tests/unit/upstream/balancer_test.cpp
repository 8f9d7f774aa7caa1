// SPDX-License-Identifier: Apache-2.0
#include "upstream/balancer.hpp"

#include <algorithm>
#include <map>

#include "catch.hpp"

using gw::upstream::Balancer;
using gw::upstream::Target;

TEST_CASE("targets come by their weights, spread evenly") {
  Balancer balancer({{"a", 1, 500}, {"b", 1, 100}, {"c", 1, 0}}, 0);
  std::string order;
  for (int i = 0; i < 12; ++i) order += balancer.target(balancer.pick({})).host;
  CHECK(order.find("bb") == std::string::npos);
  CHECK(std::count(order.begin(), order.end(), 'b') * 5 ==
        std::count(order.begin(), order.end(), 'a'));
}

TEST_CASE("a target that was tried is left out while there is another") {
  Balancer balancer({{"a", 1, 1}, {"b", 1, 1}}, 0);
  for (int i = 0; i < 5; ++i) CHECK(balancer.pick({0}) == 1);
  CHECK(balancer.pick({0, 1}) != Balancer::k_no_target);
}

TEST_CASE("without a weight there is no target") {
  CHECK(Balancer({{"a", 1, 0}}, 3).pick({}) == Balancer::k_no_target);
  CHECK(Balancer({}, 3).pick({}) == Balancer::k_no_target);
}

TEST_CASE("large weights keep their proportion") {
  Balancer balancer({{"a", 1, 65535}, {"b", 1, 32768}, {"c", 1, 1}}, 5);
  std::map<std::uint32_t, int> count;
  for (int i = 0; i < 81920; ++i) ++count[balancer.pick({})];
  CHECK(count[2] > 0);
  CHECK(count[0] / double(count[1]) > 1.98);
  CHECK(count[0] / double(count[1]) < 2.02);
}
