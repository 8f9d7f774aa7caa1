// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>

#include "base/arena.hpp"
#include "catch.hpp"
#include "routing/path.hpp"

namespace {

using gw::routing::normalize;

struct Memory {
  gw::BlockPool pool{4096, 4};
  gw::Arena arena{pool};
};

std::string normal(std::string_view path) {
  Memory memory;
  const auto out = normalize(path, memory.arena);
  return out.data() == nullptr ? "refused" : std::string(out);
}

}  // namespace

TEST_CASE("paths have one normal form") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a/", "/a/"},
      {"/a.b/..c/d./.e", "/a.b/..c/d./.e"},
      {"/...", "/..."},
      // escapes
      {"/%61%7A%41%30", "/azA0"},
      {"/%2D%2e%5F%7e", "/-._~"},
      {"/a%2fb", "/a%2Fb"},
      {"/a%2Fb", "/a%2Fb"},
      {"/%3a%40%21%24%26", "/%3A%40%21%24%26"},
      {"/%c3%a9", "/%C3%A9"},
      {"/%20%22", "/%20%22"},
      {"/%2561", "/%2561"},
      {"/%0a%7f", "/%0A%7F"},
      // bytes that a path can't hold
      {"/\xC3\xA9", "/%C3%A9"},
      {"/a b", "/a%20b"},
      {"/\"<>\\^`{|}", "/%22%3C%3E%5C%5E%60%7B%7C%7D"},
      {"/!$&'()*+,;=:@[]", "/!$&'()*+,;=:@[]"},
      // dot segments
      {"/.", "/"},
      {"/..", "/"},
      {"/./", "/"},
      {"/../", "/"},
      {"/a/.", "/a/"},
      {"/a/..", "/"},
      {"/a/b/..", "/a/"},
      {"/a/b/../", "/a/"},
      {"/a/./b", "/a/b"},
      {"/a/b/../../c", "/c"},
      {"/../../../etc/passwd", "/etc/passwd"},
      {"/a/../../b", "/b"},
      {"/%2e%2e/a", "/a"},
      {"/a/%2E%2e/b", "/b"},
      {"/a/.%2e", "/"},
      {"/a/%2e/b", "/a/b"},
      {"/a/..%2Fb", "/a/..%2Fb"},
      {"/a/..;/b", "/a/..;/b"},
      // slashes
      {"//", "/"},
      {"//a", "/a"},
      {"/a//b///c", "/a/b/c"},
      {"/a//", "/a/"},
      {"/a//../b", "/b"},
      {"/a/..//b", "/b"},
      {"/a/.//b", "/a/b"},
      {"//..//..", "/"},
      {"/a/b//../..//c", "/c"},
      // refused
      {"/%", "refused"},
      {"/%4", "refused"},
      {"/a%zz", "refused"},
      {"/%4g", "refused"},
      {"/%g4", "refused"},
      {"/%00", "refused"},
      {"/a%00.png", "refused"},
      {"/a\nb", "refused"},
      {"/a\tb", "refused"},
      {"/\x7F", "refused"},
      {"/a#b", "refused"},
      {"/a?b", "refused"},
  }));
  CAPTURE(path);
  CHECK(normal(path) == expected);
}

TEST_CASE("a NUL byte in a path is refused") {
  CHECK(normal(std::string_view("/a\0b", 4)) == "refused");
}

TEST_CASE("a path that is normal already is returned as it is, without memory") {
  const std::string path = GENERATE("/", "/a", "/orders/17/items.json", "/a.b/..c/.d/e.", "/x/...");
  Memory memory;
  CHECK(normalize(path, memory.arena).data() == path.data());
  CHECK(memory.arena.held() == 0);
  const std::string escaped = "/caf%C3%A9/%2F";
  CHECK(normalize(escaped, memory.arena).data() == escaped.data());
}

TEST_CASE("what origins take apart differently is found in a normal path") {
  using namespace gw::config;
  const auto [path, expected] = GENERATE(table<std::string, int>({
      {"/", 0},
      {"/a;b=c/d", 0},
      {"/a.;b", 0},
      {"/a..%2Fb", k_path_encoded_slash},
      {"/100%25", 0},
      {"/100%2525", 0},
      {"/a%2541", 0},
      {"/caf%C3%A9", 0},
      {"/%E2%80%AE", 0},
      {"/a%2fb", k_path_encoded_slash},
      {"/a%5cb", k_path_backslash},
      {"/a\\b", k_path_backslash},
      {"/a%0Ab", k_path_control},
      {"/a%7f", k_path_control},
      {"/a%252e", k_path_double_encoding},
      {"/a%25%32%65", k_path_double_encoding},
      {"/a%25252F", k_path_double_encoding},
      {"/a%255C", k_path_double_encoding},
      {"/a%2500", k_path_double_encoding},
      {"/%c0%ae", k_path_double_encoding},
      {"/%e0%80%af", k_path_double_encoding},
      {"/a/..;/b", k_path_hidden_dots},
      {"/a/.;", k_path_hidden_dots},
      {"/a/%2e.;x=1/b", k_path_hidden_dots},
      {"/a/..%3bx/b", k_path_hidden_dots},
      {"/a/..%2fb", k_path_encoded_slash | k_path_hidden_dots},
      {"/a%2f..", k_path_encoded_slash | k_path_hidden_dots},
      {"/a/..%5cb", k_path_backslash | k_path_hidden_dots},
      {"/a\\..\\b", k_path_backslash | k_path_hidden_dots},
      {"/.../..a;/b", 0},
  }));
  CAPTURE(path);
  CHECK(int(gw::routing::path_traits(normal(path))) == expected);
}

TEST_CASE("normal forms are stable and never climb above the root") {
  const std::string_view pieces[] = {
      "/",  "/",   ".",   "..", "%2e",  "%2E", "%2f", "%2F", "a", "b", "%61", "%41", "%25", "%",
      "%4", "%zz", "%00", " ",  "\xE9", "~",   ";",   "\\",  "?", "#", "\n",  "é",   "%7f"};
  std::mt19937 random(20240607);
  std::size_t accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    // The broken pieces stand last or between; most rounds draw from the sound ones only.
    const std::size_t choice = round % 8 == 0 ? std::size(pieces) : 13;
    std::string path = "/";
    for (auto n = random() % 14; n > 0; --n) path += pieces[random() % choice];
    const std::string once = normal(path);
    if (once == "refused") continue;
    ++accepted;
    CAPTURE(path, once);
    REQUIRE(normal(once) == once);
    REQUIRE(once.starts_with('/'));
    REQUIRE(once.find("//") == once.npos);
    REQUIRE((once + "/").find("/../") == once.npos);
    REQUIRE((once + "/").find("/./") == once.npos);
  }
  CHECK(accepted > 40'000);
}
