// SPDX-License-Identifier: Apache-2.0
// Who the client is, what upstreams are told of it, and which Host and path they see.
#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string services(const Origin& origin, const std::string& routes,
                     const std::string& service = "") {
  return "services:\n- name: s\n  url: " + origin.url() + service + "\n  routes:\n" + routes;
}

const char* const k_claims =
    "X-Forwarded-For: 203.0.113.7, 198.51.100.2\r\nX-Real-IP: 203.0.113.7\r\nX-Forwarded-Proto: "
    "https\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: "
    "/outer\r\nX-Forwarded-Path: /outer/a\r\n";

}  // namespace

TEST_CASE("what a peer that is not trusted says of the client is replaced") {
  Origin origin;
  GatewayProcess gateway(services(origin, "  - paths: [/api]\n"));
  CHECK(get(gateway.port(), "/api/x?y", k_claims).status == 200);
  const auto seen = origin.wait_for_request();
  CHECK(seen.target == "/x?y");
  CHECK(seen.value("X-Real-IP") == "127.0.0.1");
  CHECK(seen.value("X-Forwarded-For") == "203.0.113.7, 198.51.100.2, 127.0.0.1");
  CHECK(seen.value("X-Forwarded-Proto") == "http");
  CHECK(seen.value("X-Forwarded-Host") == "test");
  CHECK(seen.value("X-Forwarded-Port") == std::to_string(gateway.port()));
  CHECK(seen.value("X-Forwarded-Path") == "/api/x");
  CHECK(seen.value("X-Forwarded-Prefix") == "/api");
}

TEST_CASE("what a trusted peer says of the client is believed") {
  Origin origin;
  GatewayProcess gateway(services(origin, "  - paths: [/api]\n    protocols: [https]\n"),
                         "  workers: 1\n  trusted_ips: [127.0.0.0/8]\n");
  CHECK(get(gateway.port(), "/api/x", k_claims).status == 200);
  const auto seen = origin.wait_for_request();
  CHECK(seen.value("X-Real-IP") == "203.0.113.7");
  CHECK(seen.value("X-Forwarded-Proto") == "https");
  CHECK(seen.value("X-Forwarded-Host") == "shop.example");
  CHECK(seen.value("X-Forwarded-Port") == "443");
  CHECK(seen.value("X-Forwarded-Path") == "/outer/a");
  CHECK(seen.value("X-Forwarded-Prefix") == "/outer");
  CHECK(get(gateway.port(), "/api/x").status == 426);
}

TEST_CASE("the client of a list is its last address that is not trusted") {
  Origin origin;
  GatewayProcess gateway(services(origin, "  - paths: [/]\n"),
                         "  workers: 1\n  trusted_ips: [127.0.0.1, 198.51.100.0/24]\n"
                         "  real_ip_header: X-Forwarded-For\n  real_ip_recursive: on\n");
  get(gateway.port(), "/",
      "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 203.0.113.7, 198.51.100.2\r\n");
  CHECK(origin.wait_for_request(1).value("X-Real-IP") == "203.0.113.7");
  get(gateway.port(), "/", "X-Forwarded-For: nonsense\r\n");
  CHECK(origin.wait_for_request(2).value("X-Real-IP") == "127.0.0.1");
}

TEST_CASE("a listener with the PROXY protocol takes the client from its header") {
  Origin origin;
  GatewayProcess gateway(services(origin, "  - paths: [/]\n"), "  workers: 1\n",
                         "127.0.0.1:0 proxy_protocol");
  RawClient client(gateway.port());
  client.send("PROXY TCP4 203.0.113.7 127.0.0.1 4242 80\r\n");
  CHECK(client.get("/").status == 200);
  CHECK(origin.wait_for_request(1).value("X-Real-IP") == "203.0.113.7");
  RawClient plain(gateway.port());
  plain.send(request_text("GET", "/"));
  CHECK(plain.read_to_end().empty());
}

TEST_CASE("the Host that an upstream sees is its own, the client's, or the upstream's") {
  Origin origin;
  GatewayProcess gateway(
      services(origin, "  - paths: [/own]\n  - paths: [/kept]\n    preserve_host: true\n") +
      "- name: u\n  host: pool.internal\n  routes:\n  - paths: [/pool]\n"
      "upstreams:\n- name: pool.internal\n  host_header: api.example\n  targets:\n  - target: " +
      origin.address() + "\n");
  for (const char* path : {"/own", "/kept", "/pool"}) get(gateway.port(), path);
  CHECK(origin.wait_for_request(1).value("Host") == origin.address());
  CHECK(origin.wait_for_request(2).value("Host") == "test");
  CHECK(origin.wait_for_request(3).value("Host") == "api.example");
}

TEST_CASE("fields that belong to one connection are not passed on, either way") {
  Origin origin([](Call& call) {
    call.respond(200, "ok",
                 "Connection: X-Up\r\nX-Up: 1\r\nKeep-Alive: timeout=5\r\nX-Stays: 1\r\n");
  });
  GatewayProcess gateway(services(origin, "  - paths: [/]\n"));
  const auto answer =
      get(gateway.port(), "/",
          "Connection: X-Down\r\nX-Down: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: "
          "keep-alive\r\nTE: trailers, deflate\r\nUpgrade: nonsense\r\nX-Stays: 1\r\n");
  CHECK_FALSE(answer.has("X-Up"));
  CHECK_FALSE(answer.has("Keep-Alive"));
  CHECK(answer.value("X-Stays") == "1");
  const auto seen = origin.wait_for_request();
  for (const char* name : {"X-Down", "Keep-Alive", "Proxy-Connection", "Upgrade"})
    CHECK_FALSE(seen.has(name));
  CHECK(seen.value("X-Stays") == "1");
}

TEST_CASE("an https-only route over http answers 426, or sends the client on") {
  Origin origin;
  GatewayProcess gateway(
      services(origin,
               "  - paths: [/a]\n    protocols: [https]\n  - paths: [/b]\n    protocols: "
               "[https]\n    https_redirect_status_code: 301\n"));
  const auto refused = get(gateway.port(), "/a");
  CHECK(refused.status == 426);
  CHECK(refused.value("Upgrade") == "TLS/1.2, HTTP/1.1");
  const auto sent_on = get(gateway.port(), "/b/../b/c?d", "Host: shop.example:8080\r\n");
  CHECK(sent_on.status == 301);
  CHECK(sent_on.value("Location") == "https://shop.example/b/../b/c?d");
  CHECK(sent_on.body.empty());
  CHECK(origin.requests().empty());
}

TEST_CASE("an old client is served in its own version") {
  Origin origin([](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  });
  GatewayProcess gateway(services(origin, "  - paths: [/]\n"));
  RawClient client(gateway.port());
  const auto answer = client.ask("GET / HTTP/1.0\r\n\r\n");
  CHECK(answer.body == "abc");
  CHECK(answer.end == BodyEnd::close);
  CHECK_FALSE(answer.has("Transfer-Encoding"));
  CHECK(origin.wait_for_request().value("Via") == "1.0 gatewright");
}

TEST_CASE("errors are in the form that the client asks for, and carry the request's id") {
  GatewayProcess gateway("routes:\n- name: alone\n  paths: [/alone]\n");
  const auto ask = [&](const char* accept) {
    return get(gateway.port(), "/nowhere",
               accept[0] != '\0' ? "Accept: " + std::string(accept) + "\r\n" : "");
  };
  const auto json = ask("");
  CHECK(json.status == 404);
  CHECK(json.value("Content-Type") == "application/json; charset=utf-8");
  CHECK(json.body.find("\"message\":\"no Route matched with those values\"") != std::string::npos);
  CHECK(json.body.find(json.value("X-Kong-Request-Id")) != std::string::npos);
  CHECK(ask("text/html").body.find("<html>") != std::string::npos);
  CHECK(ask("application/xml").body.find("<error>") != std::string::npos);
  CHECK(ask("text/plain;q=0.1, application/problem+json").value("Content-Type") ==
        "application/problem+json");
}
