// SPDX-License-Identifier: Apache-2.0
#include "opentelemetry/trace_state.hpp"

#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

// The list that goes on, nothing when it is invalid.
std::optional<std::string> passed_on(const std::vector<std::string>& fields) {
  otel::TraceState state;
  for (const std::string& field : fields) {
    if (!state.add(field)) return std::nullopt;
  }
  state.truncate();
  std::string out(state.size(), '?');
  state.write(out.data());
  return out;
}

std::string members(int from, int to) {
  std::string list;
  for (int i = from; i <= to; ++i) {
    list += (list.empty() ? "" : ",") + ("k" + std::to_string(i) + "=" + std::to_string(i));
  }
  return list;
}

}  // namespace

TEST_CASE("a tracestate passes as it is") {
  CHECK(passed_on({"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"}) ==
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
}

TEST_CASE("several fields are combined in their order") {
  CHECK(passed_on({"foo=1", "bar=2", "rojo=1,congo=2"}) == "foo=1,bar=2,rojo=1,congo=2");
  CHECK(passed_on({"foo=1", ""}) == "foo=1");
  CHECK(passed_on({"", "foo=1"}) == "foo=1");
}

TEST_CASE("spaces, tabs and empty members around the members go") {
  CHECK(passed_on({"foo=1 \t , \t bar=2, \t baz=3"}) == "foo=1,bar=2,baz=3");
  CHECK(passed_on({"foo=1,\t \t,\t \t,bar=2,"}) == "foo=1,bar=2");
  CHECK(passed_on({" "}) == "");
  CHECK(passed_on({""}) == "");
}

TEST_CASE("spaces at the start of a value belong to it") {
  CHECK(passed_on({"foo= 1 "}) == "foo= 1");
  CHECK(passed_on({"foo=a b"}) == "foo=a b");
}

TEST_CASE("all allowed characters of keys and values pass") {
  const std::string key = "0123456789_-*/abcdefghijklmnopqrstuvwxyz@";
  std::string value;
  for (char c = 0x20; c <= 0x7e; ++c) {
    if (c != ',' && c != '=') value += c;
  }
  const std::string list = key + "=" + value + ",tenant@system=1";
  CHECK(passed_on({list}) == list);
}

TEST_CASE("one member that breaks the grammar makes the list invalid") {
  for (const char* bad : {"foo", "foo=", "=1", "foo =1", "FOO=1", "foo.bar=1", "@foo=1", "_foo=1",
                          "foo=1=2", "foo=\x7f", "foo=a\tb", "foo=\xc3\xa4"}) {
    INFO(bad);
    CHECK_FALSE(passed_on({std::string("ok=1,") + bad}));
  }
}

TEST_CASE("keys and values have at most 256 characters") {
  const std::string longest(256, 'z');
  CHECK(passed_on({longest + "=1"}) == longest + "=1");
  CHECK(passed_on({"k=" + longest}) == "k=" + longest);
  CHECK_FALSE(passed_on({longest + "z=1"}));
  CHECK_FALSE(passed_on({"k=" + longest + "z"}));
}

TEST_CASE("a list has at most 32 members over all fields") {
  CHECK(passed_on({members(1, 10), members(11, 20), members(21, 32)}) == members(1, 32));
  CHECK_FALSE(passed_on({members(1, 10), members(11, 20), members(21, 33)}));
}

TEST_CASE("of a key that stands twice the left member is kept") {
  CHECK(passed_on({"foo=1,bar=2,foo=3"}) == "foo=1,bar=2");
  CHECK(passed_on({"foo=1", "foo=1"}) == "foo=1");
}

TEST_CASE("at least 512 characters pass uncut") {
  std::string list = "a=" + std::string(200, 'x') + ",b=" + std::string(200, 'x') + ",c=";
  list += std::string(512 - list.size(), 'x');
  REQUIRE(list.size() == 512);
  CHECK(passed_on({list}) == list);
}

TEST_CASE("a list over the limit loses members of more than 128 characters first, then the right") {
  const std::string large = "large=" + std::string(200, 'x');
  std::string list = "first=1," + large;
  std::string expected = "first=1";
  for (int i = 0; i < 25; ++i) {
    const std::string member = "k" + std::to_string(10 + i) + "=" + std::string(36, 'v');
    list += "," + member;
    if (expected.size() + 1 + member.size() <= otel::k_tracestate_limit) expected += "," + member;
  }
  REQUIRE(list.size() > otel::k_tracestate_limit + 200);
  CHECK(passed_on({list}) == expected);
}
