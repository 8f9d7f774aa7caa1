// SPDX-License-Identifier: Apache-2.0
#include <gatewright/arguments.hpp>
#include <gatewright/cookies.hpp>

#include "support/catch.hpp"

namespace {

std::string all(gw::view field) {
  std::string out;
  gw::for_each_cookie(field,
                      [&](const gw::cookie& c) { out += gw::join(c.name, "=", c.value, ";"); });
  return out;
}

// A request with two Cookie fields (id 7) and another one between them.
uint32_t list(gw_req*, uint32_t map, gw_field* out, uint32_t cap) {
  static const gw_field k_fields[] = {{GW_STR("cookie"), GW_STR("a=1; b=\"2\""), 7, 0},
                                      {GW_STR("x"), GW_STR("c=4"), 8, 0},
                                      {GW_STR("cookie"), GW_STR("c=3; a=5; d="), 7, 0}};
  if (map != GW_REQUEST) return 0;
  for (uint32_t i = 0; i < 3 && i < cap; ++i) out[i] = k_fields[i];
  return 3;
}

void* room(gw_req*, size_t, size_t) {
  static gw_field memory[3];
  return memory;
}

}  // namespace

TEST_CASE("cookies are read leniently") {
  CHECK(all("a=1") == "a=1;");
  CHECK(all("a=1; b=2") == "a=1;b=2;");
  CHECK(all("a=1;b=2;") == "a=1;b=2;");
  CHECK(all(" a = 1 ;\t b=x=y ; ;; c") == "a=1;b=x=y;=c;");
  CHECK(all("=v; n=") == "=v;n=;");
  CHECK(all("a=\"q; b=2\"") == "a=\"q;b=2\";");  // a semicolon always ends a pair
  CHECK(all("") == "");
  CHECK(gw::unquoted("\"x\"") == "x");
  CHECK(gw::unquoted("\"") == "\"");
  CHECK(gw::unquoted("x") == "x");
}

TEST_CASE("a cookie is found in any of the fields, the first one by name") {
  gw_req_api table{};
  table.size = sizeof table;
  table.hdr_list = list;
  table.alloc = room;
  gw_req request{&table};
  const gw::headers fields(&request, GW_REQUEST);
  CHECK(gw::find_cookie(fields, 7, "a") == "1");
  CHECK(gw::find_cookie(fields, 7, "b") == "\"2\"");
  CHECK(gw::find_cookie(fields, 7, "c") == "3");
  CHECK(gw::present(gw::find_cookie(fields, 7, "d")));
  CHECK(gw::absent(gw::find_cookie(fields, 7, "A")));
}

TEST_CASE("a form is written so that it can be read") {
  CHECK(gw::form({}) == "");
  CHECK(gw::form({{"token", "a/b c+ü~"}, {"b&=", ""}}) == "token=a%2Fb%20c%2B%C3%BC~&b%26%3D=");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const std::string form = gw::form({{all, all}});
  gw::for_each_argument(form, [&](const gw::argument& one) {
    CHECK(gw::decoded(one.name) == all);
    CHECK(gw::decoded(one.value) == all);
  });
}
