// SPDX-License-Identifier: Apache-2.0
#include "server/watchdog.hpp"

#include "catch.hpp"
#include "shared/region.hpp"

using namespace gw;
using server::Watchdog;
using shared::Where;

namespace {

// Two workers and a watchdog that is told the time.
struct Watched {
  Watched() {
    for (std::uint32_t i = 0; i < 2; ++i) {
      board.begin(i, i);
      board.started(i, 100 + std::int32_t(i));
    }
    watchdog.set_limits(100, 2000);
    watchdog.look(1);
  }
  shared::WorkerSlot& slot(std::size_t i) { return board.slots()[i]; }

  std::unique_ptr<shared::Region> region = std::move(shared::Region::create(4 << 20, 2)).value();
  shared::WorkerBoard& board = region->board();
  net::Loop loop;
  std::vector<Watchdog::Stall> stalls;
  Watchdog watchdog{loop, board, [this](const auto& stall) { stalls.push_back(stall); }};
};

}  // namespace

TEST_CASE("one callback that lasts is told once at each limit") {
  Watched w;
  w.slot(1).enter(7, 9, Where::request);
  for (std::uint64_t now = 50; now <= 4000; now += 50) CHECK(w.watchdog.look(now));
  REQUIRE(w.stalls.size() == 2);
  CHECK(w.stalls[0].slot == 1);
  CHECK_FALSE(w.stalls[0].fatal);
  CHECK(w.stalls[0].ms == 100);
  CHECK(w.stalls[0].crumb.plugin == 7);
  CHECK(w.stalls[0].crumb.route == 9);
  CHECK(w.stalls[0].crumb.where == Where::request);
  CHECK(w.stalls[1].fatal);
  CHECK(w.stalls[1].ms == 2000);
}

TEST_CASE("many short callbacks are none that lasts") {
  Watched w;
  for (std::uint64_t now = 50; now <= 10000; now += 50) {
    w.slot(0).enter(7, 9, Where::log);
    CHECK(w.watchdog.look(now));
    w.slot(0).leave();
  }
  CHECK(w.stalls.empty());
}

TEST_CASE("loading may take long, and is only warned of") {
  Watched w;
  w.slot(0).enter(7, 0, Where::load);
  for (std::uint64_t now = 50; now <= 9000; now += 50) w.watchdog.look(now);
  REQUIRE(w.stalls.size() == 1);
  CHECK_FALSE(w.stalls[0].fatal);
}

TEST_CASE("what a dead worker has left is no stall, and limits of 0 are none") {
  Watched w;
  w.slot(0).enter(7, 0, Where::request);
  w.board.end(0);
  w.slot(1).enter(7, 0, Where::request);
  w.watchdog.set_limits(0, 0);
  for (std::uint64_t now = 50; now <= 9000; now += 50) w.watchdog.look(now);
  CHECK(w.stalls.empty());
}

TEST_CASE("it rests when nothing runs, and the next callback wakes it") {
  Watched w;
  CHECK_FALSE(w.slot(0).enter(7, 0, Where::request));  // nobody watches yet
  int woken = 0;
  w.region->use_slot(0);
  w.board.on_unwatched = [&] { ++woken; };
  w.board.call_watchdog();
  w.slot(0).leave();
  CHECK(woken == 1);
  CHECK(w.slot(0).enter(7, 0, Where::request));
  w.slot(0).leave();
  std::uint64_t now = 50;
  for (; w.watchdog.look(now) && now < 10000; now += 50) {
  }
  CHECK(now > 900);
  CHECK(now < 1300);
  CHECK_FALSE(w.slot(0).enter(7, 0, Where::request));
}
