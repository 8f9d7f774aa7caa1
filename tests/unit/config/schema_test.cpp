// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "catch.hpp"

using namespace gw::config;

namespace {

struct Applied {
  bool fine = false;
  Value value;
  std::vector<Diagnostic> out;
};

Applied apply(std::string_view schema, std::string_view text) {
  auto compiled = Schema::compile(schema);
  REQUIRE(compiled.ok());
  auto value = parse_json(text);
  REQUIRE(value.ok());
  Applied applied;
  applied.value = std::move(value).value();
  applied.fine = compiled.value().apply(applied.value, "config", applied.out);
  CHECK(applied.fine == applied.out.empty());
  return applied;
}

bool fits(std::string_view schema, std::string_view text) { return apply(schema, text).fine; }

}  // namespace

TEST_CASE("defaults are filled where a member is absent or null, and nowhere else") {
  constexpr auto k_schema = R"({"type":"object","properties":{"a":{"type":"integer","default":7},
    "b":{"type":"object","default":{},"properties":{"c":{"type":"string","default":"x"}}}}})";
  CHECK(to_json(apply(k_schema, "{}").value) == R"({"a":7,"b":{"c":"x"}})");
  CHECK(to_json(apply(k_schema, R"({"a":null})").value) == R"({"a":7,"b":{"c":"x"}})");
  CHECK(to_json(apply(k_schema, R"({"a":1,"b":{"c":"y"}})").value) == R"({"a":1,"b":{"c":"y"}})");
}

TEST_CASE("a value of another type is refused at its own line and column") {
  const auto applied =
      apply(R"({"type":"object","properties":{"a":{"type":"integer"}}})", "{\n \"a\": \"60\"}");
  REQUIRE(applied.out.size() == 1);
  CHECK(applied.out[0].path == "config.a");
  CHECK(applied.out[0].message == "is the string \"60\", expected a whole number");
  CHECK(applied.out[0].hint == "remove the quotes");
  CHECK(applied.out[0].where.line == 2);
  CHECK(applied.out[0].where.column == 7);
  CHECK(fits(R"({"type":"number"})", "1"));
  CHECK(fits(R"({"type":["null","string"]})", "null"));
  CHECK_FALSE(fits(R"({"type":"integer"})", "1.5"));
}

TEST_CASE("a word outside an enumeration is told the nearest one") {
  const auto applied = apply(R"({"enum":["local","redis"]})", "\"locl\"");
  REQUIRE(applied.out.size() == 1);
  CHECK(applied.out[0].message == "is the string \"locl\", expected one of \"local\", \"redis\"");
  CHECK(applied.out[0].hint == "did you mean \"local\"?");
  CHECK_FALSE(fits(R"({"const":3})", "4"));
}

TEST_CASE("required members and unknown members are all reported") {
  const auto applied =
      apply(R"({"type":"object","required":["minute"],"properties":{"minute":{"type":"integer"}}})",
            R"({"minut":1})");
  REQUIRE(applied.out.size() == 2);
  CHECK(applied.out[0].path == "config.minute");
  CHECK(applied.out[0].message == "is required, and missing");
  CHECK(applied.out[1].path == "config.minut");
  CHECK(applied.out[1].hint == "did you mean \"minute\"?");
  CHECK(fits(R"({"type":"object","additionalProperties":true})", R"({"any":1})"));
  CHECK_FALSE(fits(R"({"type":"object","additionalProperties":{"type":"string"}})", R"({"a":1})"));
}

TEST_CASE("numbers keep to their bounds, inclusive and exclusive") {
  CHECK(fits(R"({"minimum":1,"maximum":3})", "1"));
  CHECK(fits(R"({"minimum":1,"maximum":3})", "3"));
  CHECK_FALSE(fits(R"({"minimum":1})", "0.5"));
  CHECK_FALSE(fits(R"({"maximum":3})", "4"));
  CHECK_FALSE(fits(R"({"exclusiveMinimum":0})", "0"));
  CHECK_FALSE(fits(R"({"exclusiveMaximum":1})", "1"));
}

TEST_CASE("text keeps to its length in characters and to its pattern") {
  CHECK(fits(R"({"maxLength":2})", "\"\u00e9\u00e9\""));
  CHECK_FALSE(fits(R"({"maxLength":2})", "\"abc\""));
  CHECK_FALSE(fits(R"({"minLength":1})", "\"\""));
  CHECK(fits(R"({"pattern":"^[a-z]+$"})", "\"abc\""));
  CHECK_FALSE(fits(R"({"pattern":"^[a-z]+$"})", "\"aBc\""));
}

TEST_CASE("arrays and objects keep to their counts") {
  CHECK_FALSE(fits(R"({"minItems":1})", "[]"));
  CHECK_FALSE(fits(R"({"maxItems":1})", "[1,2]"));
  CHECK_FALSE(fits(R"({"uniqueItems":true})", "[1,2,1]"));
  CHECK_FALSE(fits(R"({"minProperties":1})", "{}"));
  CHECK_FALSE(fits(R"({"maxProperties":1})", R"({"a":1,"b":2})"));
  CHECK_FALSE(fits(R"({"propertyNames":{"pattern":"^x-"}})", R"({"y":1})"));
  CHECK_FALSE(fits(R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})"));
  const auto applied = apply(R"({"items":{"type":"string"}})", R"(["a",2])");
  REQUIRE(applied.out.size() == 1);
  CHECK(applied.out[0].path == "config[1]");
}

TEST_CASE("anyOf takes one or more alternatives, oneOf exactly one, allOf all") {
  constexpr auto k_any = R"({"anyOf":[{"type":"string"},{"type":"integer"}]})";
  CHECK(fits(k_any, "1"));
  CHECK(fits(k_any, "\"a\""));
  CHECK_FALSE(fits(k_any, "[]"));
  constexpr auto k_one = R"({"oneOf":[{"minimum":1},{"maximum":3}]})";
  CHECK(fits(k_one, "0"));
  CHECK_FALSE(fits(k_one, "2"));
  CHECK_FALSE(fits(R"({"allOf":[{"minimum":1},{"maximum":3}]})", "4"));
}

TEST_CASE("a keyword outside of the subset fails to compile, with its place") {
  const auto compiled = Schema::compile(R"({"properties":{"a":{"if":{}}}})");
  REQUIRE_FALSE(compiled.ok());
  CHECK(compiled.error().text == "at /properties/a/if: this keyword is not supported");
  CHECK_FALSE(Schema::compile(R"({"type":"decimal"})").ok());
  CHECK_FALSE(Schema::compile(R"({"pattern":"("})").ok());
  CHECK_FALSE(Schema::compile("{").ok());
  CHECK(Schema::compile(R"({"title":"t","x-gw-any":1})").ok());
}
