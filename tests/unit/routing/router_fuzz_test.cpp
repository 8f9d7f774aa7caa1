// SPDX-License-Identifier: Apache-2.0
// The indexed router against the naive walk, on random routes and requests of a small world, in
// which collisions are the rule.
#include <random>
#include <span>

#include "naive_router.hpp"

namespace {

using namespace gw::routing::test;
namespace config = gw::config;

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string of(std::span<const std::string_view> pool) {
    return std::string(pool[below(pool.size())]);
  }
  std::vector<std::string> some(std::span<const std::string_view> pool, std::size_t most) {
    std::vector<std::string> out;
    for (auto n = 1 + below(most); n > 0; --n) out.push_back(of(pool));
    return out;
  }

 private:
  std::mt19937 random_;
};

constexpr std::string_view k_methods[] = {"GET", "POST", "PURGE"};
constexpr std::string_view k_hosts[] = {
    "a.example",      "b.example",   "A.Example:81", "a.b.example",
    "*.example",      "*.b.example", "a.*",          "a.b.*",
    "*.example:81",   "a.*:81",      "b.example:80", "b.example:8080",
    "c.b.a.example.", "[::1]",       "[::1]:81"};
constexpr std::string_view k_asked_hosts[] = {
    "a.example", "B.example",  "a.example:81",   "a.b.example",   "x.b.example",
    "a.org",     "a.b.c:81",   "b.example:8080", "c.b.a.example", "[::1]:81",
    "",          "a.example.", "example",        ".example",      "a.",
    "other:80",  "::1",        "a.example:x"};
constexpr std::string_view k_paths[] = {
    "/",       "/a",       "/a/b",    "/ab",      "/a/b/c", "/b",
    "/b/",     "/a/",      "/c%2Fd",  "/abc/def", "~/a",    "~/a/.",
    "~/(a|b)", "~/.*c$",   "~/a/b",   "~/b?",     "~/a|/b", "~/(?<x>[ab]+)/(.)",
    "~(?i)/A", "~/a(?!b)", "~/(.)\\1"};
constexpr std::string_view k_asked_paths[] = {
    "/",  "/a",     "/a/b", "/ab",  "/a/b/c", "/abc",       "/b/x", "/a/", "/c%2Fd/e",
    "/b", "/abc/d", "/A",   "/aab", "/bb/c",  "/abc/def/c", "/x/c", "*",   "/ab/c"};
constexpr std::string_view k_names[] = {"x-one", "X-Two", "x-three"};
constexpr std::string_view k_values[] = {"1", "A", "~*^a", "~*b\\d", "~*(?!c)."};
constexpr std::string_view k_sent_values[] = {"1", "a", "AB2", "b", "c"};
constexpr std::string_view k_snis[] = {"a.example", "*.example", "a.*", "B.example."};
constexpr std::string_view k_sent_snis[] = {"", "a.example", "b.example", "x.y.example", "A.org"};

void fill(config::Route& route, Dice& dice) {
  if (dice.one_in(3)) route.methods = dice.some(k_methods, 2);
  if (dice.one_in(2)) route.hosts = dice.some(k_hosts, 3);
  if (!dice.one_in(3)) route.paths = dice.some(k_paths, 4);
  if (dice.one_in(3)) {
    const auto first = dice.below(3);
    for (auto i = first; i < 3; i += 1 + dice.below(2))
      route.headers.push_back({std::string(k_names[i]), dice.some(k_values, 2)});
  }
  if (dice.one_in(5)) route.snis = dice.some(k_snis, 2);
  if (dice.one_in(3)) route.regex_priority = std::int64_t(dice.below(4));
  if (dice.one_in(3)) route.service = config::Index(dice.below(3));
}

config::Entities make_entities(Dice& dice) {
  config::Entities out;
  out.services.resize(3);
  out.services[2].enabled = false;
  out.routes.resize(1 + dice.below(dice.one_in(4) ? 40 : 12));
  for (auto& route : out.routes) fill(route, dice);
  return out;
}

Request make_request(Dice& dice) {
  Request out{dice.of(k_asked_paths), dice.of(k_asked_hosts), dice.of(k_methods)};
  for (auto n = dice.below(4); n > 0; --n)
    out.fields.emplace_back(dice.of(k_names), dice.of(k_sent_values));
  out.tls = dice.one_in(2);
  if (out.tls) out.sni = dice.of(k_sent_snis);
  out.port = dice.one_in(3) ? 81 : 80;
  return out;
}

}  // namespace

TEST_CASE("the indexed router answers as a walk over all routes does") {
  int matched = 0;
  int captured = 0;
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    Dice dice(seed);
    World world;
    world.entities = make_entities(dice);
    const NaiveRouter naive(world.entities);
    for (int i = 0; i < 40; ++i) {
      const Request request = make_request(dice);
      const auto expected = naive.match(request);
      const auto got = world.match(request);
      CAPTURE(seed, i, request.path, request.host, request.method);
      REQUIRE(got.route == expected.route);
      REQUIRE(got.matched == expected.matched);
      REQUIRE(got.capture_count == expected.capture_count);
      REQUIRE_FALSE(got.gave_up);
      matched += got.route != config::k_none;
      captured += got.capture_count > 1;
    }
  }
  CHECK(matched > 30'000);
  CHECK(captured > 1'000);
}
