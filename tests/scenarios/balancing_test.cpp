// SPDX-License-Identifier: Apache-2.0
// Which target a request goes to, and what the gateway makes of targets that fail: what clients
// see, and what the admin side says.
#include <csignal>
#include <map>
#include <set>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "traffic.hpp"

using namespace support;

namespace {

// Origins that answer with their number, and a service over them.
struct Farm {
  using Handler = std::function<void(Call&, std::size_t)>;
  explicit Farm(std::size_t n, Handler handler = {}) {
    for (std::size_t i = 0; i < n; ++i)
      origins.push_back(std::make_unique<Origin>([this, i, handler](Call& call) {
        if (bad == int(i)) return call.respond(500, "bad");
        if (handler) return handler(call, i);
        call.respond(200, std::to_string(i));
      }));
  }
  // `fields`: of the upstream, each line indented by two.
  std::string entities(const std::string& fields, const std::string& route = "[/]") const {
    std::string out =
        "services:\n- name: s\n  host: u\n  retries: 2\n  routes:\n  - paths: " + route +
        "\nupstreams:\n- name: u\n" + fields + "  targets:\n";
    for (const auto& origin : origins) out += "  - target: " + origin->address() + "\n";
    return out;
  }
  std::atomic<int> bad{-1};
  std::vector<std::unique_ptr<Origin>> origins;
};

std::string body_of(std::uint16_t port, const std::string& target, const std::string& fields = "") {
  RawClient client(port);
  client.send(request_text("GET", target, fields));
  return client.read_response().body;
}

std::string health(const GatewayProcess& gateway) {
  return get(gateway.admin_port(), "/upstreams/u/health").body;
}

bool says(const GatewayProcess& gateway, const std::string& word) {
  return health(gateway).find("\"health\":\"" + word + "\"") != std::string::npos;
}

int put(const GatewayProcess& gateway, const std::string& target) {
  RawClient client(gateway.admin_port());
  client.send(request_text("PUT", target, ""));
  return client.read_response().status;
}

}  // namespace

TEST_CASE("requests with the same value of a header go to the same target, in every worker") {
  Farm farm(4);
  GatewayProcess gateway(farm.entities("  hash_on: header\n  hash_on_header: X-Key\n"),
                         "  workers: 2\n");
  std::set<std::string> used;
  for (int key = 0; key < 20; ++key) {
    const std::string field = "X-Key: " + std::to_string(key) + "\r\n";
    const std::string first = body_of(gateway.port(), "/", field);
    used.insert(first);
    for (int i = 0; i < 6; ++i) CHECK(body_of(gateway.port(), "/", field) == first);
  }
  CHECK(used.size() > 2);
}

TEST_CASE("hashing on an argument, a capture, the path") {
  Farm farm(4);
  const auto same = [&](const std::string& fields, const std::string& route, const std::string& one,
                        const std::string& other) {
    GatewayProcess gateway(farm.entities(fields, route));
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i) {
      seen.insert(body_of(gateway.port(), one));
      seen.insert(body_of(gateway.port(), other));
    }
    return seen.size() == 1;
  };
  CHECK(same("  hash_on: query_arg\n  hash_on_query_arg: a\n", "[/]", "/x?a=2&b=1&a=1",
             "/y?a=1&a=2"));
  CHECK(same("  hash_on: uri_capture\n  hash_on_uri_capture: id\n", "[\"~/(?<id>[0-9]+)/.*\"]",
             "/17/x", "/17/y"));
  CHECK(same("  hash_on: path\n", "[/]", "/a/b?x=1", "/a/./b"));
  CHECK(same("  hash_on: header\n  hash_on_header: absent\n  hash_fallback: ip\n", "[/]", "/a",
             "/b"));
}

TEST_CASE("a cookie to hash on is made for who has none, and kept") {
  Farm farm(3);
  GatewayProcess gateway(farm.entities(
      "  hash_on: cookie\n  hash_on_cookie: sticky\n  hash_on_cookie_path: /p\n", "[/]"));
  std::set<std::string> used;
  for (int i = 0; i < 12; ++i) {
    RawClient client(gateway.port());
    client.send(request_text("GET", "/", ""));
    const auto answer = client.read_response();
    const std::string cookie = answer.value("Set-Cookie");
    REQUIRE(cookie.substr(0, 7) == "sticky=");
    CHECK(cookie.find("; Path=/p; HttpOnly; SameSite=Lax") == 7 + 36);
    used.insert(answer.body);
    client.send(request_text("GET", "/", "Cookie: a=b; " + cookie.substr(0, 7 + 36) + "\r\n"));
    const auto again = client.read_response();
    CHECK(again.body == answer.body);
    CHECK(again.value("Set-Cookie").empty());
  }
  CHECK(used.size() > 1);
}

TEST_CASE("a target that answers badly is taken out by Kong's counters, and brought back by hand") {
  Farm farm(2);
  GatewayProcess gateway(
      farm.entities("  healthchecks: {passive: {unhealthy: {http_failures: 3}}}\n"),
      "  workers: 2\n");
  CHECK(body_of(gateway.port(), "/") != "bad");
  CHECK(says(gateway, "HEALTHY"));
  CHECK_FALSE(says(gateway, "UNHEALTHY"));
  farm.bad = 1;
  int bad = 0;
  for (int i = 0; i < 60; ++i) bad += body_of(gateway.port(), "/") == "bad";
  CHECK(bad == 3);
  CHECK(says(gateway, "UNHEALTHY"));
  farm.bad = -1;
  for (int i = 0; i < 6; ++i) CHECK(body_of(gateway.port(), "/") == "0");
  const std::string target = "/upstreams/u/targets/" + farm.origins[1]->address();
  CHECK(put(gateway, target + "/nowhere/healthy") == 404);
  CHECK(put(gateway, target + "x/healthy") == 404);
  CHECK(put(gateway, target + "/healthy") == 204);
  std::map<std::string, int> count;
  for (int i = 0; i < 40; ++i) ++count[body_of(gateway.port(), "/")];
  CHECK(count["1"] > 10);
  // All of them out: Kong's words.
  CHECK(put(gateway, target + "/unhealthy") == 204);
  CHECK(put(gateway, "/upstreams/u/targets/" + farm.origins[0]->address() + "/" +
                         farm.origins[0]->address() + "/unhealthy") == 204);
  const auto answer = get(gateway.port(), "/");
  CHECK(answer.status == 503);
  CHECK(answer.body.find("failure to get a peer from the ring-balancer") != std::string::npos);
  CHECK(get(gateway.admin_port(), "/upstreams/u/health?balancer_health=1")
            .body.find("\"health\":\"UNHEALTHY\"") != std::string::npos);
  // Health outlives the configuration.
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  CHECK(get(gateway.port(), "/").status == 503);
}

TEST_CASE("probes take a target out and bring it back, without any request") {
  std::atomic<bool> well{true};
  std::atomic<int> probes{0}, marked{0};
  Farm farm(2, [&](Call& call, std::size_t) {
    if (call.request.target != "/health") return call.respond(200, "ok");
    if (call.request.value("X-Probe") == "yes" && call.request.value("Host") == "a.b") ++marked;
    ++probes;
    call.respond(well ? 200 : 503);
  });
  GatewayProcess gateway(
      farm.entities("  healthchecks: {active: {http_path: /health, timeout: 1, "
                    "headers: {X-Probe: [\"yes\"], Host: [a.b]},\n"
                    "    healthy: {interval: 0.05, successes: 2}, unhealthy: {interval: 0.05, "
                    "http_failures: 2}}}\n"),
      "  workers: 2\n");
  REQUIRE(wait_until([&] { return probes > 4; }));
  CHECK(marked > 4);
  CHECK(get(gateway.port(), "/").status == 200);
  well = false;
  gateway.wait_for_logs(2, "health=unhealthy");
  CHECK(get(gateway.port(), "/").status == 503);
  well = true;
  gateway.wait_for_logs(2, "health=healthy");
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("killing one of two targets loses no request; it is not asked until it is back") {
  auto one = std::make_unique<Origin>();
  Origin other;
  const std::string entities =
      "services:\n- name: s\n  host: u\n  routes:\n  - paths: [/]\nupstreams:\n- name: u\n"
      "  healthchecks:\n    active: {type: tcp, healthy: {interval: 0.05, successes: 1},\n"
      "      unhealthy: {interval: 0.05, tcp_failures: 1}}\n"
      "    passive: {unhealthy: {tcp_failures: 1}}\n  targets:\n  - target: " +
      one->address() + "\n  - target: " + other.address() + "\n";
  GatewayProcess gateway(entities, "  workers: 2\n");
  Traffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(100));
  one.reset();
  REQUIRE(traffic.wait_for_more(400));
  gateway.wait_for_log("health=unhealthy");
  CHECK(traffic.stop() == std::vector<std::string>{});
}

TEST_CASE("a try that takes too long is given up, and another target asked") {
  Event go_on;
  std::atomic<int> slow{0};
  Farm farm(2, [&](Call& call, std::size_t) {
    if (slow++ == 0) go_on.wait();
    call.respond(200, "ok");
  });
  GatewayProcess gateway(farm.entities("  gateway: {try_timeout: 100ms}\n"));
  CHECK(get(gateway.port(), "/").body == "ok");
  CHECK(slow == 2);
  // Not what may not be repeated.
  slow = 0;
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: 0\r\n"));
  CHECK(client.read_response().status == 504);
  go_on.set();
}

TEST_CASE("an upstream's limits: requests beyond them are answered at once") {
  Event go_on;
  Farm farm(1, [&](Call& call, std::size_t) {
    go_on.wait();
    call.respond();
  });
  GatewayProcess gateway(farm.entities("  gateway: {limits: {requests: 2}}\n"));
  RawClient first(gateway.port()), second(gateway.port());
  first.send(request_text("GET", "/", ""));
  second.send(request_text("GET", "/", ""));
  farm.origins[0]->wait_for_request(2);
  const auto refused = get(gateway.port(), "/");
  CHECK(refused.status == 503);
  CHECK(gateway.log().find("reason=upstream_full") != std::string::npos);
  go_on.set();
  CHECK(first.read_response().status == 200);
  CHECK(second.read_response().status == 200);
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("without a retry budget a failed target's request is not tried again") {
  auto gone = std::make_unique<Origin>();
  Farm farm(1);
  std::string entities = farm.entities("  gateway: {retry_budget: {percent: 0, least: 0}}\n") +
                         "  - target: " + gone->address() + "\n";
  gone.reset();
  GatewayProcess gateway(entities);
  std::map<int, int> count;
  for (int i = 0; i < 10; ++i) ++count[get(gateway.port(), "/").status];
  CHECK(count[200] == 5);
  CHECK(count[502] == 5);
}

TEST_CASE("the busiest target gets the fewest new requests with least-connections") {
  Event go_on;
  std::atomic<int> held{0};
  Farm farm(2, [&](Call& call, std::size_t i) {
    if (call.request.target == "/hold") {
      ++held;
      go_on.wait();
    }
    call.respond(200, std::to_string(i));
  });
  GatewayProcess gateway(farm.entities("  algorithm: least-connections\n"));
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<RawClient>(gateway.port()));
    waiting.back()->send(request_text("GET", "/hold", ""));
    REQUIRE(wait_until([&] { return held == i + 1; }));
  }
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) seen.insert(body_of(gateway.port(), "/"));
  CHECK(seen.size() == 1);  // the one that holds one of the three
  go_on.set();
}

TEST_CASE("what a plugin calls may be an upstream: its targets are judged by these calls, too") {
  Origin origin, collector;
  std::uint16_t gone = 0;
  ::close(listen_on_loopback(gone));
  GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
          "\n  routes:\n  - paths: [/]\nupstreams:\n- name: collectors\n"
          "  healthchecks: {passive: {unhealthy: {tcp_failures: 1}}}\n  targets:\n"
          "  - target: 127.0.0.1:" +
          std::to_string(gone) + "\n  - target: " + collector.address() +
          "\nplugins:\n- name: opentelemetry\n  config:\n"
          "    traces_endpoint: http://collectors/v1/traces\n"
          "    queue: {max_batch_size: 1, max_coalescing_delay: 0.01}\n",
      "  workers: 1\n  plugins: bundled\n");
  CHECK(wait_until([&] {
    CHECK(get(gateway.port(), "/").status == 200);
    return gateway.count_log("health=unhealthy") > 0;
  }));
  CHECK(collector.wait_for_request().target == "/v1/traces");
  CHECK(get(gateway.admin_port(), "/upstreams/collectors/health").body.find("UNHEALTHY") !=
        std::string::npos);
}
