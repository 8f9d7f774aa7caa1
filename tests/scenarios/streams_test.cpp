// SPDX-License-Identifier: Apache-2.0
// Answers that come slowly, and connections that become something else: passed on as they come.
#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string service(const Origin& origin, const std::string& more = "") {
  return "services:\n- name: s\n  url: " + origin.url() + "\n" + more +
         "  routes:\n  - paths: [/]\n";
}

const char* const k_upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n";
const char* const k_switched =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
    "websocket\r\nSec-WebSocket-Accept: y\r\n\r\n";

// Switches, then sends back what comes, in capitals, until the peer closes.
void shout(Call& call) {
  if (call.request.value("Upgrade") != "websocket") return call.respond(400, "no upgrade");
  call.send(k_switched);
  for (;;) {
    std::string heard = call.peer().buffered();
    if (heard.empty() && !call.peer().fill(Deadline())) break;
    heard = call.peer().read_bytes(call.peer().buffered().size());
    for (char& c : heard) c = char(std::toupper(c));
    call.send(heard);
  }
  call.close();
}

}  // namespace

TEST_CASE("an event stream reaches the client event by event") {
  Event go_on;
  Origin origin([&](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    call.send("data: 1\n\n");
    go_on.wait();
    call.send("data: 2\n\n");
    call.close();
  });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  const auto head = client.read_response_head();
  CHECK(head.value("Transfer-Encoding") == "chunked");
  CHECK(client.read_bytes(14) == "9\r\ndata: 1\n\n\r\n");  // while the origin waits
  go_on.set();
  CHECK(client.read_bytes(19) == "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
}

TEST_CASE("informational answers come before the answer, and not to HTTP/1.0") {
  Origin origin([](Call& call) {
    call.send(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
        "2\r\n\r\nok");
  });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  const auto hints = client.get("/");
  CHECK(hints.status == 103);
  CHECK(hints.value("Link") == "</a.css>");
  CHECK(client.read_response().status == 200);
  RawClient old(gateway.port());
  CHECK(old.ask("GET / HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("trailers pass both ways where chunks carry them") {
  Origin origin([](Call& call) {
    call.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n"
        "X-Sum: 42\r\nContent-Length: 9\r\n\r\n");
  });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  const auto answer =
      client.ask(request_text("POST", "/", "Transfer-Encoding: chunked\r\nTE: trailers\r\n") +
                 "1\r\na\r\n0\r\nX-Check: 7\r\nHost: evil\r\n\r\n");
  CHECK(answer.body == "ok");
  CHECK(answer.trailer("X-Sum") == "42");
  CHECK(answer.trailer("Content-Length").empty());
  const auto seen = origin.wait_for_request();
  CHECK(seen.trailer("X-Check") == "7");
  CHECK(seen.trailer("Host").empty());
  CHECK(seen.value("TE") == "trailers");
}

TEST_CASE("a WebSocket passes bytes both ways until a side closes") {
  Origin origin(shout);
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  // Bytes that come with the request belong to the tunnel, whatever they look like.
  client.send(request_text("GET", "/chat", k_upgrade) + "get / http/1.1\r\n\r\n");
  const auto head = client.read_response_head();
  CHECK(head.status == 101);
  CHECK(head.value("Upgrade") == "websocket");
  CHECK(head.value("Connection") == "Upgrade");
  CHECK(head.value("Sec-WebSocket-Accept") == "y");
  CHECK(client.read_bytes(18) == "GET / HTTP/1.1\r\n\r\n");
  client.send("hello");
  CHECK(client.read_bytes(5) == "HELLO");
  client.finish_sending();
  CHECK(client.read_to_end().empty());
  CHECK(origin.wait_for_open_connections(0));
  CHECK(origin.requests().size() == 1);
}

TEST_CASE("an upgrade that is not granted leaves a plain connection") {
  Origin origin([](Call& call) { call.respond(200, call.request.value("Upgrade")); });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  CHECK(client.get("/", k_upgrade).body == "websocket");
  CHECK(
      client.get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n").body.empty());
  CHECK(client.get("/", "Upgrade: websocket\r\n").body.empty());  // Connection does not name it
  CHECK(
      client.ask(request_text("POST", "/", std::string(k_upgrade) + "Content-Length: 1\r\n") + "x")
          .body.empty());
  CHECK(client.get("/").status == 200);
}

TEST_CASE("an upstream that switches unasked, or to something else, is a 502") {
  Origin origin([](Call& call) {
    if (call.request.target == "/unasked") return call.send(k_switched);
    call.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
  });
  GatewayProcess gateway(service(origin, "  retries: 0\n"));
  CHECK(get(gateway.port(), "/unasked").status == 502);
  CHECK(get(gateway.port(), "/other", k_upgrade).status == 502);
}

TEST_CASE("a tunnel that idles for read_timeout is closed, one with traffic is not") {
  Origin origin(shout);
  GatewayProcess gateway(service(origin, "  read_timeout: 500\n"));
  RawClient client(gateway.port());
  CHECK(client.ask(request_text("GET", "/", k_upgrade)).status == 101);
  const auto start = Clock::now();
  while (Clock::now() - start < Milliseconds(1200)) {
    client.send("x");
    CHECK(client.read_bytes(1) == "X");
    CHECK_THROWS_AS(client.fill(Deadline(Milliseconds(50))), Timeout);  // it stays open
  }
  CHECK(client.read_to_end().empty());
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("a tunnel ends with the gateway, at the latest after shutdown_timeout") {
  Origin origin(shout);
  GatewayProcess gateway(service(origin), "  workers: 1\n  shutdown_timeout: 500ms\n");
  RawClient client(gateway.port());
  CHECK(client.ask(request_text("GET", "/", k_upgrade)).status == 101);
  CHECK(gateway.stop() == 0);
  bool reset = false;
  CHECK(client.read_to_end(&reset).empty());
}

TEST_CASE("a client that goes away releases its upstream connection at once") {
  Origin origin([](Call& call) { call.peer().fill(Deadline()); });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  origin.wait_for_request();
  client.reset();
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("a client that goes away while nothing more of it is read releases its upstream, too") {
  Event go_on;
  Origin origin([&](Call&) { go_on.wait(); }, Origin::Reads::heads_only);
  GatewayProcess gateway(service(origin));
  const auto shows = [&](const std::string& text) {
    return get(gateway.status_port(), "/status").body.find(text) != std::string::npos;
  };
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: 1000000000\r\n"));
  origin.wait_for_request();
  client.send_until_stalled(std::string(1 << 26, 'x'), Milliseconds(300));
  CHECK(shows("\"connections_active\":1"));
  client.reset();
  CHECK(wait_until([&] { return shows("\"connections_active\":0"); }));
  go_on.set();
}

TEST_CASE("a client that closes within its body is gone, also while its request waits") {
  Origin origin;
  GatewayProcess gateway(service(origin));
  for (const char* rest :
       {"Content-Length: 5\r\n\r\nhlo", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    RawClient client(gateway.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(rest));
    client.finish_sending();
    bool reset = false;
    CHECK(client.read_to_end(&reset).empty());
  }
}

TEST_CASE("a client that has closed its sending side still gets its answer") {
  Event go_on;
  Origin origin([&](Call& call) {
    go_on.wait();
    call.respond(200, "late");
  });
  GatewayProcess gateway(service(origin));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  origin.wait_for_request();
  client.finish_sending();
  go_on.set();
  CHECK(client.read_response().body == "late");
  CHECK(client.read_to_end().empty());
}

TEST_CASE(
    "a client that ends within its body, while its target is connected to, ends its request") {
  Origin origin;
  GatewayProcess gateway(service(origin));
  const auto workers = gateway.workers();
  for (int i = 0; i < 20; ++i) {
    RawClient client(gateway.port());
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
    client.finish_sending();
    bool reset = false;
    CHECK(client.read_to_end(&reset).empty());
  }
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.workers() == workers);
}
