// SPDX-License-Identifier: Apache-2.0
// Requests that a plugin has sent again.
#include "catch.hpp"
#include "plugin/chain.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

TEST_CASE("a request is sent again only where that can be done") {
  std::vector<int> results;
  const auto again = [&](const Call& c) -> gw_action {
    results.push_back(c.api().redispatch(c.r, {}));
    return results.back() == GW_OK ? GW_REDISPATCH : GW_CONTINUE;
  };
  Two w({{"response", again}}, {{"response", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::next);
  ask.response_head.status = 503;
  CHECK(ask.response() == Outcome::next);  // nothing was sent to a target
  ask.seen.attempt_count = 1;
  CHECK(ask.response() == Outcome::redispatch);
  ask.seen.request.body = gw::http::BodyKind::length;
  CHECK(ask.response() == Outcome::redispatch);  // its body was not begun
  ask.seen.body_gone = true;
  CHECK(ask.response() == Outcome::next);
  ask.seen.buffered_body = "known";
  CHECK(ask.response() == Outcome::redispatch);
  ask.seen.redispatches = 8;
  CHECK(ask.response() == Outcome::next);
  ask.seen.redispatches = 0;
  ask.response_head.status = 101;
  CHECK(ask.response() == Outcome::next);
  CHECK(results ==
        std::vector<int>{GW_E_STATE, GW_OK, GW_OK, GW_E_STATE, GW_OK, GW_E_TOOBIG, GW_E_STATE});
}
