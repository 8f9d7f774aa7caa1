// SPDX-License-Identifier: Apache-2.0
// Every operator new of this binary is counted, so that a look-up can be seen to use none. All
// forms are replaced, or a sanitizer sees one's memory freed by another.
#include <cstdlib>
#include <new>

#include "routes.hpp"

namespace {
std::size_t g_allocations = 0;

void* counted(std::size_t n) {
  ++g_allocations;
  void* p = std::malloc(n);
  if (p == nullptr) std::abort();
  return p;
}
}  // namespace

void* operator new(std::size_t n) { return counted(n); }
void* operator new[](std::size_t n) { return counted(n); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return counted(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return counted(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }

using namespace gw::routing::test;

TEST_CASE("a look-up allocates nothing in steady state") {
  World world;
  auto& full = world.add("full");
  full.hosts = {"a.example", "*.b.example", "c.*"};
  full.paths = {"/orders", "/users/list"};
  full.methods = {"GET"};
  full.headers = {{"x-version", {"1", "~*^v\\d"}}};
  world.add("captures").paths = {"~/users/(?<id>\\d+)/(.*)"};
  world.add("look-ahead").paths = {"~/items/(?!private)[^/]+"};
  world.add("prefix").paths = {"/"};
  const Request requests[] = {
      {"/orders/1", "a.example", "GET", {{"x-version", "V2"}, {"x-version", "1"}}},
      {"/users/list", "x.y.b.example:8080", "GET", {{"x-version", "1"}}},
      {"/users/17/orders", "c.org"},
      {"/items/public/9", "other"},
      {"/items/private", "other"},
      {"/nowhere", "a.b.c.d.e.f"}};
  const char* expected[] = {"full", "full", "captures", "look-ahead", "prefix", "prefix"};
  for (std::size_t i = 0; i < std::size(requests); ++i) {
    CAPTURE(i);
    CHECK(world.at(requests[i]) == expected[i]);
  }
  world.arena.reset();
  const auto before = g_allocations;
  std::size_t found = 0;
  for (int round = 0; round < 100; ++round) {
    for (const Request& request : requests)
      found += world.match(request).route != gw::config::k_none;
    world.arena.reset();
  }
  const auto after = g_allocations;
  CHECK(found == 600);
  CHECK(after - before == 0);
}
