// SPDX-License-Identifier: Apache-2.0
// gw.loop/1 beside timers: descriptors, posts from other threads, background timers and who has
// them.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "catch.hpp"
#include "plugin/claims.hpp"
#include "plugin/worker_handle.hpp"
#include "shared/worker_board.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

struct One : Worker {
  One() {
    Script s;
    s.name = "one";
    add(s);
    REQUIRE(configure("plugins:\n- name: one\n"));
  }
  gw_worker* handle() { return generation->instances()[0]->worker.get(); }
  const gw_loop_api& loop_api() {
    return *static_cast<const gw_loop_api*>(host->abi().get_api(&host->abi(), GW_LOOP_API));
  }
};

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~Pair() {
    for (const int fd : ends)
      if (fd >= 0) ::close(fd);
  }
  int ends[2];
};

struct Seen {
  int calls = 0;
  std::uint32_t events = 0;
  static void note(gw_worker*, std::int32_t, std::uint32_t events, void* self) {
    auto& seen = *static_cast<Seen*>(self);
    ++seen.calls;
    seen.events = events;
  }
};

}  // namespace

TEST_CASE("a watched descriptor tells for what it is ready, again and again") {
  One w;
  const auto& loop = w.loop_api();
  Pair pair;
  Seen seen;
  const gw_handle watch =
      loop.fd_watch(w.handle(), pair.ends[0], GW_FD_READ, Seen::note, &seen, nullptr);
  REQUIRE(watch != 0);
  CHECK(seen.calls == 0);
  REQUIRE(::write(pair.ends[1], "x", 1) == 1);
  w.run_until([&] { return seen.calls >= 2; });  // level-triggered: nobody reads
  CHECK(seen.events == GW_FD_READ);
  CHECK(loop.fd_update(w.handle(), watch, GW_FD_WRITE) == GW_OK);
  w.run_until([&] { return seen.events == GW_FD_WRITE; });
  CHECK(loop.fd_update(w.handle(), watch, 8) == GW_E_INVALID);
  CHECK(loop.fd_update(w.handle(), watch, 0) == GW_OK);
  const int before = seen.calls;
  bool later = false;
  const gw_timer_cb note = [](gw_worker*, void* flag) { *static_cast<bool*>(flag) = true; };
  loop.timer_start(w.handle(), 50, 0, note, &later);
  w.run_until([&] { return later; });
  CHECK(seen.calls == before);
  CHECK(loop.fd_unwatch(w.handle(), watch) == GW_OK);
  CHECK(loop.fd_unwatch(w.handle(), watch) == GW_E_NOTFOUND);
  CHECK(loop.fd_update(w.handle(), watch, GW_FD_READ) == GW_E_NOTFOUND);
}

TEST_CASE("a descriptor has one watch on a worker, and what cannot be watched is refused") {
  One w;
  const auto& loop = w.loop_api();
  Pair pair;
  Seen seen;
  gw_error error{};
  error.size = sizeof error;
  const auto watch = [&](int fd, std::uint32_t mask) {
    return loop.fd_watch(w.handle(), fd, mask, Seen::note, &seen, &error);
  };
  const gw_handle first = watch(pair.ends[0], GW_FD_READ);
  REQUIRE(first != 0);
  CHECK(watch(pair.ends[0], GW_FD_WRITE) == 0);
  CHECK(error.code == GW_E_EXISTS);
  CHECK(loop.fd_unwatch(w.handle(), first) == GW_OK);
  CHECK(watch(pair.ends[0], GW_FD_WRITE) != 0);
  CHECK(watch(-1, GW_FD_READ) == 0);
  CHECK(error.code == GW_E_INVALID);
  CHECK(watch(100000, GW_FD_READ) == 0);
  CHECK(watch(pair.ends[1], 8) == 0);
  CHECK(loop.fd_watch(w.handle(), pair.ends[1], GW_FD_READ, nullptr, nullptr, nullptr) == 0);
  const int file = ::memfd_create("plain", 0);
  CHECK(watch(file, GW_FD_READ) == 0);
  CHECK(watch(file, GW_FD_READ) == 0);  // the first try left nothing behind
  CHECK(error.code == GW_E_INVALID);
  ::close(file);
}

TEST_CASE("a callback may unwatch its descriptor, and an error is told until it does") {
  One w;
  const auto& loop = w.loop_api();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);  // nobody reads: the writing end is in error
  struct State {
    const gw_loop_api& loop;
    gw_handle watch = 0;
    int calls = 0;
    std::uint32_t events = 0;
  } state{loop};
  state.watch = loop.fd_watch(
      w.handle(), ends[1], GW_FD_WRITE,
      [](gw_worker* worker, std::int32_t fd, std::uint32_t events, void* ud) {
        auto& s = *static_cast<State*>(ud);
        s.events = events;
        if (++s.calls < 3) return;
        CHECK(s.loop.fd_unwatch(worker, s.watch) == GW_OK);
        ::close(fd);
      },
      &state, nullptr);
  REQUIRE(state.watch != 0);
  w.run_until([&] { return state.calls == 3; });
  CHECK(state.events == (GW_FD_WRITE | GW_FD_ERROR));
}

TEST_CASE("what an instance watches ends with it") {
  One w;
  Pair pair;
  Seen seen;
  REQUIRE(w.loop_api().fd_watch(w.handle(), pair.ends[0], GW_FD_WRITE, Seen::note, &seen,
                                nullptr) != 0);
  w.generation.reset();
  CHECK(seen.calls == 0);
  CHECK(w.host->watched().empty());
}

TEST_CASE("threads post to a worker; what was accepted is called, in order") {
  One w;
  const auto& loop = w.loop_api();
  static std::vector<std::intptr_t> got;
  static std::thread::id where;
  got.clear();
  const gw_post_cb note = [](gw_worker*, void* ud) {
    got.push_back(reinterpret_cast<std::intptr_t>(ud));
    where = std::this_thread::get_id();
  };
  gw_worker* worker = w.handle();
  std::thread other([&] {
    for (std::intptr_t i = 1; i <= 1000; ++i)
      while (loop.post(worker, note, reinterpret_cast<void*>(i)) == GW_E_BUSY)
        std::this_thread::yield();
  });
  w.run_until([] { return got.size() == 1000; });
  other.join();
  CHECK(std::is_sorted(got.begin(), got.end()));
  CHECK(where == std::this_thread::get_id());
  CHECK(loop.post(worker, nullptr, nullptr) == GW_E_INVALID);
}

TEST_CASE("posts are bounded, and those that wait are delivered before the instance ends") {
  One w;
  const auto& loop = w.loop_api();
  struct State {
    const gw_loop_api& loop;
    int called = 0;
    gw_status again = GW_OK;
  } state{loop};
  const gw_post_cb count = [](gw_worker* worker, void* ud) {
    auto& s = *static_cast<State*>(ud);
    ++s.called;
    s.again = s.loop.post(
        worker, [](gw_worker*, void*) { FAIL("too late"); }, nullptr);
  };
  int accepted = 0;
  while (loop.post(w.handle(), count, &state) == GW_OK) ++accepted;
  CHECK(accepted == GW_POST_MAX);
  CHECK(loop.post(w.handle(), count, &state) == GW_E_BUSY);
  CHECK(state.called == 0);
  w.generation.reset();
  CHECK(state.called == accepted);
  CHECK(state.again == GW_E_STATE);
}

TEST_CASE("a background timer runs, has one name, and goes over to the next generation") {
  One w;
  const auto& loop = w.loop_api();
  static int old_ticks, new_ticks;
  old_ticks = new_ticks = 0;
  const gw_timer_cb tick = [](gw_worker*, void* ud) { ++*static_cast<int*>(ud); };
  const auto start = [&](const char* name, std::uint64_t every, gw_timer_cb cb, int* n) {
    return loop.background(w.handle(), {name, std::strlen(name)}, every, cb, n);
  };
  CHECK(start("", 10, tick, nullptr) == 0);
  CHECK(start(std::string(65, 'n').c_str(), 10, tick, nullptr) == 0);
  CHECK(start("sweep", 0, tick, nullptr) == 0);
  CHECK(start("sweep", 10, nullptr, nullptr) == 0);
  const gw_handle first = start("sweep", 10, tick, &old_ticks);
  REQUIRE(first != 0);
  CHECK(start("sweep", 10, tick, nullptr) == 0);
  w.run_until([] { return old_ticks >= 2; });

  const auto before = w.generation;  // as while a request of it goes on
  REQUIRE(w.configure("plugins:\n- name: one\n"));
  REQUIRE(start("sweep", 10, tick, &new_ticks) != 0);
  w.run_until([] { return new_ticks >= 2; });
  const int left = old_ticks;
  w.run_until([] { return new_ticks >= 5; });
  CHECK(old_ticks == left);
  CHECK(loop.timer_cancel(before->instances()[0]->worker.get(), first) == GW_OK);
}

TEST_CASE("a background timer goes to another process when its own dies, drains or lets go") {
  auto region = gw::shared::Region::create(4 << 20, 2).value();
  auto other = gw::shared::Region::attach(region->fd()).value();
  region->use_slot(0);
  other->use_slot(1);
  auto& board = region->board();
  const auto be = [&](std::uint32_t slot, gw::shared::WorkerState state) {
    board.slots()[slot].state.store(state);
  };
  for (const std::uint32_t slot : {0u, 1u}) {
    board.begin(slot, slot);
    be(slot, gw::shared::WorkerState::ready);
  }
  gw::plugin::Claims a(*region), b(*other);
  REQUIRE(a.open());
  REQUIRE(b.open());
  CHECK(a.hold("job", 1));
  CHECK_FALSE(b.hold("job", 1));
  CHECK_FALSE(b.hold("job", 2));  // the process that has it will serve that too
  CHECK(b.hold("another", 1));
  board.end(0);
  CHECK(b.hold("job", 1));
  board.begin(0, 0);  // a fresh process in the slot of the dead one
  CHECK_FALSE(a.hold("job", 1));
  be(0, gw::shared::WorkerState::ready);
  be(1, gw::shared::WorkerState::draining);
  CHECK(b.hold("job", 1));  // until somebody else wants it
  CHECK(a.hold("job", 1));
  CHECK_FALSE(b.hold("job", 1));
  be(1, gw::shared::WorkerState::ready);
  a.release("job", 2);  // not this generation's
  CHECK_FALSE(b.hold("job", 1));
  a.release("job", 1);
  CHECK(b.hold("job", 1));
}
