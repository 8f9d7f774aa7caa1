// SPDX-License-Identifier: Apache-2.0
// More than the gateway is to take: what waits, what is refused, and that the rest is served.
#include <csignal>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string service(const Origin& origin) {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - paths: [/]\n";
}

bool nothing_comes(RawClient& client) {
  try {
    client.fill(Deadline(Milliseconds(200)));
  } catch (const Timeout&) {
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("connections over the cap wait, and are served when others end") {
  Origin origin;
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_connections: 3\n");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(std::make_unique<RawClient>(gateway.port()));
  for (int i = 0; i < 3; ++i) CHECK(clients[i]->get("/").status == 200);
  for (int i = 3; i < 6; ++i) clients[i]->send(request_text("GET", "/"));
  CHECK(nothing_comes(*clients[3]));
  for (int i = 0; i < 3; ++i) {
    clients[i]->close();
    CHECK(clients[3 + i]->read_response().status == 200);
  }
}

TEST_CASE("a stop serves the connection that waits, too") {
  Origin origin;
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_connections: 1\n");
  RawClient first(gateway.port());
  CHECK(first.get("/").status == 200);
  RawClient second(gateway.port());
  second.send(request_text("GET", "/"));
  CHECK(nothing_comes(second));
  gateway.signal(SIGTERM);
  CHECK(second.read_response().status == 200);
  CHECK(gateway.stop() == 0);
}

TEST_CASE("one address cannot take all connections") {
  Origin origin;
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_connections_per_address: 2\n");
  auto first = std::make_unique<RawClient>(gateway.port());
  RawClient second(gateway.port());
  CHECK(first->get("/").status == 200);
  CHECK(second.get("/").status == 200);
  RawClient third(gateway.port());
  bool reset = false;
  CHECK(third.read_to_end(&reset).empty());
  first.reset();
  CHECK(wait_until([&] {
    try {
      return get(gateway.port(), "/").status == 200;
    } catch (const std::exception&) {
      return false;
    }
  }));
}

TEST_CASE("requests over the cap are answered 503 at once, and running ones finish") {
  Event go_on;
  Origin origin([&](Call& call) {
    go_on.wait();
    call.respond(200, "done");
  });
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_concurrent_requests: 2\n");
  RawClient a(gateway.port()), b(gateway.port()), c(gateway.port());
  a.send(request_text("GET", "/"));
  b.send(request_text("GET", "/"));
  origin.wait_for_request(2);
  const auto refused = c.get("/");
  CHECK(refused.status == 503);
  CHECK(refused.value("Retry-After") == "1");
  go_on.set();
  CHECK(a.read_response().body == "done");
  CHECK(b.read_response().body == "done");
  CHECK(c.get("/").status == 200);
}

TEST_CASE("what is kept for slow readers counts against max_buffered_bytes") {
  const std::string big(16 << 20, 'x');
  Origin origin([&](Call& call) {
    if (call.request.target == "/small") return call.respond();
    call.respond(200, big);
  });
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_buffered_bytes: 8k\n");
  {
    RawClient deaf(gateway.port(), 4096);
    deaf.send(request_text("GET", "/big"));
    CHECK(wait_until([&] { return get(gateway.port(), "/small").status == 503; }));
  }
  CHECK(wait_until([&] { return get(gateway.port(), "/small").status == 200; }));
}

TEST_CASE("a gateway with few descriptors lives, and serves as many as it can") {
  Origin origin;
  GatewayProcess gateway(service(origin), "  workers: 1\n", "127.0.0.1:0", 80);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<RawClient>(gateway.port()));
  for (int i = 0; i < 20; ++i) CHECK(clients[i]->get("/").status == 200);
  clients.erase(clients.begin(), clients.begin() + 40);
  for (auto& client : clients) CHECK(client->get("/").status == 200);
}
