// SPDX-License-Identifier: Apache-2.0
// What clients see, at a steady rate of requests over two real targets, when one of them is killed,
// freezes, resets, is slow, moves, or has an expired certificate. Each case prints a row: requests,
// failed, slower than 100 ms, the slowest in ms.
#include <csignal>

#include "catch.hpp"
#include "certificates.hpp"
#include "dns_server.hpp"
#include "gateway_process.hpp"
#include "nginx_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "steady_traffic.hpp"

using namespace support;
using gw::test::Authority;

namespace {

const std::string k_says = "server { listen @PORT0@; location / { return 200 \"NAME\"; } }";

std::string server(const std::string& name) {
  std::string out = k_says;
  return out.replace(out.find("NAME"), 4, name);
}

std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// `fields`: of the upstream, each line indented by two.
std::string upstream(const std::vector<std::string>& targets, const std::string& fields,
                     const std::string& service = "") {
  std::string out = "services:\n- name: s\n  host: u\n" + service +
                    "  routes:\n  - paths: [/]\nupstreams:\n"
                    "- name: u\n" +
                    fields + "  targets:\n";
  for (const auto& target : targets) out += "  - target: " + target + "\n";
  return out;
}

constexpr std::size_t k_some = 500;
// A machine that is busy with other tests takes its time.
const double k_quick_ms = 400 * slowness();
constexpr double k_try_ms = 500;

const std::string k_passive = "  healthchecks: {passive: {unhealthy: {tcp_failures: 1}}}\n";
const std::string k_ejects =
    "  gateway: {try_timeout: 500ms, ejection: {failures: 3, time: 60s}}\n";

}  // namespace

TEST_CASE("a killed target costs no request") {
  auto one = std::make_unique<NginxProcess>(server("one"));
  NginxProcess two(server("two"));
  GatewayProcess gateway(upstream({at(one->port()), at(two.port())}, k_passive), "  workers: 2\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  one->kill();
  gateway.wait_for_log("health=unhealthy");
  const auto known = Clock::now();
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  tell_fault("killed", traffic.seen());
  CHECK(traffic.seen().faults == std::vector<std::string>{});
  for (const auto& asked : traffic.all())
    if (asked.at > known + Milliseconds(100)) CHECK(asked.body == "two");
}

TEST_CASE("a frozen target costs those in flight one timeout, and nobody once it is ejected") {
  NginxProcess one(server("one")), two(server("two"));
  GatewayProcess gateway(upstream({at(one.port()), at(two.port())}, k_ejects), "  workers: 2\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  ::kill(one.pid(), SIGSTOP);
  gateway.wait_for_log("health=ejected");
  const auto ejected = Clock::now() + Milliseconds(50);
  REQUIRE(traffic.wait_for_more(2 * k_some));
  traffic.stop();
  ::kill(one.pid(), SIGCONT);
  tell_fault("frozen", traffic.seen());
  tell_fault("frozen, once it is ejected", traffic.seen(ejected));
  CHECK(traffic.seen().faults == std::vector<std::string>{});
  CHECK(traffic.seen().slower(k_try_ms - 20) > 0);
  CHECK(traffic.seen().slower(k_try_ms + k_quick_ms) == 0);
  CHECK(traffic.seen(ejected).slower(k_quick_ms) == 0);
}

TEST_CASE("a target that resets connections costs no request, and is left out") {
  std::atomic<bool> bad{false};
  Origin one([&](Call& call) {
    if (!bad) return call.respond(200, "one");
    call.reset();
  });
  NginxProcess two(server("two"));
  GatewayProcess gateway(upstream({one.address(), at(two.port())}, k_ejects), "  workers: 2\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  bad = true;
  gateway.wait_for_log("health=ejected");
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  tell_fault("resets", traffic.seen());
  CHECK(traffic.seen().faults == std::vector<std::string>{});
}

TEST_CASE("a slow target is left out once it has been too slow") {
  Event never;
  std::atomic<bool> slow{false};
  Origin one([&](Call& call) {
    if (slow) never.wait(Deadline(Milliseconds(2000)));
    call.respond(200, "one");
  });
  NginxProcess two(server("two"));
  GatewayProcess gateway(upstream({one.address(), at(two.port())}, k_ejects), "  workers: 2\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  slow = true;
  gateway.wait_for_log("health=ejected");
  const auto ejected = Clock::now() + Milliseconds(50);
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  never.set();
  tell_fault("slow", traffic.seen());
  tell_fault("slow, once it is ejected", traffic.seen(ejected));
  CHECK(traffic.seen().faults == std::vector<std::string>{});
  CHECK(traffic.seen(ejected).slower(k_quick_ms) == 0);
}

TEST_CASE("a target whose name moves away from a dead address costs no request") {
  auto one = std::make_unique<Origin>([](Call& call) { call.respond(200, "one"); });
  Origin two([](Call& call) { call.respond(200, "two"); }, Origin::Reads::whole_requests,
             "127.0.0.2", one->port());
  DnsServer server({"host-record=moves.test,127.0.0.1,1"});
  GatewayProcess gateway(upstream({"moves.test:" + std::to_string(one->port())}, ""),
                         "  workers: 2\n  dns_resolver: [\"" + server.address() + "\"]\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  server.change({"host-record=moves.test,127.0.0.2,1"});
  REQUIRE(wait_until([&] { return get(gateway.port(), "/").body == "two"; }));
  REQUIRE(traffic.wait_for_more(k_some));
  one.reset();
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  tell_fault("DNS moved, the old address dies", traffic.seen());
  CHECK(traffic.seen().faults == std::vector<std::string>{});
}

TEST_CASE("a DNS server that dies costs no request") {
  NginxProcess one(server("one"));
  DnsServer dns({"host-record=here.test,127.0.0.1,1"});
  GatewayProcess gateway(
      upstream({"here.test:" + std::to_string(one.port())}, ""),
      "  workers: 2\n  dns_timeout: 1s\n  dns_resolver: [\"" + dns.address() + "\"]\n");
  SteadyTraffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(k_some));
  dns.stop();
  gateway.wait_for_log("a name does not resolve");
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  tell_fault("DNS dead", traffic.seen());
  CHECK(traffic.seen().faults == std::vector<std::string>{});
}

TEST_CASE("a target with an expired certificate is not used, and the log says why") {
  Authority authority;
  const auto good = authority.issue("good", "IP:127.0.0.1");
  const auto old = authority.issue("old", "IP:127.0.0.1", -1);
  const auto secure = [](const gw::test::Issued& issued) {
    return "server { listen @PORT0@ ssl; ssl_certificate " + issued.certificate_file +
           "; ssl_certificate_key " + issued.key_file + "; location / { return 200 \"secure\"; } }";
  };
  NginxProcess one(secure(good)), two(secure(old));
  GatewayProcess gateway(upstream({at(one.port()), at(two.port())}, k_passive,
                                  "  protocol: https\n  tls_verify: true\n"),
                         "  workers: 2\n  upstream_ca_certificates: " + authority.file() + "\n");
  SteadyTraffic traffic(gateway.port());
  gateway.wait_for_log("health=unhealthy");
  REQUIRE(traffic.wait_for_more(k_some));
  traffic.stop();
  tell_fault("certificate expired", traffic.seen());
  CHECK(traffic.seen().faults == std::vector<std::string>{});
  GatewayProcess alone(upstream({at(two.port())}, "", "  protocol: https\n  tls_verify: true\n"),
                       "  upstream_ca_certificates: " + authority.file() + "\n");
  CHECK(get(alone.port(), "/").status == 502);
  alone.wait_for_log("certificate has expired reason=tls_failed");
}
