// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.hpp"

#include <memory>
#include <random>
#include <vector>

#include "catch.hpp"

using gw::net::Deadline;
using gw::net::Deadlines;

namespace {

struct Clock {
  std::uint64_t wake = ~0ull;  // when it was last armed for
  Deadlines wheel{[](void* self, std::uint64_t in_ms) {
                    auto& clock = *static_cast<Clock*>(self);
                    clock.wake = in_ms == ~0ull ? ~0ull : clock.wheel.now_ms + in_ms;
                  },
                  this};
  // Lets time pass up to `until`, waking when armed, as a loop does.
  void run(std::uint64_t until) {
    while (wake <= until) wheel.run(std::max(wake, wheel.now_ms));
    wheel.now_ms = until;
  }
};

struct Fired {
  explicit Fired(Clock& c) : clock(c) {}
  Clock& clock;
  std::uint64_t at = 0;
  int times = 0;
  Deadline deadline{[](void* self) {
                      auto& fired = *static_cast<Fired*>(self);
                      fired.at = fired.clock.wheel.now_ms;
                      ++fired.times;
                    },
                    this};
};

}  // namespace

TEST_CASE("a deadline fires once, in time and at most a slot late") {
  Clock clock;
  Fired fired{clock};
  fired.deadline.set(clock.wheel, 100);
  clock.run(50);
  CHECK(fired.times == 0);
  clock.run(5000);
  CHECK(fired.times == 1);
  CHECK(fired.at >= 101);
  CHECK(fired.at <= 101 + 32);
  CHECK(clock.wake == ~0ull);  // an idle loop is not woken
}

TEST_CASE("a deadline that is moved later fires at the later time") {
  Clock clock;
  Fired fired{clock};
  fired.deadline.set(clock.wheel, 100);
  clock.run(90);
  fired.deadline.set(clock.wheel, 1000);
  clock.run(1000);
  CHECK(fired.times == 0);
  clock.run(2000);
  CHECK(fired.times == 1);
}

TEST_CASE("a deadline that is moved earlier fires at the earlier time") {
  Clock clock;
  Fired fired{clock};
  fired.deadline.set(clock.wheel, 10000);
  fired.deadline.set(clock.wheel, 50);
  clock.run(200);
  CHECK(fired.times == 1);
  clock.run(20000);
  CHECK(fired.times == 1);
}

TEST_CASE("a cleared or destroyed deadline does not fire") {
  Clock clock;
  Fired cleared{clock};
  cleared.deadline.set(clock.wheel, 50);
  cleared.deadline.clear();
  {
    Fired gone{clock};
    gone.deadline.set(clock.wheel, 50);
  }
  clock.run(1000);
  CHECK(cleared.times == 0);
}

TEST_CASE("many deadlines over many turns of the wheel all fire in time") {
  Clock clock;
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Fired>> all;
  std::vector<std::uint64_t> due;
  for (int i = 0; i < 500; ++i) {
    all.push_back(std::make_unique<Fired>(clock));
    const std::uint64_t in = random() % 60000;
    due.push_back(clock.wheel.now_ms + in);
    all.back()->deadline.set(clock.wheel, in);
    clock.run(clock.wheel.now_ms + random() % 20);
  }
  clock.run(200000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    REQUIRE(all[i]->times == 1);
    CHECK(all[i]->at >= due[i]);
    CHECK(all[i]->at <= due[i] + 32);
  }
}

TEST_CASE("a deadline of 0 comes in the next turn, and no time has to pass") {
  Clock clock;
  clock.run(1000);
  Fired now{clock}, later{clock}, cleared{clock}, moved{clock};
  later.deadline.set(clock.wheel, 40);
  for (auto* one : {&now, &cleared, &moved}) one->deadline.set(clock.wheel, 0);
  cleared.deadline.clear();
  moved.deadline.set(clock.wheel, 100);
  CHECK(clock.wake == 1000);
  clock.run(1000);
  CHECK(now.times == 1);
  CHECK(now.at == 1000);
  now.deadline.set(clock.wheel, 0);
  clock.run(1001);
  CHECK(now.times == 2);
  clock.run(2000);
  CHECK(later.times == 1);
  CHECK(later.at <= 1072);
  CHECK(cleared.times == 0);
  CHECK(moved.times == 1);
  CHECK(moved.at >= 1100);
  CHECK(clock.wake == ~0ull);
}

TEST_CASE("a deadline that sets itself again at once leaves time for others") {
  struct Again {
    Clock& clock;
    int times = 0;
    Deadline deadline{[](void* self) {
                        auto& again = *static_cast<Again*>(self);
                        ++again.times;
                        again.deadline.set(again.clock.wheel, 0);
                      },
                      this};
  };
  Clock clock;
  clock.run(500);
  Again again{clock};
  again.deadline.set(clock.wheel, 0);
  clock.run(510);
  CHECK(again.times == 11);
}
