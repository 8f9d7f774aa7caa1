// SPDX-License-Identifier: Apache-2.0
#include "routing/regex.hpp"

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "routing/regex_syntax.hpp"

namespace {

using namespace gw::routing;

Regex compiled(std::string_view pattern, RegexOptions options = {}) {
  auto regex = Regex::compile(pattern, options);
  REQUIRE(regex.ok());
  return std::move(regex.value());
}

// How much of the text the pattern matches; -1: it does not, -2: it gave up.
int matched(std::string_view pattern, std::string_view text, RegexOptions options = {}) {
  std::size_t end = 0;
  const auto outcome = compiled(pattern, options).match(text, end);
  if (outcome == RegexOutcome::gave_up) return -2;
  return outcome == RegexOutcome::yes ? int(end) : -1;
}

}  // namespace

TEST_CASE(
    "a path's regex is anchored at the start, with all its alternatives, and open at the end") {
  CHECK(matched("/a", "/ab") == 2);
  CHECK(matched("/b", "/a/b") == -1);
  CHECK(matched("/a|/b", "/x/b") == -1);
  CHECK(matched("/a|/b", "/b") == 2);
  CHECK(matched("/a$", "/ab") == -1);
  CHECK(matched("^/a", "/ab") == 2);
  CHECK(matched("/\\d+", "/12a") == 3);
  CHECK(matched("/(a|ab)(c|bcd)?", "/abcd") == 5);  // leftmost-first, as Perl's
  CHECK(matched("/A", "/a") == -1);
  CHECK(matched("", "/a") == 0);
}

TEST_CASE("an unanchored regex without case finds its text anywhere") {
  CHECK(matched("chrome/\\d", "Mozilla CHROME/8", {false, true}) == 16);
  CHECK(matched("\\D", "1", {false, true}) == -1);
  CHECK(matched("\\D", "1x", {false, true}) == 2);
}

TEST_CASE("captures are numbered and named, in both spellings") {
  for (const auto* pattern :
       {"/u/(?<id>\\d+)/(x)?(.*)", "/u/(?P<id>\\d+)/(x)?(.*)", "(?=/u)/u/(?<id>\\d+)/(x)?(.*)"}) {
    CAPTURE(pattern);
    const auto regex = compiled(pattern);
    REQUIRE(regex.groups() == 4);
    std::vector<Capture> captures(regex.groups());
    REQUIRE(regex.capture("/u/17/abc", captures.data()) == RegexOutcome::yes);
    CHECK(captures[0].value == "/u/17/abc");
    CHECK(captures[1].name == "id");
    CHECK(captures[1].value == "17");
    CHECK(captures[2].name.empty());
    CHECK(captures[2].value.data() == nullptr);
    CHECK(captures[3].value == "abc");
  }
}

TEST_CASE("look-around and back-references work, by the engine that can") {
  CHECK(compiled("/a+").linear());
  CHECK(compiled("/(?<n>[^/]+)").linear());
  CHECK_FALSE(compiled("/(?!admin)").linear());
  CHECK(matched("/(?!admin).+", "/user") == 5);
  CHECK(matched("/(?!admin).+", "/admin") == -1);
  CHECK(matched("/(\\w)\\1", "/aab") == 3);
  CHECK(matched("/b(?<=b)", "/a/b") == -1);
  CHECK(matched("/(?>a+)b", "/aaab") == 5);
  CHECK(matched("/a++b", "/aab") == 4);
}

TEST_CASE("a backtracking regex gives up instead of taking long") {
  const std::string text = "/" + std::string(4000, 'a') + "!";
  const auto begin = std::chrono::steady_clock::now();
  CHECK(matched("/(?=a)(a+)+$", text) == -2);
  CHECK(matched("/(a+)+$", text) == -1);  // linear
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("a broken regex is refused with its place") {
  const auto error = [](std::string_view pattern) {
    const auto regex = Regex::compile(pattern);
    REQUIRE_FALSE(regex.ok());
    return regex.error().text;
  };
  CHECK(error("/a(b") ==
        "\"/a(b\" is no usable regular expression: missing closing parenthesis at byte 4");
  CHECK(error("/[a").find("at byte 3") != std::string::npos);
  CHECK(error("*").find("at byte 0") != std::string::npos);
  CHECK(error("(*UTF)/a").find("UTF") != std::string::npos);
  CHECK(error("((a{1,100}){1,100}){1,100}").find("too large") != std::string::npos);
  std::string large;
  for (int i = 0; i < 300; ++i) large += "a{1000}";
  CHECK(error(large).find("1 MiB") != std::string::npos);
  std::string groups;
  for (int i = 0; i < 100; ++i) groups += "(a)";
  CHECK(error(groups).find("has 100 groups; a regular expression may have 99") !=
        std::string::npos);
}

TEST_CASE("groups are renamed only where a group begins") {
  CHECK(name_groups("(?<a>x)(?<b>y)") == "(?P<a>x)(?P<b>y)");
  CHECK(name_groups("(?P<a>x)(?:y)") == "(?P<a>x)(?:y)");
  CHECK(name_groups("(?<=a)(?<!b)") == "(?<=a)(?<!b)");
  CHECK(name_groups("\\(?<a>") == "\\(?<a>");
  CHECK(name_groups("[(?<a>]") == "[(?<a>]");
  CHECK(name_groups("\\Q(?<a>\\E(?<b>c)") == "\\Q(?<a>\\E(?P<b>c)");
  CHECK(name_groups("(?<") == "(?<");
}

TEST_CASE("the literal beginning of a regex is known and errs to the short side") {
  const auto [pattern, prefix] = GENERATE(table<std::string, std::string>({
      {"/users/\\d+", "/users/"},
      {"/a\\.b$", "/a.b"},
      {"^/a", "/a"},
      {"/ab?", "/a"},
      {"/ab*c", "/a"},
      {"/ab{2}", "/a"},
      {"/ab+", "/ab"},
      {"/a|/b", ""},
      {"/a(b|c)", "/a"},
      {"/a[|]b", "/a"},
      {"/a(b)|c", ""},
      {"/a\\(|/b", ""},
      {"(?i)/a", ""},
      {"/a(?i)b", ""},
      {"/a(?#)|x)", ""},
      {"/a(?<n>b)", "/a"},
      {"/a\\x41", "/a"},
      {"/a\\Qb|c\\E", "/"},
      {"/a\\Q\\E?", "/"},
      {"", ""},
      {".*", ""},
  }));
  CAPTURE(pattern);
  CHECK(literal_prefix(pattern) == prefix);
}

TEST_CASE("whatever a regex matches begins with its literal beginning") {
  const std::string_view pieces[] = {"/",   "a",   "b",     "(",   ")", "|",   "?",
                                     "*",   "+",   "[",     "]",   "^", "\\.", "\\d",
                                     "{2}", "(?:", "(?<n>", "(?=", "$", "\\Q", "\\E"};
  std::mt19937 random(7);
  int yes = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string pattern = "/";
    for (auto n = random() % 7; n > 0; --n) pattern += pieces[random() % std::size(pieces)];
    auto regex = Regex::compile(pattern);
    if (!regex.ok()) continue;
    std::string text;
    for (auto n = random() % 6; n > 0; --n) text += "//aab.1"[random() % 7];
    std::size_t end = 0;
    if (regex->match(text, end) != RegexOutcome::yes) continue;
    ++yes;
    CAPTURE(pattern, text);
    REQUIRE(end <= text.size());
    REQUIRE(text.substr(0, end).starts_with(literal_prefix(pattern)));
  }
  CHECK(yes > 1000);
}
