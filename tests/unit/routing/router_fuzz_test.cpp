// SPDX-License-Identifier: Apache-2.0
// The indexed router against the naive walk, on random routes and requests.
#include "random_routes.hpp"
#include "routes.hpp"

using namespace gw::routing::test;
namespace config = gw::config;

TEST_CASE("the indexed router answers as a walk over all routes does") {
  int matched = 0;
  int captured = 0;
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    Dice dice(seed);
    World world;
    world.entities = make_entities(dice);
    const NaiveRouter naive(world.entities);
    for (int i = 0; i < 40; ++i) {
      const Request request = make_request(dice);
      const auto expected = naive.match(request);
      const auto got = world.match(request);
      CAPTURE(seed, i, request.path, request.host, request.method);
      REQUIRE(got.route == expected.route);
      REQUIRE(got.matched == expected.matched);
      REQUIRE(got.capture_count == expected.capture_count);
      REQUIRE_FALSE(got.gave_up);
      matched += got.route != config::k_none;
      captured += got.capture_count > 1;
    }
  }
  CHECK(matched > 30'000);
  CHECK(captured > 1'000);
}
