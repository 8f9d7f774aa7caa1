// SPDX-License-Identifier: Apache-2.0
// Checking mode looks at every function of every table of the host: one that is for any thread and
// judges what it is given itself is named here, so that a new one cannot be forgotten.
#include <gatewright/checking.hpp>
#include <map>
#include <set>

#include "catch.hpp"
#include "plugin/host.hpp"

namespace {

template <class Api, class Member>
std::size_t at(Member Api::*member) {
  static const Api table{};
  return std::size_t(reinterpret_cast<const char*>(&(table.*member)) -
                     reinterpret_cast<const char*>(&table));
}

struct Table {
  const char* id;
  std::size_t size;
  std::set<std::size_t> unchecked;  // offsets
};

const std::vector<Table>& tables() {
  static const std::vector<Table> all{
      {GW_CONFIG_API, sizeof(gw_config_api), {}},
      {GW_CONSUMERS_API,
       sizeof(gw_consumers_api),
       {at(&gw_consumers_api::lookup), at(&gw_consumers_api::at)}},
      {GW_KV_API,
       sizeof(gw_kv_api),
       {at(&gw_kv_api::get), at(&gw_kv_api::set), at(&gw_kv_api::del), at(&gw_kv_api::add),
        at(&gw_kv_api::add_limit), at(&gw_kv_api::next)}},
      {GW_METRICS_API, sizeof(gw_metrics_api), {at(&gw_metrics_api::read)}},
      {GW_TLS_API, sizeof(gw_tls_api), {}},
      {GW_LOOP_API, sizeof(gw_loop_api), {}},
      {GW_HTTP_API, sizeof(gw_http_api), {}},
      {GW_POOL_API, sizeof(gw_pool_api), {}},
      {GW_MEMORY_API,
       sizeof(gw_memory_api),
       {at(&gw_memory_api::alloc), at(&gw_memory_api::realloc), at(&gw_memory_api::free)}},
  };
  return all;
}

}  // namespace

TEST_CASE("in checking mode every function of a table is looked at") {
  gw_host plain{};
  plain.size = sizeof plain;
  plain.get_api = [](const gw_host*, const char* id) { return gw::plugin::find_api(id); };
  gw_host checked = plain;
  gw::checking::wrap(checked);
  for (const Table& table : tables()) {
    const auto* real = static_cast<const char*>(plain.get_api(&plain, table.id));
    const auto* copy = static_cast<const char*>(checked.get_api(&checked, table.id));
    INFO(table.id);
    REQUIRE(real != nullptr);
    REQUIRE(copy != nullptr);
    for (std::size_t offset = 8; offset < table.size; offset += sizeof(void*)) {
      INFO("the member at offset " << offset);
      const bool same = std::memcmp(real + offset, copy + offset, sizeof(void*)) == 0;
      CHECK(same == (table.unchecked.count(offset) > 0));
    }
  }
}

TEST_CASE("loans of all sizes come and go for as long as one likes") {
  const std::string bytes(600 << 10, 'x');
  std::vector<void*> living(3, nullptr);
  std::uint32_t random = 12345;
  for (int i = 0; i < 4000; ++i) {
    random = random * 1664525 + 1013904223;
    void*& place = living[std::size_t(i) % living.size()];
    if (place != nullptr) gw::checking::end_loan(place);
    const std::size_t n = i % 2 == 0 ? random % bytes.size() + 1 : random % 100 + 1;
    place = gw::checking::lend_table(bytes.data(), n, "a loan");
    REQUIRE(place != nullptr);
    REQUIRE(static_cast<const char*>(place)[n - 1] == 'x');
  }
  for (void* place : living) gw::checking::end_loan(place);
}
