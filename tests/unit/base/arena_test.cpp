// SPDX-License-Identifier: Apache-2.0
#include "base/arena.hpp"

#include <cstdint>

#include "catch.hpp"

using namespace gw;

TEST_CASE("pieces are aligned and do not overlap") {
  BlockPool pool(1024, 2);
  Arena arena(pool);
  char* last_end = nullptr;
  for (std::size_t n : {1u, 3u, 8u, 100u, 900u, 5000u, 7u}) {
    auto* p = static_cast<char*>(arena.allocate(n, 16));
    CHECK(reinterpret_cast<std::uintptr_t>(p) % 16 == 0);
    std::memset(p, int(n), n);
    CHECK(p != last_end);
    last_end = p + n;
  }
}

TEST_CASE("a reset gives the blocks back to the pool") {
  BlockPool pool(1024, 2);
  char* first = pool.take();
  pool.give(first);
  {
    Arena arena(pool);
    arena.allocate(10);
    CHECK(arena.held() == 1024);
    arena.reset();
    CHECK(arena.held() == 0);
  }
  CHECK(pool.take() == first);
  pool.give(first);
}

TEST_CASE("copies are independent of their source") {
  BlockPool pool(1024, 2);
  Arena arena(pool);
  char text[] = "abc";
  const auto copy = arena.copy(text);
  text[0] = 'x';
  CHECK(copy == "abc");
  CHECK(arena.copy({}).data() != nullptr);
}
