// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "catch.hpp"

using gw::net::Deadline;
using gw::net::Loop;

namespace {

using Clock = std::chrono::steady_clock;

void keep_busy(int ms) {
  const auto end = Clock::now() + std::chrono::milliseconds(ms);
  while (Clock::now() < end) {
  }
}

}  // namespace

TEST_CASE("what came in time is seen before the deadline by which a busy loop waited for it") {
  Loop loop;
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  struct Wait {
    Loop& loop;
    int peer;
    uv_poll_t poll{};
    std::string seen{};
    Deadline deadline{[](void* w) { static_cast<Wait*>(w)->end("deadline"); }, this};
    void end(const char* what) {
      seen += what;
      uv_poll_stop(&poll);
      loop.stop();
    }
  } wait{loop, ends[1]};
  REQUIRE(uv_poll_init(loop.raw(), &wait.poll, ends[0]) == 0);
  wait.poll.data = &wait;
  uv_poll_start(&wait.poll, UV_READABLE, [](uv_poll_t* poll, int, int) {
    auto& w = *static_cast<Wait*>(poll->data);
    w.deadline.clear();
    w.end("bytes");
  });
  wait.deadline.set(loop.deadlines(), 20);
  uv_async_t busy;
  REQUIRE(uv_async_init(loop.raw(), &busy, [](uv_async_t* a) {
            CHECK(send(static_cast<Wait*>(a->data)->peer, "x", 1, 0) == 1);
            keep_busy(80);
          }) == 0);
  busy.data = &wait;
  uv_async_send(&busy);
  loop.run();
  CHECK(wait.seen == "bytes");
  uv_close(reinterpret_cast<uv_handle_t*>(&busy), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&wait.poll), nullptr);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a deadline that is set after a long quiet time counts from then") {
  Loop loop;
  // Nothing has told the wheel the time meanwhile, as in a loop that slept without a timer.
  keep_busy(120);
  uv_update_time(loop.raw());
  const auto set_at = Clock::now();
  Deadline deadline([](void* l) { static_cast<Loop*>(l)->stop(); }, &loop);
  deadline.set(loop.deadlines(), 100);
  loop.run();
  CHECK(Clock::now() - set_at >= std::chrono::milliseconds(98));
}
