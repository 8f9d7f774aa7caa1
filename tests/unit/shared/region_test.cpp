// SPDX-License-Identifier: Apache-2.0
#include "shared/region.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "catch.hpp"
#include "children.hpp"
#include "shared/names.hpp"
#include "shared/robust_mutex.hpp"
#include "shared/worker_board.hpp"

using namespace gw::shared;
using gw::test::Child;

TEST_CASE("a region is the same memory for who attaches to it") {
  const auto region = std::move(Region::create(4 << 20, 3)).value();
  const auto other = std::move(Region::attach(region->fd())).value();
  CHECK(other->slots() == 6);
  CHECK(other->bytes() == 4 << 20);
  region->use_slot(2);
  region->board().mine().requests.add(3);
  CHECK(other->board().slots()[2].requests.get() == 3);
}

TEST_CASE("a region that is too small, or none, is refused") {
  CHECK_FALSE(Region::create(1000, 1).ok());
  CHECK_FALSE(Region::create(1 << 20, 10000).ok());
  const int fd = memfd_create("other", MFD_CLOEXEC);
  REQUIRE(ftruncate(fd, 8192) == 0);
  CHECK_FALSE(Region::attach(fd).ok());
  close(fd);
  CHECK_FALSE(Region::attach(-1).ok());
}

TEST_CASE("the allocator hands out until there is no room") {
  const auto region = std::move(Region::create(1 << 20, 1)).value();
  const std::uint64_t first = region->allocate(100);
  const std::uint64_t second = region->allocate(1);
  REQUIRE(first != 0);
  CHECK(first % 64 == 0);
  CHECK(second == first + 128);
  CHECK(region->allocate(2 << 20) == 0);
  while (region->allocate(4096) != 0) {
  }
  CHECK(region->used() <= region->bytes());
}

TEST_CASE("names have one number in all processes") {
  const auto region = std::move(Region::create(4 << 20, 1)).value();
  const std::uint32_t a = region->names().intern("key-auth");
  const std::uint32_t b = region->names().intern("rate-limiting");
  CHECK(a != 0);
  CHECK(a != b);
  const auto other = std::move(Region::attach(region->fd())).value();
  CHECK(other->names().intern("key-auth") == a);
  CHECK(other->names().text(b) == "rate-limiting");
  CHECK(other->names().text(0) == "?");
  CHECK(other->names().text(~0u) == "?");
  CHECK(region->names().intern("") != 0);
  CHECK(region->names().intern(std::string(100, 'x')) ==
        region->names().intern(std::string(64, 'x')));
}

TEST_CASE("a full table of names answers with no name") {
  const auto region = std::move(Region::create(1 << 20, 1)).value();
  std::uint32_t last = 1;
  int made = 0;
  for (; last != 0 && made < 100000; ++made) last = region->names().intern(std::to_string(made));
  CHECK(last == 0);
  CHECK(made > 500);
  CHECK(region->names().text(region->names().intern("7")) == "7");
}

TEST_CASE("the breadcrumb of a killed worker tells plugin, phase, route and request") {
  const auto region = std::move(Region::create(4 << 20, 1)).value();
  const std::uint32_t plugin = region->names().intern("bad-plugin");
  const std::uint32_t route = region->names().intern("orders");
  region->board().begin(0, 0);
  Child worker([&] {
    WorkerSlot& slot = region->board().mine();
    slot.note_request("0123456789abcdef0123456789abcdef");
    slot.enter(plugin, route, Where::rewrite);
    slot.leave();
    slot.enter(plugin, route, Where::response);
    return raise(SIGKILL);
  });
  worker.wait();
  const WorkerSlot& slot = region->board().slots()[0];
  const Breadcrumb last = slot.last();
  CHECK(region->names().text(last.plugin) == "bad-plugin");
  CHECK(region->names().text(last.route) == "orders");
  CHECK(to_string(last.where) == "response");
  CHECK(last.sequence == 2);
  CHECK(slot.last_request() == "0123456789abcdef0123456789abcdef");
}

TEST_CASE("what a worker writes before its process id is known stays") {
  const auto region = std::move(Region::create(4 << 20, 1)).value();
  region->board().begin(0, 0);
  Child worker([&] {
    region->board().mine().generation = 3;
    region->board().mine().state = WorkerState::ready;
    return 0;
  });
  CHECK(worker.wait() == 0);
  region->board().started(0, 4711);
  const WorkerSlot& slot = region->board().slots()[0];
  CHECK(slot.state.load() == WorkerState::ready);
  CHECK(slot.generation.load() == 3);
  CHECK(slot.pid.load() == 4711);
}

TEST_CASE("outside of callbacks the breadcrumb is empty") {
  WorkerSlot slot{};
  slot.enter(1, 2, Where::log);
  slot.leave();
  CHECK(slot.last().where == Where::none);
  CHECK(slot.last().plugin == 0);
}

TEST_CASE("a lock whose holder died is handed on, to be repaired") {
  const auto region = std::move(Region::create(1 << 20, 1)).value();
  Child holder([&] {
    region->mutex().lock(1000);
    return raise(SIGKILL);
  });
  holder.wait();
  int repairs = 0;
  {
    const RobustLock lock(region->mutex(), 1000, [&] { ++repairs; });
    CHECK(lock.held());
  }
  const RobustLock lock(region->mutex(), 1000, [&] { ++repairs; });
  CHECK(lock.held());
  CHECK(repairs == 1);
}

TEST_CASE("a lock that is held is waited for no longer than told") {
  const auto region = std::move(Region::create(1 << 20, 1)).value();
  const RobustLock lock(region->mutex(), 1000, [] {});
  Child other([&] { return region->mutex().lock(5) == RobustMutex::Got::busy ? 0 : 1; });
  CHECK(other.wait() == 0);
}
