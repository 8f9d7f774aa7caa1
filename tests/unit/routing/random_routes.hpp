// SPDX-License-Identifier: Apache-2.0
// Random routes and requests of a small world, in which collisions are the rule.
#pragma once

#include <random>
#include <span>

#include "naive_router.hpp"

namespace gw::routing::test {

// Choices: from a seed, or from given bytes (0 when they are used up).
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  explicit Dice(std::string_view bytes) : bytes_(bytes), given_(true) {}
  std::size_t below(std::size_t n) {
    if (!given_) return random_() % n;
    if (bytes_.empty()) return 0;
    const std::size_t chosen = static_cast<unsigned char>(bytes_[0]) % n;
    bytes_.remove_prefix(1);
    return chosen;
  }
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
  std::string_view bytes_;
  bool given_ = false;
};

inline constexpr std::string_view k_methods[] = {"GET", "POST", "PURGE"};
inline constexpr std::string_view k_hosts[] = {
    "a.example",      "b.example",   "A.Example:81", "a.b.example",
    "*.example",      "*.b.example", "a.*",          "a.b.*",
    "*.example:81",   "a.*:81",      "b.example:80", "b.example:8080",
    "c.b.a.example.", "[::1]",       "[::1]:81"};
inline constexpr std::string_view k_asked_hosts[] = {
    "a.example", "B.example",  "a.example:81",   "a.b.example",   "x.b.example",
    "a.org",     "a.b.c:81",   "b.example:8080", "c.b.a.example", "[::1]:81",
    "",          "a.example.", "example",        ".example",      "a.",
    "other:80",  "::1",        "a.example:x"};
inline constexpr std::string_view k_paths[] = {
    "/",       "/a",       "/a/b",    "/ab",      "/a/b/c", "/b",
    "/b/",     "/a/",      "/c%2Fd",  "/abc/def", "~/a",    "~/a/.",
    "~/(a|b)", "~/.*c$",   "~/a/b",   "~/b?",     "~/a|/b", "~/(?<x>[ab]+)/(.)",
    "~(?i)/A", "~/a(?!b)", "~/(.)\\1"};
inline constexpr std::string_view k_asked_paths[] = {
    "/",  "/a",     "/a/b", "/ab",  "/a/b/c", "/abc",       "/b/x", "/a/", "/c%2Fd/e",
    "/b", "/abc/d", "/A",   "/aab", "/bb/c",  "/abc/def/c", "/x/c", "*",   "/ab/c"};
inline constexpr std::string_view k_names[] = {"x-one", "X-Two", "x-three"};
inline constexpr std::string_view k_values[] = {"1", "A", "~*^a", "~*b\\d", "~*(?!c)."};
inline constexpr std::string_view k_sent_values[] = {"1", "a", "AB2", "b", "c"};
inline constexpr std::string_view k_snis[] = {"a.example", "*.example", "a.*", "B.example."};
inline constexpr std::string_view k_sent_snis[] = {"", "a.example", "b.example", "x.y.example",
                                                   "A.org"};

inline void fill(config::Route& route, Dice& dice) {
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

inline config::Entities make_entities(Dice& dice) {
  config::Entities out;
  out.services.resize(3);
  out.services[2].enabled = false;
  out.routes.resize(1 + dice.below(dice.one_in(4) ? 40 : 12));
  for (auto& route : out.routes) fill(route, dice);
  return out;
}

inline Request make_request(Dice& dice) {
  Request out{dice.of(k_asked_paths), dice.of(k_asked_hosts), dice.of(k_methods)};
  for (auto n = dice.below(4); n > 0; --n)
    out.fields.emplace_back(dice.of(k_names), dice.of(k_sent_values));
  out.tls = dice.one_in(2);
  if (out.tls) out.sni = dice.of(k_sent_snis);
  out.port = dice.one_in(3) ? 81 : 80;
  return out;
}

}  // namespace gw::routing::test
