// SPDX-License-Identifier: Apache-2.0
// Every wait for a peer has a deadline with an answer of its own.
#include <unistd.h>

#include <functional>

#include "catch.hpp"
#include "full_queue.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string service(const std::string& url, const std::string& more = "") {
  return "services:\n- name: s\n  url: " + url + "\n" + more +
         "  routes:\n  - name: r\n    paths: [/]\n";
}

double seconds_of(const std::function<void()>& what) {
  const auto before = Clock::now();
  what();
  return std::chrono::duration<double>(Clock::now() - before).count();
}

}  // namespace

TEST_CASE("a request head that does not come in time is answered 408") {
  Origin origin;
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  client_header_timeout: 300ms\n");
  RawClient client(gateway.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX-");
  CHECK(client.read_response().status == 408);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a head in single bytes does not put its deadline off") {
  Origin origin;
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  client_header_timeout: 400ms\n");
  RawClient client(gateway.port());
  const double took = seconds_of([&] {
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    // A byte whenever nothing has come for 50 ms, until the answer is there.
    while (client.buffered().empty()) {
      client.send("y");
      try {
        client.fill(Deadline(Milliseconds(50)));
      } catch (const Timeout&) {
      }
    }
  });
  CHECK(client.read_response().status == 408);
  CHECK(took < 5.0);
}

TEST_CASE("a request body that stops coming is answered 408") {
  Origin origin;
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  client_body_timeout: 300ms\n");
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: 10\r\n") + "12345");
  const auto answer = client.read_response();
  CHECK(answer.status == 408);
  CHECK(answer.value("Connection") == "close");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a connection that idles is closed without a word") {
  Origin origin;
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  keepalive_timeout: 300ms\n");
  RawClient client(gateway.port());
  CHECK(client.get("/").status == 200);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("after keepalive_requests the connection is closed, and says so") {
  Origin origin;
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  keepalive_requests: 2\n");
  RawClient client(gateway.port());
  CHECK_FALSE(client.get("/").has("Connection"));
  CHECK(client.get("/").value("Connection") == "close");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a client that stops reading is cut off") {
  const std::string piece(1 << 20, 'x');
  Origin origin([&](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    for (int i = 0; i < 100; ++i) call.send(piece);
  });
  GatewayProcess gateway(service(origin.url()), "  workers: 1\n  send_timeout: 400ms\n");
  RawClient client(gateway.port(), 4096);
  client.send(request_text("GET", "/"));
  CHECK(origin.wait_for_open_connections(1));
  CHECK(origin.wait_for_open_connections(0));  // released with the client
}

TEST_CASE("a target that cannot be connected to in time is a 504") {
  // A listener whose queue is full takes no further connection.
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 0);
  const auto waiting = fill_queue(port);
  GatewayProcess gateway(service("http://127.0.0.1:" + std::to_string(port),
                                 "  connect_timeout: 300\n  retries: 1\n"));
  const double took = seconds_of([&] { CHECK(get(gateway.port(), "/").status == 504); });
  CHECK(took >= 0.6);  // both attempts
  ::close(listener);
}

TEST_CASE("the time between two reads of an answer is limited") {
  Event released;
  Origin origin([&](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    released.wait();
  });
  GatewayProcess gateway(service(origin.url(), "  read_timeout: 300\n"));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  CHECK_THROWS(client.read_response());  // broken off, never complete-looking
  released.set();
}

TEST_CASE("a name that does not resolve is a 503, and an address of a name is used") {
  Origin origin;
  GatewayProcess gateway(
      service("http://localhost:" + std::to_string(origin.port())) +
      "- name: lost\n  host: does-not-exist.invalid\n  routes:\n  - paths: [/lost]\n");
  CHECK(get(gateway.port(), "/").status == 200);
  const auto lost = get(gateway.port(), "/lost");
  CHECK(lost.status == 503);
  CHECK(lost.body.find("name resolution failed") != std::string::npos);
}
