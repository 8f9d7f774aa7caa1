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
  const auto compiled = Schema::compile(R"({"properties":{"a":{"$dynamicRef":"#x"}}})");
  REQUIRE_FALSE(compiled.ok());
  CHECK(compiled.error().text == "at /properties/a/$dynamicRef: this keyword is not supported");
  CHECK_FALSE(Schema::compile(R"({"type":"decimal"})").ok());
  CHECK_FALSE(Schema::compile(R"({"pattern":"("})").ok());
  CHECK_FALSE(Schema::compile("{").ok());
  CHECK(Schema::compile(R"({"title":"t","x-gw-any":1})").ok());
}

TEST_CASE("members that no alternative knows are unknown fields") {
  for (const auto schema :
       {R"({"type":"object","anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]})",
        R"({"type":"object","properties":{"a":{}},"allOf":[{"properties":{"b":{}}}]})",
        R"({"type":"object","properties":{"a":{}},"oneOf":[{"properties":{"b":{}}},{"not":{}}]})",
        R"({"$ref":"#/$defs/x","$defs":{"x":{"properties":{"a":{},"b":{}}}}})",
        R"({"type":"object","properties":{"a":{}},"if":{"required":["a"]},
            "then":{"properties":{"b":{}}},"else":{"properties":{"b":{}}}})"}) {
    INFO(schema);
    CHECK(fits(schema, R"({"a":1,"b":2})"));
    const auto applied = apply(schema, R"({"a":1,"bb":2})");
    REQUIRE(applied.out.size() == 1);
    CHECK(applied.out[0].path == "config.bb");
    CHECK(applied.out[0].message == "unknown field");
    CHECK(applied.out[0].hint == "did you mean \"b\"?");
  }
  // An alternative that does not fit knows nothing.
  CHECK_FALSE(fits(R"({"type":"object","anyOf":[{"properties":{"a":{"type":"string"}}},{}]})",
                   R"({"a":1})"));
  // Open is what says so itself.
  CHECK(fits(R"({"allOf":[{"properties":{"a":{}},"additionalProperties":true}]})", R"({"z":1})"));
  CHECK(
      fits(R"({"properties":{"a":{}},"unevaluatedProperties":{"type":"integer"}})", R"({"z":1})"));
  CHECK_FALSE(fits(R"({"properties":{"a":{}},"unevaluatedProperties":{"type":"integer"}})",
                   R"({"z":"1"})"));
  CHECK(fits(R"({"properties":{"a":{}}})", R"({"a":{"any":"thing"}})"));
}

TEST_CASE("of alternatives that do not fit, the faults of the nearest are told") {
  const auto kinds = apply(R"({"anyOf":[{"type":"string"},{"type":"integer"}]})", "[]");
  REQUIRE(kinds.out.size() == 1);
  CHECK(kinds.out[0].message == "is an empty array, expected a string or a whole number");
  const auto nearest = apply(
      R"({"oneOf":[{"type":"string"},{"properties":{"a":{"type":"integer"},"b":{}},"required":["b"]},
          {"properties":{"a":{"type":"integer"}}}]})",
      R"({"a":"x"})");
  REQUIRE(nearest.out.size() == 1);
  CHECK(nearest.out[0].path == "config.a");
}

TEST_CASE("if, not, contains, prefixItems, patternProperties, dependentSchemas, multipleOf") {
  constexpr auto k_if = R"({"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":3}})";
  CHECK(fits(k_if, "20"));
  CHECK(fits(k_if, "3"));
  CHECK_FALSE(fits(k_if, "15"));
  CHECK_FALSE(fits(k_if, "4"));
  CHECK_FALSE(fits(R"({"not":{"type":"string"}})", "\"a\""));
  CHECK(fits(R"({"contains":{"const":1}})", "[2,1]"));
  CHECK_FALSE(fits(R"({"contains":{"const":1}})", "[2]"));
  CHECK(fits(R"({"contains":{"const":1},"minContains":0})", "[2]"));
  CHECK_FALSE(fits(R"({"contains":{"const":1},"maxContains":1})", "[1,1]"));
  constexpr auto k_prefix = R"({"prefixItems":[{"type":"string"}],"items":{"type":"integer"}})";
  CHECK(fits(k_prefix, R"(["a",1,2])"));
  CHECK_FALSE(fits(k_prefix, R"([1])"));
  CHECK_FALSE(fits(R"({"prefixItems":[{}],"items":false})", "[1,2]"));
  CHECK_FALSE(fits(R"({"prefixItems":[{}],"unevaluatedItems":false})", "[1,2]"));
  CHECK(fits(R"({"patternProperties":{"^x-":{"type":"integer"}}})", R"({"x-a":1})"));
  CHECK_FALSE(fits(R"({"patternProperties":{"^x-":{"type":"integer"}}})", R"({"x-a":"1"})"));
  CHECK_FALSE(fits(R"({"patternProperties":{"^x-":{}}})", R"({"y":1})"));
  CHECK_FALSE(fits(R"({"properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"required":["b"]}}})",
                   R"({"a":1})"));
  CHECK(fits(R"({"multipleOf":0.1})", "0.3"));
  CHECK_FALSE(fits(R"({"multipleOf":2})", "3"));
}

TEST_CASE("references lead inside the schema, also in circles and by anchor") {
  constexpr auto k_tree =
      R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":
          {"value":{"type":"integer","default":7},"next":{"$ref":"#/$defs/node"}}}}})";
  CHECK(to_json(apply(k_tree, R"({"next":{}})").value) == R"({"next":{"value":7},"value":7})");
  CHECK(apply(k_tree, R"({"next":{"next":{"valu":1}}})").out.at(0).path == "config.next.next.valu");
  CHECK_FALSE(fits(R"({"$ref":"#small","$defs":{"x":{"$anchor":"small","maximum":3}}})", "4"));
  CHECK_FALSE(
      fits(R"({"items":{"$ref":"#/$defs/a~1b%25"},"$defs":{"a/b%":{"maximum":3}}})", "[4]"));
  // A default behind a reference fills in too.
  CHECK(to_json(
            apply(R"({"properties":{"a":{"$ref":"#/$defs/d"}},"$defs":{"d":{"default":1}}})", "{}")
                .value) == R"({"a":1})");
}

TEST_CASE("numbers are equal however they are written, objects in any order") {
  CHECK(fits(R"({"enum":[1]})", "1.0"));
  CHECK(to_json(apply(R"({"type":"integer"})", "2.0").value) == "2");
  CHECK(to_json(apply(R"({"type":"integer"})", "1e3").value) == "1000");
  CHECK(fits(R"({"const":{"a":1,"b":2}})", R"({"b":2,"a":1})"));
  CHECK_FALSE(fits(R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1.0}])"));
}

TEST_CASE("a malformed schema does not compile, and says where") {
  const std::pair<const char*, const char*> schemas[] = {
      {R"({"properties":[]})", "at /properties: is an empty array, expected an object"},
      {R"({"properties":{"a":3}})", "at /properties/a: a schema is an object or a boolean"},
      {R"({"required":"a"})", "at /required: is the string \"a\", expected an array"},
      {R"({"required":[1]})", "at /required: is the number 1, expected a string"},
      {R"({"required":["a","a"]})", "at /required: the string \"a\" stands twice"},
      {R"({"minimum":"1"})", "at /minimum: is the string \"1\", expected a number"},
      {R"({"maxLength":-1})",
       "at /maxLength: is the number -1, expected a whole number that is not negative"},
      {R"({"minItems":1.5})",
       "at /minItems: is the number 1.5, expected a whole number that is not negative"},
      {R"({"type":[]})", "at /type: expected the name of a type, or several in an array"},
      {R"({"type":7})", "at /type: expected the name of a type, or several in an array"},
      {R"({"type":["string",7]})", "at /type: the number 7 is no type"},
      {R"({"enum":[]})", "at /enum: is empty, expected values"},
      {R"({"enum":"a"})", "at /enum: is the string \"a\", expected an array"},
      {R"({"anyOf":{}})", "at /anyOf: is an empty object, expected an array"},
      {R"({"oneOf":[]})", "at /oneOf: is empty, expected schemas"},
      {R"({"items":[{}]})", "at /items: a schema is an object or a boolean"},
      {R"({"uniqueItems":"yes"})", "at /uniqueItems: is the string \"yes\", expected a boolean"},
      {R"({"multipleOf":0})", "at /multipleOf: expected a number above 0"},
      {R"({"$ref":"#/$defs/x"})", "at /$ref: the string \"#/$defs/x\" leads nowhere"},
      {R"({"$ref":"other.json"})",
       "at /$ref: the string \"other.json\" leads out of this schema, which is not supported"},
      {R"({"$defs":{"x":{"type":"x"}}})", "at /$defs/x/type: the string \"x\" is no type"},
      {R"({"allOf":[{"$ref":"#"}]})", "at /: refers to itself without end"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
       "at /$schema: expected https://json-schema.org/draft/2020-12/schema"},
      {R"({"properties":{"a":{"$id":"x"}}})",
       "at /properties/a/$id: only the whole schema may have an $id"},
      {R"({"properties":{"a":{"type":"integer","default":"x"}}})",
       "at /properties/a/default: does not fit its own schema: is the string \"x\", expected a "
       "whole number"},
      {R"({"propertes":{}})", "at /propertes: this keyword is not supported"},
      {R"({"description":1})", "at /description: is the number 1, expected a string"},
      {R"(3)", "at /: a schema is an object or a boolean"}};
  for (const auto& [schema, expected] : schemas) {
    INFO(schema);
    const auto compiled = Schema::compile(schema);
    REQUIRE_FALSE(compiled.ok());
    CHECK(compiled.error().text == expected);
  }
}

TEST_CASE("null counts as absent, and leaves nothing behind") {
  constexpr auto k_schema = R"({"type":"object","properties":{"a":{"type":"integer"},
    "b":{"type":["string","null"]},"c":{"anyOf":[{"type":"string"},{"type":"integer"}]},
    "d":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}})";
  CHECK(to_json(apply(k_schema, R"({"a":null,"b":null,"c":null,"d":null})").value) ==
        R"({"b":null})");
  CHECK_FALSE(fits(R"({"properties":{"a":{"type":"integer"}},"required":["a"]})", R"({"a":null})"));
}
