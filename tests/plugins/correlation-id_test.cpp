// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>
#include <regex>

#include "correlation-id/uuid.hpp"
#include "support/catch.hpp"

using gw::test::exchange;
using gw::test::field_list;

namespace {

const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/correlation-id.so";
const std::string k_uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

struct Gateway {
  explicit Gateway(const std::string& config) : plugin(host.load(k_so, config)) {}
  // The header as it goes upstream and as it goes back.
  std::pair<std::string, std::string> send(const field_list& headers = {},
                                           const std::string& name = "Kong-Request-ID") {
    exchange x(host, {&plugin}, {"GET", "/", headers, "", 0, 0});
    x.run();
    return {x.request_header(name).value_or("-"), x.response_header(name).value_or("-")};
  }
  gw::test::host host;
  gw::test::instance& plugin;
};

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

}  // namespace

GW_TEST_CASE("a UUID has the version and variant of a random one") {
  const auto text = [](const auto& random) {
    const auto uuid = correlation_id::uuid_text(random);
    return std::string(uuid.data(), uuid.size());
  };
  std::array<std::uint8_t, 16> bytes{};
  CHECK(text(bytes) == "00000000-0000-4000-8000-000000000000");
  bytes.fill(0xff);
  CHECK(text(bytes) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

GW_TEST_CASE("by default ids are the worker's UUID and a counter, not echoed") {
  Gateway g("{}");
  const auto [first, echoed] = g.send();
  const auto second = g.send().first;
  CHECK(matches(first, k_uuid + "#1"));
  CHECK(second == first.substr(0, 36) + "#2");
  CHECK(echoed == "-");
}

GW_TEST_CASE("two workers have different UUIDs") {
  gw::test::host host;
  gw::test::load_options options;
  options.workers = 2;
  auto& plugin = host.load(k_so, "{}", options);
  exchange a(host, {&plugin}, {"GET", "/", {}, "", 0, 0});
  exchange b(host, {&plugin}, {"GET", "/", {}, "", 1, 0});
  CHECK(a.run().request_header("kong-request-id") != b.run().request_header("kong-request-id"));
}

GW_TEST_CASE("generator uuid makes another UUID for each request") {
  Gateway g(R"({"generator": "uuid"})");
  const auto first = g.send().first;
  CHECK(matches(first, k_uuid));
  CHECK(first != g.send().first);
}

GW_TEST_CASE("generator tracker names server, process, connection, request and time") {
  Gateway g(R"({"generator": "tracker"})");
  g.host.set_unix_ns(1'700'000'000'042'999'999);
  exchange x(g.host, {&g.plugin});
  x.text(GW_SERVER_IP, "10.0.0.5");
  x.number(GW_CONNECTION_SERIAL, 44);
  x.number(GW_CONNECTION_REQUESTS, 2);
  x.run();
  CHECK(x.request_header("kong-request-id") ==
        "10.0.0.5-8000-" + std::to_string(getpid()) + "-44-2-1700000000.042");
}

GW_TEST_CASE("the client's id is kept, a blank one is not") {
  Gateway g(R"({"header_name": "X-Id", "echo_downstream": true})");
  CHECK(g.send({{"x-id", "mine"}}, "x-id") == std::pair<std::string, std::string>("mine", "mine"));
  const auto [sent, echoed] = g.send({{"x-id", " \t"}}, "x-id");
  CHECK(matches(sent, k_uuid + "#1"));
  CHECK(echoed == sent);
}

GW_TEST_CASE("the echo is what the upstream got, whatever it answered in that header") {
  Gateway g(R"({"echo_downstream": true})");
  exchange x(g.host, {&g.plugin});
  x.run(200, {{"Kong-Request-ID", "of the upstream"}});
  CHECK(x.response_header("kong-request-id") == x.request_header("kong-request-id"));
}

GW_TEST_CASE("a header name that is none is refused") {
  gw::test::host host;
  CHECK_THROWS_WITH(host.load(k_so, R"({"header_name": "a b"})"),
                    Catch::Matchers::Contains("not a header name"));
}
