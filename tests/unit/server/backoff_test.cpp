// SPDX-License-Identifier: Apache-2.0
#include "server/backoff.hpp"

#include "catch.hpp"

using gw::server::Backoff;

TEST_CASE("workers that die now and then are replaced at once") {
  Backoff backoff;
  for (std::uint64_t now = 5000; now < 200000; now += 2600) CHECK(backoff.note(now) == 0);
  CHECK_FALSE(backoff.active());
}

TEST_CASE("after five deaths in ten seconds the wait doubles up to ten seconds") {
  Backoff backoff;
  for (int i = 0; i < 4; ++i) CHECK(backoff.note(1000) == 0);
  std::uint64_t now = 1000;
  for (const std::uint64_t wait : {500, 1000, 2000, 4000, 8000, 10000, 10000}) {
    CHECK(backoff.note(now) == wait);
    CHECK(backoff.active());
    now += wait + 30;  // it dies again as soon as it has started
  }
}

TEST_CASE("who dies while others wait waits with them") {
  Backoff backoff;
  for (int i = 0; i < 4; ++i) backoff.note(1000);
  CHECK(backoff.note(1000) == 500);
  CHECK(backoff.note(1100) == 400);
  CHECK(backoff.note(1499) == 1);
  CHECK(backoff.note(1500) == 1000);
}

TEST_CASE("a worker that lives for ten seconds is forgiven") {
  Backoff backoff;
  for (int i = 0; i < 5; ++i) backoff.note(1000);
  REQUIRE(backoff.active());
  CHECK(backoff.note(1000 + 500 + Backoff::k_window) == 0);
  CHECK_FALSE(backoff.active());
}
