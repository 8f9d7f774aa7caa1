// SPDX-License-Identifier: Apache-2.0
// Requests whose target fails, answers early or closes: what of the request goes where.
#include <poll.h>
#include <sys/socket.h>

#include <vector>

#include "catch.hpp"
#include "full_queue.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string service(const std::string& url) {
  return "services:\n- name: s\n  url: " + url + "\n  routes:\n  - paths: [/]\n";
}

Connection accept_from(int listener) {
  wait_for_fd(listener, POLLIN, Deadline(), "a connection");
  return Connection(::accept(listener, nullptr, nullptr));
}

}  // namespace

TEST_CASE("a body that comes between two attempts goes to the second, whole") {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 0);
  GatewayProcess gateway(service("http://127.0.0.1:" + std::to_string(port)));
  RawClient client(gateway.port());
  client.send(request_text("PUT", "/", "Content-Length: 10\r\n"));
  Connection first = accept_from(listener);
  CHECK(first.read_request_head().method == "PUT");
  const auto waiting = fill_queue(port);
  first.close();  // the next attempt begins, and has to wait
  client.send("hello");
  client.send("again");
  for (std::size_t i = 0; i < waiting.size(); ++i) accept_from(listener);
  Connection second = accept_from(listener);
  CHECK(second.read_request().body == "helloagain");
  second.send(response_text(200, "ok"));
  CHECK(client.read_response().body == "ok");
  ::close(listener);
}

TEST_CASE("an answer that comes before the whole body reaches the client, who is not kept") {
  Origin origin(
      [](Call& call) {
        call.respond(413, "enough", "Connection: close\r\n");
        call.close();  // with bytes unread: a reset follows the answer
      },
      Origin::Reads::heads_only);
  GatewayProcess gateway(service(origin.url()));
  for (int i = 0; i < 5; ++i) {
    RawClient client(gateway.port());
    client.send(request_text("POST", "/", "Content-Length: 8000000\r\n") +
                std::string(100000, 'x'));
    const auto answer = client.read_response();
    CHECK(answer.status == 413);
    CHECK(answer.body == "enough");
    CHECK(answer.value("Connection") == "close");
  }
}

TEST_CASE("behind a short body that was not waited for the next request is served") {
  Event answered;
  Origin origin(
      [&](Call& call) {
        call.respond(200, call.request.target);
        if (call.request.target == "/early") call.close();
      },
      Origin::Reads::heads_only);
  GatewayProcess gateway(service(origin.url()));
  RawClient client(gateway.port());
  client.send(request_text("POST", "/early", "Content-Length: 5\r\n"));
  CHECK(client.read_response().body == "/early");
  client.send("hello" + request_text("GET", "/next"));
  CHECK(client.read_response().body == "/next");
}

TEST_CASE("the last of pipelined requests is answered, also when the client has closed its side") {
  Event go_on;
  Origin origin([&](Call& call) {
    go_on.wait();
    call.respond();
  });
  GatewayProcess gateway("services:\n- name: s\n  url: " + origin.url() +
                         "\n  routes:\n  - paths: [/known]\n");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/known") + request_text("GET", "/a") +
              request_text("GET", "/b"));
  client.finish_sending();
  origin.wait_for_request();
  go_on.set();
  CHECK(client.read_response().status == 200);
  CHECK(client.read_response().status == 404);
  CHECK(client.read_response().status == 404);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a client that is slower than read_timeout gets the whole answer") {
  const std::string body(32 << 20, 'x');
  Origin origin([&](Call& call) { call.respond(200, body); });
  GatewayProcess gateway("services:\n- name: s\n  url: " + origin.url() +
                         "\n  read_timeout: 400\n  routes:\n  - paths: [/]\n");
  RawClient client(gateway.port(), 4096);
  client.send(request_text("GET", "/"));
  CHECK(client.read_response_head().status == 200);
  ::poll(nullptr, 0, 1200);  // it takes nothing meanwhile
  CHECK(client.read_bytes(body.size(), Deadline(Milliseconds(60000))) == body);
}
