// SPDX-License-Identifier: Apache-2.0
// The indexed router against the naive walk, on routes and requests that the input chooses.
#include "fuzz.hpp"
#include "random_routes.hpp"

using namespace gw;
using namespace gw::routing::test;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Dice dice(fuzz::text(data, size));
  const auto entities = make_entities(dice);
  std::vector<config::Diagnostic> diagnostics;
  const auto router = routing::Router::compile(entities, diagnostics);
  if (router == nullptr) return 0;
  const NaiveRouter naive(entities);
  static BlockPool pool{16384, 4};
  Arena arena{pool};
  for (int i = 0; i < 4; ++i) {
    const Request request = make_request(dice);
    const auto expected = naive.match(request);
    const auto got = router->match(request.query(), arena);
    require(got.route == expected.route, "the same route");
    require(got.matched == expected.matched, "the same part of the path");
    require(got.capture_count == expected.capture_count, "the same captures");
  }
  return 0;
}
