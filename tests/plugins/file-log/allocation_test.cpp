// SPDX-License-Identifier: Apache-2.0
// A record allocates nothing from the general heap once its buffer has its size. The request is a
// table of constants, so that no host allocates.
#include <array>
#include <gatewright/log_record.hpp>

#include "support/catch.hpp"
#include "support/counted_new.hpp"

using support::allocations;

namespace {

struct FixedRequest : gw_req {
  std::array<char, 65536> arena;
  std::size_t used = 0;
};

gw_str text(gw_req*, std::uint32_t what) {
  return what == GW_QUERY ? gw_str GW_STR("a=1&b=%20&a=2&c")
                          : gw_str GW_STR("/a/text/of/some/size");
}
std::int64_t number(gw_req*, std::uint32_t what) { return what; }
gw_str header(gw_req*, std::uint32_t, gw_hid) { return gw_str GW_STR("a \"value\""); }
std::uint32_t list(gw_req*, std::uint32_t, gw_field* out, std::uint32_t cap) {
  constexpr std::uint32_t k_fields = 80;
  for (std::uint32_t i = 0; i < k_fields && i < cap; ++i)
    out[i] = {GW_STR("X-A-Header"), GW_STR("its value \xFF"), 1 + i % 60, 0};
  return k_fields;
}
void* alloc(gw_req* r, std::size_t n, std::size_t) {
  auto& request = *static_cast<FixedRequest*>(r);
  void* at = request.arena.data() + request.used;
  request.used += (n + 15) / 16 * 16;
  REQUIRE(request.used <= request.arena.size());
  return at;
}
void* slot(gw_req*, gw_slot) { return nullptr; }
std::uint32_t attempts(gw_req*, gw_attempt* out, std::uint32_t) {
  out[0] = {};
  out[0].ip = GW_STR("10.0.0.1");
  return 1;
}

gw_req_api make_table() {
  gw_req_api table{};
  table.size = sizeof table;
  table.get = text;
  table.get_i64 = number;
  table.hdr_get = header;
  table.hdr_list = list;
  table.alloc = alloc;
  table.slot_get = slot;
  table.attempts = attempts;
  return table;
}

// The configuration's functions as far as a record needs them.
gw_str member(gw_cfg*, const char* pointer, std::uint32_t i) {
  const bool fields = std::string_view(pointer) == "/custom_fields";
  return fields && i == 0 ? gw_str GW_STR("tenant") : gw_str{};
}
gw_str option(gw_cfg*, const char*) { return GW_STR("of $(header:x-tenant)"); }
gw_hid header_id(gw_cfg*, gw_str name) { return static_cast<gw_hid>(name.n); }
gw_slot slot_define(gw_cfg*, gw_str, std::uint32_t) { return 1; }

gw::log_record make_record() {
  static const gw_config_api table = [] {
    gw_config_api api{};
    api.size = sizeof api;
    api.member = member;
    api.str = option;
    api.header_id = header_id;
    api.slot_define = slot_define;
    return api;
  }();
  gw_host host{};
  host.get_api = [](const gw_host*, const char*) -> const void* { return &table; };
  gw_instance_args args{};
  args.host = &host;
  return gw::log_record(gw::config(args));
}

}  // namespace

TEST_CASE("records are written without an allocation") {
  const gw::log_record record = make_record();
  static const gw_req_api table = make_table();
  static FixedRequest raw;
  raw.v = &table;
  gw_self self{};
  const gw::request request(&raw, &self);
  gw::byte_buffer out;
  const auto write = [&] {
    raw.used = 0;
    out.clear();
    record.append(out, request);
  };
  write();
  using Catch::Matchers::Contains;
  const std::string text(out.text());
  CHECK_THAT(text, Contains(R"("tenant":"of a \"value\"")"));
  CHECK_THAT(text, Contains(R"("querystring":{"a":["1","2"],"b":" ","c":true})"));
  CHECK_THAT(text, Contains("\"x-a-header\":[\"its value \xEF\xBF\xBD\","));
  write();
  const std::uint64_t before = allocations;
  for (int i = 0; i < 1000; ++i) write();
  CHECK(allocations == before);
}
