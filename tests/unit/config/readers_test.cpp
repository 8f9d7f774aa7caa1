// SPDX-License-Identifier: Apache-2.0
#include "config/readers.hpp"

#include "catch.hpp"

using namespace gw::config;

namespace {

struct Read {
  bool fine = false;
  Value root;
  std::vector<Diagnostic> out;
};

Read yaml(std::string_view text) {
  Read read;
  read.fine = read_yaml(text, read.root, read.out);
  return read;
}

Read json(std::string_view text) {
  Read read;
  read.fine = read_json(text, read.root, read.out);
  return read;
}

}  // namespace

TEST_CASE("a key that stands twice is reported in YAML and JSON, and the first stays") {
  for (const auto& read : {yaml("a: 1\nb: 2\na: 3\n"), json("{\"a\":1,\n\"b\":2,\n\"a\":3}")}) {
    REQUIRE(read.fine);
    REQUIRE(read.out.size() == 1);
    CHECK(read.out[0].where == Location{3, 1});
    CHECK(read.out[0].message ==
          "the key \"a\" stands twice in one object; the first is on line 1");
    CHECK(to_json(read.root) == R"({"a":1,"b":2})");
  }
}

TEST_CASE("a merge key takes over what the object does not say itself") {
  const auto read = yaml("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
  REQUIRE(read.fine);
  CHECK(read.out.empty());
  const Value* use = read.root.find("use");
  REQUIRE(use != nullptr);
  REQUIRE(use->find("x") != nullptr);
  CHECK(use->find("x")->integer == 1);
  CHECK(use->find("y")->integer == 3);
}

TEST_CASE("aliases cannot blow a small file up") {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    const auto n = std::to_string(i), before = "*a" + std::to_string(i - 1);
    text += "a" + n + ": &a" + n + " [";
    for (int k = 0; k < 10; ++k) text += before + (k < 9 ? ", " : "]\n");
  }
  const auto read = yaml(text);
  CHECK_FALSE(read.fine);
  REQUIRE_FALSE(read.out.empty());
  CHECK(read.out.back().message.find("200000 nodes") != std::string::npos);
}

TEST_CASE("nesting has an end in YAML and JSON") {
  const std::string deep(100000, '[');
  CHECK_FALSE(yaml(deep).fine);
  CHECK_FALSE(json(deep).fine);
}

TEST_CASE("JSON values and names know their places") {
  const auto read = json("{\n  \"a\": [1,\n    {\"b\": \"c\"}]\n}");
  REQUIRE(read.fine);
  CHECK(read.root.where == Location{1, 1});
  REQUIRE(read.root.members.size() == 1);
  CHECK(read.root.members[0].where == Location{2, 3});
  const Value& list = read.root.members[0].value;
  CHECK(list.where == Location{2, 8});
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].where == Location{2, 9});
  REQUIRE(list.items[1].find("b") != nullptr);
  CHECK(list.items[1].find("b")->where == Location{3, 11});
}

TEST_CASE("numbers that no number can hold are faults, not zero") {
  for (const auto text : {"1e999", "-1e999", "0xFFFFFFFFFFFFFFFFFF", ".inf", ".nan"}) {
    INFO(text);
    CHECK_FALSE(read_plain_scalar(text, {}).fault.empty());
  }
  CHECK_FALSE(read_plain_scalar("010", {}).fault.empty());
  CHECK(read_plain_scalar("0x1F", {}).value.integer == 31);
  CHECK(read_plain_scalar("-2.5", {}).value.number == -2.5);
  CHECK(read_plain_scalar("on", {}).value.is(Kind::string));
}

TEST_CASE("a text cut off at any byte is read or refused with a reason") {
  const std::string samples[] = {
      "_format_version: \"3.0\"\nservices:\n- name: a\n  url: &u http://h/\n  routes:\n"
      "  - {paths: [\"/x\"], <<: {strip_path: off}}\nplugins:\n- name: !!str b\n  config: |\n    "
      "t\n",
      "{\"_format_version\":\"3.0\",\"a\":[1,-2.5e3,true,null,\"\\u00e9\xC3\xA9\"],\"b\":{}}"};
  for (const auto& sample : samples) {
    for (const auto* name : {"kong.yml", "kong.json"}) {
      for (std::size_t n = 0; n < sample.size(); ++n) {
        Read read;
        read.fine = read_document(name, sample.substr(0, n), read.root, read.out);
        INFO(name << " " << n);
        CHECK((read.fine || has_errors(read.out)));
      }
    }
  }
}

TEST_CASE("quotes are closed, whatever they hold") {
  for (const auto text : {"a: \"x\"", "a: 'it''s'", "a: \"\\\"\"", "a: !!str \"x\"",
                          "a: &n 'x'\nb: *n", "\xC3\xA9: \"\xC3\xA9\"\nb: \"x\"", "a: |\n  \"x\n",
                          "a: x\"y", "\"a\": 'x'\r\nb: \"y\"\r\n"}) {
    INFO(text);
    const auto read = yaml(text);
    CHECK(read.fine);
    CHECK(read.out.empty());
  }
  for (const auto text :
       {"a: \"x", "a: 'it''s", "a: \"x\\\"", "a: !!str \"x", "\xC3\xA9: 1\nb: 'x"}) {
    INFO(text);
    CHECK_FALSE(yaml(text).fine);
  }
}

TEST_CASE(
    "a byte order mark and CRLF change nothing, other encodings and control bytes are refused") {
  const auto read = [](std::string_view text) {
    Read out;
    out.fine = read_document("kong.yml", text, out.root, out.out);
    return out;
  };
  const auto windows = read("\xEF\xBB\xBF_format_version: \"3.0\"\r\nservices:\r\n- name: a\r\n");
  REQUIRE(windows.fine);
  CHECK(windows.out.empty());
  CHECK(windows.root.find("services")->items[0].find("name")->string == "a");
  CHECK(windows.root.find("services")->items[0].find("name")->where == Location{3, 9});
  using namespace std::string_view_literals;
  for (const auto text : {"\xFF\xFE_\0f\0"sv, "a: \xFF"sv, "a: b\0c"sv, "a: \x04"sv,
                          "a: \xC0\x80"sv, "{\"a\": \"\x01\"}"sv}) {
    const auto bad = read(text);
    CHECK_FALSE(bad.fine);
    CHECK(has_errors(bad.out));
  }
}

TEST_CASE("words that YAML 1.1 takes for booleans are text, and switches where those are meant") {
  const auto read = yaml("a: no\nb: on\nc: NO\nd: y\ne: 'off'\n");
  REQUIRE(read.fine);
  CHECK(to_json(read.root) == R"({"a":"no","b":"on","c":"NO","d":"y","e":"off"})");
  CHECK(read_boolean(*read.root.find("a")) == false);
  CHECK(read_boolean(*read.root.find("b")) == true);
  CHECK_FALSE(read_boolean(*read.root.find("d")).has_value());
  CHECK_FALSE(read_boolean(*read.root.find("e")).has_value());
}
