// SPDX-License-Identifier: Apache-2.0
#include "key-auth/json_object.hpp"

#include "support/catch.hpp"

using namespace key_auth;
using Kind = Finding::Kind;

TEST_CASE("a string member is found with its escapes undone") {
  CHECK(find_member(R"( {"a":1, "apikey" : "x\"\/\n\u00e9\ud83d\ude00"} )", "apikey").text ==
        "x\"/\n\xc3\xa9\xf0\x9f\x98\x80");
  CHECK(find_member(R"({"api\u006bey":"x"})", "apikey").text == "x");
  CHECK(find_member(R"({"a":{"apikey":"x"}})", "apikey").kind == Kind::none);
}

TEST_CASE("members that are no string are told apart") {
  CHECK(find_member(R"({"k":1})", "k").kind == Kind::other);
  CHECK(find_member(R"({"k":null})", "k").kind == Kind::other);
  CHECK(find_member(R"({"k":["x"]})", "k").kind == Kind::duplicate);
  CHECK(find_member(R"({"k":{}})", "k").kind == Kind::duplicate);
  CHECK(find_member(R"({"k":"a","k":"b"})", "k").kind == Kind::duplicate);
}

TEST_CASE("a text that is not JSON has no members") {
  for (const char* bad :
       {"", "x", R"("k")", R"(["k"])", R"({"k":"x")", R"({"k":"x"}})", R"({"k":"x",})",
        R"({"k" "x"})", R"({k:"x"})", R"({"k":"x","n":01})", R"({"k":"x","n":1.})",
        R"({"k":"x","n":tru})", R"({"k":"x\q"})", R"({"k":"\ud800\u0041"})", "{\"k\":\"x\n\"}",
        R"({"k":"x","n":[1,]})", R"({"k":"x","n":-})", R"({"k":"x","n":1e})"})
    CHECK(find_member(bad, "k").kind == Kind::none);
}

TEST_CASE("JSON that is nested too deeply is refused without recursing into it") {
  const auto nested = [](std::size_t depth) {
    return R"({"k":"x","n":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(find_member(nested(100), "k").text == "x");
  CHECK(find_member(nested(100'000), "k").kind == Kind::none);
}

TEST_CASE("taking a member away leaves the other bytes") {
  CHECK(without_member(R"({"k":"x"})", "k") == "{}");
  CHECK(without_member(R"({ "a" : 1.50, "k":"x" , "b":[ ] })", "k") ==
        R"({ "a" : 1.50 , "b":[ ] })");
  CHECK(without_member(R"({"k":"x", "b":2})", "k") == R"({"b":2})");
  CHECK(without_member(R"({"a":1,"k":"x"})", "k") == R"({"a":1})");
  CHECK(without_member(R"({"k":1,"k":2,"a":3,"k":4})", "k") == R"({"a":3})");
  CHECK(without_member(R"({"k":1,"k":2})", "k") == "{}");
  CHECK(without_member("no json", "k") == "no json");
}
