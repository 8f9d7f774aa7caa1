// SPDX-License-Identifier: Apache-2.0
#include "log_lines.hpp"

using namespace file_log_test;
using Catch::Matchers::Contains;

namespace {

json with(const std::string& options) {
  gw::test::request_spec spec;
  spec.headers = {{"X-Tenant", "blue \"1\""}, {"Apikey", "secret"}};
  return record_of(spec, options, {}, {{"X-Cache", "hit"}, {"Set-Cookie", "secret"}});
}

void refuses(const std::string& options, const std::string& text) {
  Folder folder;
  CHECK_THROWS_WITH(Gateway(folder / "log", options), Contains(text));
}

}  // namespace

GW_TEST_CASE("custom fields are texts with values of headers in them") {
  const json r = with(R"j("custom_fields": {"tenant": "t=$(header:X-Tenant) $(header:none)!",
      "cache": "$(response_header:x-cache)", "pla\"in": "as\\it is $", "empty": ""})j");
  CHECK(r["tenant"] == "t=blue \"1\" !");
  CHECK(r["cache"] == "hit");
  CHECK(r["pla\"in"] == "as\\it is $");
  CHECK(r["empty"] == "");
}

GW_TEST_CASE("a dot in a field's name makes an object, as in Kong") {
  const json r = with(R"j("custom_fields": {"a.b": "1", "a.c.d": "$(header:x-tenant)", "z": "2",
      "request.zone": "eu", "response.cache": "$(response_header:x-cache)", "latencies.x.y": "3"})j");
  CHECK(r["a"] == json({{"b", "1"}, {"c", {{"d", "blue \"1\""}}}}));
  CHECK(r["z"] == "2");
  CHECK(r["request"]["zone"] == "eu");
  CHECK(r["request"]["method"] == "GET");
  CHECK(r["response"]["cache"] == "hit");
  CHECK(r["latencies"]["x"]["y"] == "3");
}

GW_TEST_CASE("Kong's fields by Lua are taken where they are literals") {
  const json r = with(R"("custom_fields_by_lua": {"s": "return 'te\"xt'", "t": " return \"x\" ; ",
      "n": "return -1.5e3", "b": "return true", "nothing": "return nil",
      "request.headers.apikey": "return nil", "response.headers.set-cookie": "return nil"})");
  CHECK(r["s"] == "te\"xt");
  CHECK(r["t"] == "x");
  CHECK(r["n"] == -1500.0);
  CHECK(r["b"] == true);
  CHECK_FALSE(r.contains("nothing"));
  CHECK(r["request"]["headers"].contains("x-tenant"));
  CHECK_FALSE(r["request"]["headers"].contains("apikey"));
  CHECK(r["response"]["headers"] == json({{"x-cache", "hit"}}));
}

GW_TEST_CASE("code that is no literal is refused") {
  for (const std::string code : {"return kong.request.get_method()", "local a = 1", "return", "",
                                 "return 'a' .. 'b'", "return 01", "return 1.", "return '\\\\n'"})
    refuses(R"("custom_fields_by_lua": {"x": ")" + code + "\"}", "there is no Lua here");
}

GW_TEST_CASE("a field named like one of the record's own is refused") {
  for (const std::string name :
       {"request", "client_ip", "tries", "route", "route.tags", "request.headers", "response.size",
        "request.headers.x", "latencies.kong", "workspace_name"}) {
    refuses(R"("custom_fields": {")" + name + R"(": "x"})", "the record has a field of this name");
    refuses(R"("custom_fields_by_lua": {")" + name + R"(": "return 1"})",
            "the record has a field of this name");
  }
  refuses(R"("custom_fields_by_lua": {"client_ip": "return nil"})", "can be left out");
}

GW_TEST_CASE("fields in each other's way, without a name or with unknown variables are refused") {
  refuses(R"("custom_fields": {"a": "1", "a.b": "2"})", "another custom field stands in its way");
  refuses(R"("custom_fields": {"a.": "1"})", "a part of the name is empty");
  refuses(R"("custom_fields": {"": "1"})", "a part of the name is empty");
  refuses(R"("custom_fields": {"a": "1"}, "custom_fields_by_lua": {"a": "return 2"})",
          "another custom field stands in its way");
  refuses(R"j("custom_fields": {"a": "$(cookie:x)"})j", "$(cookie:x) is not known");
  refuses(R"j("custom_fields": {"a": "$(header:a b)"})j", "is not a header name");
}
