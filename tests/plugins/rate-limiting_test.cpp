// SPDX-License-Identifier: Apache-2.0
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using gw::test::exchange;
using gw::test::instance;
using gw::test::load_options;

namespace {

const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/rate-limiting.so";
constexpr std::uint64_t k_second = 1'000'000'000;
// 2026-11-23 00:16:10 UTC, a Monday.
constexpr std::uint64_t k_now = 1'795'392'970;

struct Answer {
  int status;
  std::string limit, remaining, reset, retry_after;
};

std::string or_dash(const std::optional<std::string>& value) { return value.value_or("-"); }

class Limiter {
 public:
  explicit Limiter(const std::string& config, const load_options& options = {}) {
    host.set_unix_ns(k_now * k_second);
    entry = &host.load(k_so, config, options);
  }
  Answer send(const std::string& ip = "10.0.0.1", const gw::test::field_list& headers = {},
              const std::string& target = "/", std::uint32_t worker = 0) {
    gw::test::request_spec spec;
    spec.target = target;
    spec.headers = headers;
    spec.worker = worker;
    exchange x(host, {entry}, spec);
    x.text(GW_CLIENT_IP, ip);
    x.run();
    return {x.status(), or_dash(x.response_header("RateLimit-Limit")),
            or_dash(x.response_header("RateLimit-Remaining")),
            or_dash(x.response_header("RateLimit-Reset")),
            or_dash(x.response_header("Retry-After"))};
  }
  // How many pass of so many.
  int pass(int requests, const std::string& ip = "10.0.0.1") {
    int passed = 0;
    for (int i = 0; i < requests; ++i) passed += send(ip).status == 200;
    return passed;
  }

  gw::test::host host;
  instance* entry;
};

std::string refusal(const std::string& config) {
  try {
    Limiter made(config);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

GW_TEST_CASE("the limit passes exactly so many requests, and the next window starts anew") {
  Limiter limiter(R"({"minute": 3})");
  CHECK(limiter.pass(10) == 3);
  limiter.host.advance(49s);
  CHECK(limiter.pass(1) == 0);
  limiter.host.advance(1s);
  CHECK(limiter.pass(10) == 3);
}

GW_TEST_CASE("the client is told limit, rest and reset") {
  Limiter limiter(R"({"minute": 2})");
  const Answer first = limiter.send();
  CHECK(first.limit == "2");
  CHECK(first.remaining == "1");
  CHECK(first.reset == "50");
  CHECK(first.retry_after == "-");
  CHECK(limiter.send().remaining == "0");
}

GW_TEST_CASE("a refusal has status, message, code, Retry-After and a decision with its rule") {
  Limiter limiter(R"({"minute": 1})");
  limiter.send();
  exchange x(limiter.host, {limiter.entry});
  x.text(GW_CLIENT_IP, "10.0.0.1");
  x.run();
  REQUIRE(x.reply());
  CHECK(x.reply()->status == 429);
  CHECK(x.reply()->flags == 0);
  CHECK(x.reply()->code == "rate_limited");
  CHECK(x.reply()->message == "API rate limit exceeded");
  CHECK(x.response_header("Retry-After") == "50");
  CHECK(x.response_header("RateLimit-Remaining") == "0");
  CHECK(x.response_header("X-RateLimit-Remaining-Minute") == "0");
  REQUIRE(x.decisions().size() == 1);
  CHECK(x.decisions()[0].verdict == GW_LIMIT);
  CHECK(x.decisions()[0].code == "rate_limited");
  CHECK(x.decisions()[0].rule == "minute");
  CHECK(x.decisions()[0].text == "the limit of 1 per minute is used up");
}

GW_TEST_CASE("status and message of a refusal can be chosen") {
  Limiter limiter(R"({"minute": 1, "error_code": 503, "error_message": "slow down"})");
  limiter.send();
  exchange x(limiter.host, {limiter.entry});
  x.text(GW_CLIENT_IP, "10.0.0.1");
  x.run();
  CHECK(x.status() == 503);
  CHECK(x.reply()->message == "slow down");
}

GW_TEST_CASE("every window has its headers, and the tightest one the short names") {
  Limiter limiter(R"({"second": 5, "hour": 5, "year": 100})");
  exchange x(limiter.host, {limiter.entry});
  x.run(200, {{"RateLimit-Limit", "from upstream"}});
  CHECK(x.response_header("X-RateLimit-Limit-Second") == "5");
  CHECK(x.response_header("X-RateLimit-Remaining-Second") == "4");
  CHECK(x.response_header("X-RateLimit-Limit-Hour") == "5");
  CHECK(x.response_header("X-RateLimit-Remaining-Hour") == "4");
  CHECK(x.response_header("X-RateLimit-Limit-Year") == "100");
  CHECK(x.response_header("X-RateLimit-Remaining-Year") == "99");
  CHECK_FALSE(x.response_header("X-RateLimit-Limit-Minute"));
  // Of second and hour, with as much left, the longer.
  CHECK(x.response_header("RateLimit-Limit") == "5");
  CHECK(x.response_header("RateLimit-Remaining") == "4");
  CHECK(x.response_header("RateLimit-Reset") == "2630");
}

GW_TEST_CASE("what the larger window refuses is given back to the smaller one") {
  Limiter limiter(R"({"second": 5, "minute": 7})");
  CHECK(limiter.pass(9) == 5);
  limiter.host.advance(1s);
  CHECK(limiter.pass(9) == 2);
  exchange x(limiter.host, {limiter.entry});
  x.text(GW_CLIENT_IP, "10.0.0.1");
  x.run();
  CHECK(x.status() == 429);
  CHECK(x.response_header("X-RateLimit-Remaining-Second") == "3");
  CHECK(x.response_header("X-RateLimit-Remaining-Minute") == "0");
  CHECK(x.response_header("Retry-After") == "49");
}

GW_TEST_CASE("a request that the smaller window refuses is not counted in the larger one") {
  Limiter limiter(R"({"second": 2, "minute": 100})");
  CHECK(limiter.pass(50) == 2);
  limiter.host.advance(1s);
  exchange x(limiter.host, {limiter.entry});
  x.text(GW_CLIENT_IP, "10.0.0.1");
  x.run();
  CHECK(x.response_header("X-RateLimit-Remaining-Minute") == "97");
}

GW_TEST_CASE("a refusal waits for the longest window that is used up") {
  Limiter limiter(R"({"second": 2, "minute": 2})");
  limiter.pass(2);
  CHECK(limiter.send().retry_after == "50");
}

GW_TEST_CASE("all workers count together") {
  load_options options;
  options.workers = 4;
  Limiter limiter(R"({"minute": 10})", options);
  int passed = 0;
  for (std::uint32_t i = 0; i < 40; ++i)
    passed += limiter.send("10.0.0.1", {}, "/", i % 4).status == 200;
  CHECK(passed == 10);
}

GW_TEST_CASE("a new generation of the entry goes on counting, also under a lower limit") {
  Limiter limiter(R"({"minute": 5})");
  CHECK(limiter.pass(3) == 3);
  load_options options;
  options.prev = limiter.entry;
  limiter.entry = &limiter.host.load(k_so, R"({"minute": 2})", options);
  const Answer refused = limiter.send();
  CHECK(refused.status == 429);
  CHECK(refused.remaining == "0");
  limiter.entry = &limiter.host.load(k_so, R"({"minute": 5})", options);
  CHECK(limiter.pass(9) == 2);
}

GW_TEST_CASE("hidden headers leave nothing, not even Retry-After") {
  Limiter limiter(R"({"minute": 1, "hide_client_headers": true})");
  CHECK(limiter.send().limit == "-");
  const Answer refused = limiter.send();
  CHECK(refused.status == 429);
  CHECK(refused.limit == "-");
  CHECK(refused.retry_after == "-");
}

GW_TEST_CASE("addresses count apart, and each alone") {
  Limiter limiter(R"({"minute": 2, "limit_by": "ip"})");
  CHECK(limiter.pass(3, "10.0.0.1") == 2);
  CHECK(limiter.pass(3, "10.0.0.2") == 2);
}

GW_TEST_CASE("limit_by header counts by value, and by address without one") {
  Limiter limiter(R"({"minute": 1, "limit_by": "header", "header_name": "X-Tenant"})");
  CHECK(limiter.send("10.0.0.1", {{"x-tenant", "a"}}).status == 200);
  CHECK(limiter.send("10.0.0.2", {{"x-tenant", "a"}}).status == 429);
  CHECK(limiter.send("10.0.0.1", {{"x-tenant", "b"}}).status == 200);
  CHECK(limiter.send("10.0.0.1").status == 200);
  CHECK(limiter.send("10.0.0.1").status == 429);
  // A value that looks like an address has a counter of its own.
  CHECK(limiter.send("10.0.0.9", {{"x-tenant", "10.0.0.1"}}).status == 200);
}

GW_TEST_CASE("values longer than a key can hold still count apart") {
  Limiter limiter(R"({"minute": 1, "limit_by": "header", "header_name": "X-Tenant"})");
  const std::string longer(5000, 'a');
  CHECK(limiter.send("10.0.0.1", {{"x-tenant", longer + "1"}}).status == 200);
  CHECK(limiter.send("10.0.0.1", {{"x-tenant", longer + "2"}}).status == 200);
  CHECK(limiter.send("10.0.0.1", {{"x-tenant", longer + "1"}}).status == 429);
}

GW_TEST_CASE("limit_by path counts its path over all clients, and others by address") {
  Limiter limiter(R"({"minute": 1, "limit_by": "path", "path": "/status"})");
  CHECK(limiter.send("10.0.0.1", {}, "/status?a=1").status == 200);
  CHECK(limiter.send("10.0.0.2", {}, "/status").status == 429);
  CHECK(limiter.send("10.0.0.1", {}, "/other").status == 200);
  CHECK(limiter.send("10.0.0.1", {}, "/status/deeper").status == 429);
}

GW_TEST_CASE("limit_by service counts all clients of a service, and by address without one") {
  Limiter limiter(R"({"minute": 1, "limit_by": "service"})");
  const auto status = [&](const std::string& ip, const std::string& service) {
    exchange x(limiter.host, {limiter.entry});
    x.text(GW_CLIENT_IP, ip);
    if (!service.empty()) x.text(GW_SERVICE_ID, service);
    return x.run().status();
  };
  CHECK(status("10.0.0.1", "s-1") == 200);
  CHECK(status("10.0.0.2", "s-1") == 429);
  CHECK(status("10.0.0.1", "s-2") == 200);
  CHECK(status("10.0.0.1", "") == 200);
  CHECK(status("10.0.0.1", "") == 429);
}

GW_TEST_CASE("entries of different routes and services have budgets of their own") {
  Limiter limiter(R"({"minute": 1})");
  load_options on_route;
  on_route.key = "entry-2";
  on_route.route_id = "11111111-1111-4111-8111-111111111111";
  instance* global = limiter.entry;
  limiter.entry = &limiter.host.load(k_so, R"({"minute": 1})", on_route);
  CHECK(limiter.pass(2) == 1);
  limiter.entry = global;
  CHECK(limiter.pass(2) == 1);
}

namespace {

const std::string k_key_auth = GATEWRIGHT_PLUGIN_DIR "/key-auth.so";

// key-auth before rate-limiting, with two keys of alice and one of bob.
class Authenticated {
 public:
  explicit Authenticated(const std::string& config) {
    host.set_unix_ns(k_now * k_second);
    host.add_consumer("c-alice", "alice");
    host.add_consumer("c-bob", "bob");
    host.add_credential("keyauth_credentials", "k-1", "c-alice", R"({"key": "one"})");
    host.add_credential("keyauth_credentials", "k-2", "c-alice", R"({"key": "two"})");
    host.add_credential("keyauth_credentials", "k-3", "c-bob", R"({"key": "three"})");
    load_options second;
    second.key = "entry-2";
    chain = {&host.load(k_key_auth, R"({"anonymous": "bob"})"), &host.load(k_so, config, second)};
  }
  int status(const std::string& key, const std::string& ip = "10.0.0.1") {
    gw::test::request_spec spec;
    if (!key.empty()) spec.headers = {{"apikey", key}};
    exchange x(host, chain, spec);
    x.text(GW_CLIENT_IP, ip);
    return x.run().status();
  }

  gw::test::host host;
  std::vector<instance*> chain;
};

}  // namespace

GW_TEST_CASE("limit_by consumer counts all credentials of a consumer, also the anonymous one") {
  Authenticated gateway(R"({"minute": 1})");
  CHECK(gateway.status("one") == 200);
  CHECK(gateway.status("two") == 429);
  CHECK(gateway.status("three") == 200);
  CHECK(gateway.status("") == 429);  // anonymous is bob
}

GW_TEST_CASE("limit_by credential counts each apart, and the anonymous by address") {
  Authenticated gateway(R"({"minute": 1, "limit_by": "credential"})");
  CHECK(gateway.status("one") == 200);
  CHECK(gateway.status("two") == 200);
  CHECK(gateway.status("one") == 429);
  CHECK(gateway.status("", "10.0.0.1") == 200);
  CHECK(gateway.status("", "10.0.0.2") == 200);
  CHECK(gateway.status("", "10.0.0.1") == 429);
}

GW_TEST_CASE("a broken store lets requests pass without headers, with one warning a minute") {
  Limiter limiter(R"({"minute": 1})");
  limiter.host.break_stores(true);
  CHECK(limiter.pass(5) == 5);
  CHECK(limiter.send().limit == "-");
  const auto warnings = [&] {
    const auto& lines = limiter.host.logs();
    return std::count_if(lines.begin(), lines.end(),
                         [](const auto& line) { return line.level == GW_LOG_WARN; });
  };
  CHECK(warnings() == 1);
  limiter.host.advance(60s);
  limiter.send();
  CHECK(warnings() == 2);
  limiter.host.break_stores(false);
  CHECK(limiter.pass(5) == 1);
}

GW_TEST_CASE("a broken store without fault tolerance is a 500") {
  Limiter limiter(R"({"minute": 1, "fault_tolerant": false})");
  limiter.host.break_stores(true);
  exchange x(limiter.host, {limiter.entry});
  x.run();
  REQUIRE(x.reply());
  CHECK(x.reply()->status == 500);
  CHECK(x.reply()->code == "counters_unavailable");
  CHECK_FALSE(x.response_header("RateLimit-Limit"));
}

GW_TEST_CASE("configurations that can't be kept are refused with the reason") {
  CHECK_THAT(refusal("{}"), Catch::Contains("at least one of second, minute"));
  CHECK_THAT(refusal(R"({"second": 10, "minute": 5})"),
             Catch::Contains("/minute: the limit per minute (5) is lower than the limit per "
                             "second (10)"));
  CHECK_THAT(refusal(R"({"second": 10, "year": 9})"), Catch::Contains("/year"));
  CHECK_THAT(refusal(R"({"minute": 1, "policy": "redis", "redis": {"host": "localhost"}})"),
             Catch::Contains("/policy: redis comes with a later version"));
  CHECK_THAT(refusal(R"({"minute": 1, "policy": "cluster"})"), Catch::Contains("database"));
  CHECK_THAT(refusal(R"({"minute": 1, "sync_rate": 5})"), Catch::Contains("/sync_rate"));
  CHECK_THAT(refusal(R"({"minute": 1, "limit_by": "header"})"), Catch::Contains("/header_name"));
  CHECK_THAT(refusal(R"({"minute": 1, "limit_by": "header", "header_name": "a b"})"),
             Catch::Contains("not a header name"));
  CHECK_THAT(refusal(R"({"minute": 1, "limit_by": "path"})"), Catch::Contains("/path"));
  CHECK_THAT(refusal(R"({"minute": 0})"), Catch::Contains("minimum"));
  CHECK(refusal(R"({"minute": 1, "sync_rate": -1, "redis": {"host": "x"}, "hour": null})") ==
        "accepted");
}
