// SPDX-License-Identifier: Apache-2.0
// Services and targets that are names, of a real DNS server: they move, vanish and come back, and
// the server itself dies.
#include <csignal>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "dns_server.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "traffic.hpp"

using namespace support;

namespace {

Origin::Handler says(const std::string& text) {
  return [text](Call& call) { call.respond(200, text); };
}

std::string settings(const DnsServer& server, const std::string& more = "") {
  return "  workers: 2\n  dns_resolver: [\"" + server.address() +
         "\"]\n  dns_timeout: 700ms\n  dns_min_ttl: 50ms\n" + more;
}

std::string service(const std::string& host, std::uint16_t port) {
  return "services:\n- name: s\n  host: " + host + "\n  port: " + std::to_string(port) +
         "\n  routes:\n  - paths: [/]\n";
}

bool becomes(const GatewayProcess& gateway, const std::string& body) {
  return wait_until([&] { return get(gateway.port(), "/").body == body; });
}

}  // namespace

TEST_CASE("a service that moves is followed without a lost request") {
  Origin one(says("one"));
  Origin two(says("two"), Origin::Reads::whole_requests, "127.0.0.2", one.port());
  DnsServer server({"host-record=moves.test,127.0.0.1,0"});
  GatewayProcess gateway(service("moves.test", one.port()), settings(server));
  CHECK(get(gateway.port(), "/").body == "one");
  Traffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(100));
  server.change({"host-record=moves.test,127.0.0.2,0"});
  CHECK(becomes(gateway, "two"));
  REQUIRE(traffic.wait_for_more(100));
  CHECK(traffic.stop() == std::vector<std::string>{});
}

TEST_CASE("a service that dies at an address that is believed is looked up again at once") {
  auto one = std::make_unique<Origin>(says("one"));
  Origin two(says("two"), Origin::Reads::whole_requests, "127.0.0.2", one->port());
  DnsServer server({"host-record=moves.test,127.0.0.1,3600"});
  GatewayProcess gateway(service("moves.test", one->port()),
                         "  workers: 1\n  dns_resolver: [\"" + server.address() + "\"]\n");
  CHECK(get(gateway.port(), "/").body == "one");
  server.change({"host-record=moves.test,127.0.0.2,3600"});
  one.reset();
  // A name is looked up again once a second at most.
  REQUIRE(wait_until([&] {
    return get(gateway.status_port(), "/status/dns").body.find("\"age\":1.") != std::string::npos;
  }));
  CHECK(get(gateway.port(), "/").body == "two");
}

TEST_CASE("a DNS server that is dead or silent takes nothing away") {
  Origin origin(says("here"));
  DnsServer server({"host-record=here.test,127.0.0.1,0"});
  GatewayProcess gateway(service("here.test", origin.port()), settings(server));
  CHECK(get(gateway.port(), "/").body == "here");
  Traffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(50));
  SECTION("dead") { server.stop(); }
  SECTION("silent") { server.signal(SIGSTOP); }
  gateway.wait_for_log("a name does not resolve");
  REQUIRE(traffic.wait_for_more(200));
  CHECK(traffic.stop() == std::vector<std::string>{});
  CHECK(wait_until([&] {
    const auto page = get(gateway.status_port(), "/status/dns").body;
    return page.find("\"error\":\"") != page.npos && page.find("\"stale\":true") != page.npos;
  }));
}

TEST_CASE("a name that does not exist is 503, and is found once it does") {
  Origin origin(says("here"));
  DnsServer server({});
  GatewayProcess gateway(service("late.test", origin.port()),
                         settings(server, "  dns_not_found_ttl: 50ms\n"));
  const auto answer = get(gateway.port(), "/");
  CHECK(answer.status == 503);
  CHECK(answer.body.find("name resolution failed") != std::string::npos);
  server.change({"host-record=late.test,127.0.0.1,5"});
  CHECK(becomes(gateway, "here"));
}

TEST_CASE("all addresses of a name take part, and the page tells of them") {
  Origin one(says("one"));
  Origin two(says("two"), Origin::Reads::whole_requests, "127.0.0.2", one.port());
  DnsServer server({"host-record=both.test,127.0.0.1,60", "host-record=both.test,127.0.0.2,60"});
  GatewayProcess gateway(service("both.test", one.port()), settings(server));
  CHECK(becomes(gateway, "one"));
  CHECK(becomes(gateway, "two"));
  CHECK(wait_until([&] {
    const auto page = get(gateway.admin_port(), "/status/dns").body;
    return page.find("{\"address\":\"127.0.0.1\"},{\"address\":\"127.0.0.2\"}") != page.npos &&
           page.find("\"name\":\"both.test\"") != page.npos &&
           page.find("\"ttl\":60.0") != page.npos && page.find("\"stale\":false") != page.npos;
  }));
}

TEST_CASE("targets by SRV: their ports, and their names where that is wanted") {
  const bool by_name = GENERATE(false, true);
  Origin origin;
  const std::string port = std::to_string(origin.port());
  DnsServer server({"host-record=one.test,127.0.0.1,60",
                    "srv-host=_http._tcp.orders.test,one.test," + port + ",1,1"});
  GatewayProcess gateway(service("pool", 80) + "upstreams:\n- name: pool\n  use_srv_name: " +
                             (by_name ? "true" : "false") +
                             "\n  targets: [{target: _http._tcp.orders.test}]\n",
                         settings(server));
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(origin.wait_for_request().value("Host") ==
        (by_name ? "one.test:" + port : "_http._tcp.orders.test:8000"));
  CHECK(wait_until([&] {  // by any worker: targets are looked up before anybody asks
    const auto page = get(gateway.admin_port(), "/upstreams/pool/health").body;
    return page.find("127.0.0.1") != page.npos;
  }));
}

TEST_CASE("an address of the other family is another way to the same place") {
  std::uint16_t port = 0;
  try {
    ::close(listen_on_loopback(port, 1, "::1"));
  } catch (const std::exception&) {
    WARN("not run: this host has no IPv6");
    return;
  }
  const bool six = GENERATE(false, true);
  Origin origin(says("here"), Origin::Reads::whole_requests, six ? "::1" : "127.0.0.1");
  DnsServer server({"host-record=both.test,127.0.0.1,::1,60"});
  GatewayProcess gateway(service("both.test", origin.port()) + "  retries: 0\n",
                         settings(server, GENERATE("", "  dns_order: [AAAA, A]\n")));
  for (int i = 0; i < 4; ++i) {
    const auto answer = get(gateway.port(), "/");
    CHECK(answer.status == 200);
    CHECK(answer.body == "here");
  }
  CHECK(origin.connections() <= 2);  // kept, for each worker
}

TEST_CASE("a reload with other servers asks these") {
  Origin one(says("one"));
  Origin two(says("two"), Origin::Reads::whole_requests, "127.0.0.2", one.port());
  DnsServer first({"host-record=a.test,127.0.0.1,3600"}),
      second({"host-record=a.test,127.0.0.2,3600"});
  GatewayProcess gateway(service("a.test", one.port()), settings(first));
  CHECK(get(gateway.port(), "/").body == "one");
  const std::string file = gateway.folder() + "/kong.yml";
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  std::string changed = text.str();
  changed.replace(changed.find(first.address()), first.address().size(), second.address());
  std::ofstream(file) << changed;
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  CHECK(becomes(gateway, "two"));
  Traffic traffic(gateway.port());
  REQUIRE(traffic.wait_for_more(100));
  CHECK(traffic.stop() == std::vector<std::string>{});
}
