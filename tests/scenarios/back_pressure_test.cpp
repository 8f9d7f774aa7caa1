// SPDX-License-Identifier: Apache-2.0
// A slow peer costs bounded memory: the gateway reads no faster than its other side takes.
#include <atomic>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

constexpr std::size_t k_mebibyte = 1 << 20;
constexpr std::size_t k_gibibyte = 1 << 30;
// Of the worker, for a peer that takes nothing: what is queued for it, what was read ahead, and
// what the heap keeps.
constexpr std::size_t k_allowed_kib = 4096;

std::string service(const Origin& origin) {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - paths: [/]\n";
}

// Sends up to n bytes; returns how many the other side took before it stalled.
std::size_t push(Connection& peer, std::size_t n) {
  const std::string piece(k_mebibyte, 'x');
  std::size_t sent = 0;
  while (sent < n) {
    const std::size_t taken = peer.send_until_stalled(piece, Milliseconds(700));
    sent += taken;
    if (taken < piece.size()) break;
  }
  return sent;
}

}  // namespace

TEST_CASE("a client that does not read is not read for") {
  Event stalled, go_on;
  std::size_t pushed = 0;
  Origin origin([&](Call& call) {
    if (call.request.target == "/small") return call.respond();
    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(k_gibibyte) + "\r\n\r\n");
    pushed = push(call.peer(), k_gibibyte);
    stalled.set();
    go_on.wait();
    call.reset();
  });
  GatewayProcess gateway(service(origin));
  const pid_t worker = gateway.workers().at(0);
  get(gateway.port(), "/small");
  const std::size_t before = resident_kib(worker);
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  REQUIRE(stalled.wait(Deadline(Milliseconds(60000))));
  CHECK(pushed < 64 * k_mebibyte);  // the kernel's buffers and ours
  CHECK(resident_kib(worker) < before + k_allowed_kib);
  go_on.set();
  bool reset = false;
  const std::size_t got = client.read_to_end(&reset).size();
  CHECK(reset);  // visibly not the whole
  CHECK(got < k_gibibyte);
}

TEST_CASE("1,000 clients that do not read cost at most 160 KiB each") {
  constexpr std::size_t clients = 1000;
  std::atomic<std::size_t> stalled{0};
  Event go_on;
  Origin origin([&](Call& call) {
    if (call.request.target == "/small") return call.respond();
    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(k_gibibyte) + "\r\n\r\n");
    push(call.peer(), k_gibibyte);
    ++stalled;
    go_on.wait(Deadline(Milliseconds(120000)));
    call.reset();
  });
  GatewayProcess gateway(service(origin), "  workers: 1\n  max_connections: 4000\n");
  const pid_t worker = gateway.workers().at(0);
  get(gateway.port(), "/small");
  const std::size_t before = resident_kib(worker);
  std::vector<std::unique_ptr<RawClient>> deaf;
  for (std::size_t i = 0; i < clients; ++i) {
    deaf.push_back(std::make_unique<RawClient>(gateway.port(), 4096));
    deaf.back()->send(request_text("GET", "/"));
  }
  REQUIRE(wait_until([&] { return stalled == clients; }, Deadline(Milliseconds(120000))));
  const std::size_t each = (resident_kib(worker) - before) / clients;
  CAPTURE(each);
  CHECK(each <= 160);
  CHECK(get(gateway.port(), "/small").status == 200);  // and others are served
  go_on.set();
}

TEST_CASE("a target that does not read is not read for") {
  Event go_on;
  Origin origin(
      [&](Call& call) {
        if (call.request.target == "/small") return call.respond();
        go_on.wait();
        call.reset();
      },
      Origin::Reads::heads_only);
  GatewayProcess gateway(service(origin));
  const pid_t worker = gateway.workers().at(0);
  get(gateway.port(), "/small");
  const std::size_t before = resident_kib(worker);
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: " + std::to_string(k_gibibyte) + "\r\n"));
  CHECK(push(client, k_gibibyte) < 64 * k_mebibyte);
  CHECK(resident_kib(worker) < before + k_allowed_kib);
  go_on.set();
  CHECK(client.read_response().status == 502);
}

TEST_CASE("64 MiB pass both ways at the readers' speed, whole") {
  constexpr std::size_t size = 64 * k_mebibyte;
  Origin origin(
      [](Call& call) {
        call.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
        for (std::size_t left = size; left > 0; left -= k_mebibyte)
          call.send(call.peer().read_bytes(k_mebibyte));
      },
      Origin::Reads::heads_only);
  GatewayProcess gateway(service(origin));
  const pid_t worker = gateway.workers().at(0);
  const std::size_t before = resident_kib(worker);
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: " + std::to_string(size) + "\r\n"));
  for (std::size_t i = 0; i < size / k_mebibyte; ++i) {
    const std::string piece(k_mebibyte, char('a' + i % 26));
    client.send(piece);
    if (i == 0) REQUIRE(client.read_response_head().status == 200);
    REQUIRE(client.read_bytes(piece.size()) == piece);
  }
  CHECK(resident_kib(worker) < before + k_allowed_kib);
}
