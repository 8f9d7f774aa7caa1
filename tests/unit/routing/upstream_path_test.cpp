// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "catch.hpp"
#include "routing/path.hpp"

namespace {

struct Row {
  std::string_view service;
  std::string_view matched;  // what the route matched of the path; empty: the route has no path
  bool strip;
  std::string_view path;
  std::string_view expected;
};

std::string build(const Row& row, bool v1) {
  gw::BlockPool pool(4096, 2);
  gw::Arena arena(pool);
  REQUIRE(row.path.starts_with(row.matched));
  return std::string(gw::routing::upstream_path({row.service, row.strip, v1}, row.path,
                                                row.matched.size(), arena));
}

void check_rows(const Row* rows, std::size_t count, bool v1) {
  for (std::size_t i = 0; i < count; ++i) {
    const Row& row = rows[i];
    CAPTURE(i, row.service, row.matched, row.strip, row.path);
    CHECK(build(row, v1) == row.expected);
  }
}

constexpr Row k_v0[] = {
    // no service path: the same as "/"
    {"", "/", true, "/", "/"},
    {"", "/", true, "/route", "/route"},
    {"", "/", false, "/", "/"},
    {"", "/", false, "/route/", "/route/"},
    {"", "/route", true, "/route", "/"},
    {"", "/route", true, "/route/", "/"},
    {"", "/route", true, "/route/x", "/x"},
    {"", "/route", true, "/routereq", "/req"},
    {"", "/route", false, "/routereq", "/routereq"},
    {"", "/route/", true, "/route/", "/"},
    {"", "/route/", true, "/route/req", "/req"},
    // service "/"
    {"/", "/", true, "/", "/"},
    {"/", "/", true, "/req/", "/req/"},
    {"/", "/route", true, "/route", "/"},
    {"/", "/route", true, "/route/", "/"},
    {"/", "/route", true, "/route/req", "/req"},
    {"/", "/route", false, "/route", "/route"},
    {"/", "/route/", false, "/route/", "/route/"},
    {"/", "/route/", true, "/route/", "/"},
    // service "/service", stripped
    {"/service", "/", true, "/", "/service"},
    {"/service", "/", true, "/route", "/service/route"},
    {"/service", "/", true, "/route/", "/service/route/"},
    {"/service", "/route", true, "/route", "/service"},
    {"/service", "/route", true, "/route/", "/service/"},
    {"/service", "/route", true, "/routereq", "/service/req"},
    {"/service", "/route", true, "/route/req", "/service/req"},
    {"/service", "/route", true, "/route/req/", "/service/req/"},
    {"/service", "/route/", true, "/route/", "/service/"},
    {"/service", "/route/", true, "/route/req", "/service/req"},
    {"/service", "/route-1", true, "/route-1.5", "/service/.5"},
    // service "/service", not stripped
    {"/service", "/", false, "/", "/service"},
    {"/service", "/", false, "/route", "/service/route"},
    {"/service", "/route", false, "/route", "/service/route"},
    {"/service", "/route", false, "/route/", "/service/route/"},
    {"/service", "/route", false, "/routereq", "/service/routereq"},
    {"/service", "/route/", false, "/route/req", "/service/route/req"},
    // service "/service/", stripped
    {"/service/", "/", true, "/", "/service/"},
    {"/service/", "/", true, "/route", "/service/route"},
    {"/service/", "/", true, "/route/", "/service/route/"},
    {"/service/", "/route", true, "/route", "/service"},
    {"/service/", "/route", true, "/route/", "/service/"},
    {"/service/", "/route", true, "/routereq", "/service/req"},
    {"/service/", "/route", true, "/route/req", "/service/req"},
    {"/service/", "/route/", true, "/route/", "/service/"},
    {"/service/", "/route/", true, "/route/req", "/service/req"},
    {"/service/", "/route/", true, "/route/req/", "/service/req/"},
    // service "/service/", not stripped
    {"/service/", "/", false, "/", "/service/"},
    {"/service/", "/", false, "/route", "/service/route"},
    {"/service/", "/route", false, "/route", "/service/route"},
    {"/service/", "/route", false, "/route/", "/service/route/"},
    {"/service/", "/route", false, "/routereq", "/service/routereq"},
    // dots that stripping lays bare
    {"/service", "/route", true, "/route.", "/service"},
    {"/service", "/route", true, "/route..", "/service"},
    {"/service", "/route", true, "/route./", "/service/"},
    {"/service", "/route", true, "/route../", "/service/"},
    {"/service", "/route", true, "/route./req", "/service/req"},
    {"/service", "/route", true, "/route../req", "/service/req"},
    {"/service", "/route", true, "/route...req", "/service/...req"},
    {"/service", "/route", true, "/route...", "/service/..."},
    {"/service", "/route", true, "/route..x/req", "/service/..x/req"},
    {"/service", "/route", false, "/route../req", "/service/route../req"},
    {"/service/", "/route", true, "/route..", "/service"},
    {"/service/", "/route", true, "/route../req", "/service/req"},
    {"/", "/route", true, "/route../req", "/req"},
    {"", "/route", true, "/route..", "/"},
    // dots that some origin would take for a segment
    {"", "/route", true, "/route..;/req", "/;/req"},
    {"/service", "/route", true, "/route..;x/req", "/service/;x/req"},
    {"/service", "/route", true, "/route..%2Freq", "/service/%2Freq"},
    {"/service", "/route", true, "/route.%5Creq", "/service/%5Creq"},
    {"/service", "/route", true, "/route..a/req", "/service/..a/req"},
    // a regex may match any part
    {"/service", "/r/17", true, "/r/17/x", "/service/x"},
    {"/service", "/r/17/x", true, "/r/17/x", "/service"},
    {"/service", "/r", true, "/r17/x", "/service/17/x"},
    // a route without paths: nothing to strip
    {"", "", true, "/", "/"},
    {"", "", true, "/req", "/req"},
    {"/service", "", true, "/", "/service"},
    {"/service", "", false, "/", "/service"},
    {"/service", "", true, "/req/", "/service/req/"},
    {"/service", "", false, "/req", "/service/req"},
    {"/service/", "", true, "/", "/service/"},
    {"/service/", "", true, "/req", "/service/req"},
    {"/service/", "", false, "/req", "/service/req"},
};
static_assert(std::size(k_v0) >= 60);

constexpr Row k_v1[] = {
    {"", "/route", true, "/route", "/"},
    {"", "/route", true, "/route/req", "/req"},
    {"", "/route", false, "/route/", "/route/"},
    {"/service", "/route", true, "/route", "/service"},
    {"/service", "/route", true, "/route/", "/service/"},
    {"/service", "/route", true, "/route/req", "/service/req"},
    {"/service", "/route", true, "/routereq", "/servicereq"},
    {"/service", "/route/", true, "/route/req", "/servicereq"},
    {"/service", "/", true, "/req", "/servicereq"},
    {"/service", "/", false, "/", "/service"},
    {"/service", "/route", false, "/route/req", "/serviceroute/req"},
    {"/service/", "/route", true, "/route", "/service/"},
    {"/service/", "/route", true, "/route/", "/service/"},
    {"/service/", "/route", true, "/route/req", "/service/req"},
    {"/service/", "/route", true, "/routereq", "/service/req"},
    {"/service/", "/route", false, "/route/req", "/service/route/req"},
    {"/service/", "/route", true, "/route../req", "/service/req"},
    {"/service", "", true, "/req", "/servicereq"},
    {"/service/", "", true, "/req", "/service/req"},
    {"/", "/route", true, "/route..", "/"},
};

}  // namespace

TEST_CASE("path_handling v0 joins service and request path by its table") {
  check_rows(k_v0, std::size(k_v0), false);
}

TEST_CASE("path_handling v1 puts the paths together as they are") {
  check_rows(k_v1, std::size(k_v1), true);
}

TEST_CASE("an upstream path that is a part of what was given takes no memory") {
  gw::BlockPool pool(4096, 2);
  gw::Arena arena(pool);
  const std::string path = "/route/req";
  CHECK(gw::routing::upstream_path({"", true, false}, path, 6, arena).data() == path.data() + 6);
  CHECK(gw::routing::upstream_path({"/", false, false}, path, 6, arena).data() == path.data());
  CHECK(arena.held() == 0);
}
