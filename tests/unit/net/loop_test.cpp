// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <chrono>

#include "catch.hpp"

using gw::net::Deadline;
using gw::net::Loop;

TEST_CASE("a deadline that is set after a long quiet time counts from then") {
  using Clock = std::chrono::steady_clock;
  Loop loop;
  // Nothing has told the wheel the time meanwhile, as in a loop that slept without a timer.
  const auto quiet = Clock::now() + std::chrono::milliseconds(120);
  while (Clock::now() < quiet) {
  }
  uv_update_time(loop.raw());
  const auto set_at = Clock::now();
  Deadline deadline([](void* l) { static_cast<Loop*>(l)->stop(); }, &loop);
  deadline.set(loop.deadlines(), 100);
  loop.run();
  CHECK(Clock::now() - set_at >= std::chrono::milliseconds(98));
}
