// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string one_service(const std::string& url, const std::string& service = "",
                        const std::string& route = "    strip_path: false\n") {
  return "services:\n- name: s\n  url: " + url + "\n" + service +
         "  routes:\n  - name: r\n    paths: [/]\n" + route;
}

}  // namespace

TEST_CASE("requests are passed on with what the gateway adds, over kept connections") {
  Origin origin;
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  const auto answer = client.get("/a/../b%2fc?x=1&y",
                                 "X-Mine: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: secret\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.body == "ok");
  CHECK(answer.value("Via") == "1.1 gatewright");
  CHECK(answer.value("X-Kong-Request-Id").size() == 32);
  const auto seen = origin.wait_for_request(1);
  CHECK(seen.target == "/b%2Fc?x=1&y");
  CHECK(seen.value("X-Forwarded-For") == "127.0.0.1");
  CHECK(seen.value("X-Forwarded-Proto") == "http");
  CHECK(seen.value("X-Real-IP") == "127.0.0.1");
  CHECK(seen.value("Host") == origin.address());
  CHECK(seen.value("X-Mine") == "1");
  CHECK_FALSE(seen.has("X-Hop"));
  CHECK_FALSE(seen.has("Connection"));
  for (int i = 0; i < 20; ++i) CHECK(client.get("/").status == 200);
  CHECK(origin.connections() == 1);
}

TEST_CASE("every answer of the gateway's own has a date, of refused requests too") {
  Origin origin;
  GatewayProcess gateway(one_service(origin.url(), "", "    methods: [GET]\n"));
  const auto dated = [](const Message& answer) {
    INFO(answer.raw_head);
    return answer.value("Date").ends_with(" GMT");
  };
  for (const std::string method : {"TRACE", "DELETE"}) {
    const auto answer = RawClient(gateway.port()).ask(request_text(method, "/"));
    CHECK(answer.status == (method == "TRACE" ? 405 : 404));
    CHECK(answer.value("X-Kong-Request-Id").size() == 32);
    CHECK(dated(answer));
  }
  for (const auto port : {gateway.port(), gateway.admin_port(), gateway.status_port()}) {
    const auto answer = RawClient(port).ask("GET / HTTP/1.1\r\n\r\n");  // no Host
    CHECK(answer.status == 400);
    CHECK(dated(answer));
  }
}

TEST_CASE("what fails has a line in the log, what clients get wrong only at info") {
  const std::string level = GENERATE(as<std::string>{}, "notice", "info");
  GatewayProcess gateway(
      one_service("http://127.0.0.1:1", "  retries: 1\n", "    methods: [GET]\n"),
      "  workers: 1\n  log_level: " + level + "\n");
  CHECK(RawClient(gateway.port()).ask(request_text("DELETE", "/")).status == 404);
  const auto answer = get(gateway.port(), "/");
  CHECK(answer.status == 502);
  gateway.wait_for_log(
      "warn worker 0: request failed reason=connect_failed status=502 route=r service=s "
      "target=127.0.0.1:1 tries=2 client=127.0.0.1 request_id=" +
      answer.value("X-Kong-Request-Id"));
  const bool told = gateway.log().find("reason=no_route status=404") != std::string::npos;
  CHECK(told == (level == "info"));
}

TEST_CASE("bodies of both framings pass both ways") {
  Origin origin([](Call& call) { call.respond(200, call.request.body); });
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  const std::string body(300000, 'x');
  CHECK(client.post("/", body).body == body);
  const auto chunked = client.ask(request_text("POST", "/", "Transfer-Encoding: chunked\r\n") +
                                  "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
  CHECK(chunked.body == "hello!");
  CHECK(origin.wait_for_request(2).end == BodyEnd::chunked);
}

TEST_CASE("answers in chunks, until close and without a body keep their meaning") {
  Origin origin([](Call& call) {
    if (call.request.target == "/chunked")
      return call.send(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n");
    if (call.request.target == "/close")
      return call.send("HTTP/1.0 200 OK\r\n\r\nabc"), call.close();
    if (call.request.method == "HEAD")
      return call.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    call.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  });
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  CHECK(client.get("/chunked").body == "abc");
  CHECK(client.get("/close").body == "abc");
  const auto head = client.ask(request_text("HEAD", "/"), true);
  CHECK(head.value("Content-Length") == "1000");
  CHECK(client.get("/hints").status == 103);
  CHECK(client.read_response().status == 204);
}

TEST_CASE("pipelined requests are answered in order") {
  Origin origin([](Call& call) { call.respond(200, call.request.target); });
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  client.send(request_text("GET", "/1") + request_text("GET", "/2") + request_text("GET", "/3"));
  for (const char* target : {"/1", "/2", "/3"}) CHECK(client.read_response().body == target);
}

TEST_CASE("a client that waits for 100 Continue gets it") {
  Origin origin([](Call& call) { call.respond(200, call.request.body); });
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  client.send(request_text("POST", "/", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
  CHECK(client.read_response().status == 100);
  client.send("hello");
  CHECK(client.read_response().body == "hello");
}

TEST_CASE("limits have statuses of their own") {
  Origin origin;
  GatewayProcess gateway(one_service(origin.url()),
                         "  workers: 1\n  client_max_body_size: 10\n  client_max_header_count: 5\n "
                         " client_max_request_line: 100\n");
  CHECK(get(gateway.port(), "/" + std::string(200, 'a')).status == 414);
  CHECK(get(gateway.port(), "/", "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n").status == 431);
  CHECK(RawClient(gateway.port()).post("/", "12345678901").status == 413);
  CHECK(RawClient(gateway.port()).post("/", "1234567890").status == 200);
  CHECK(origin.requests().size() == 1);
}

TEST_CASE("what goes wrong upstream has the right status") {
  Origin origin([](Call& call) {
    if (call.request.target == "/silent") return void(call.peer().fill(Deadline()));
    if (call.request.target == "/garbage") return call.send("NONSENSE\r\n\r\n");
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
    call.close();
  });
  std::uint16_t unused = 0;
  ::close(listen_on_loopback(unused));
  GatewayProcess gateway(
      one_service(origin.url(), "  read_timeout: 300\n  retries: 0\n") +
      "- name: dead\n  url: http://127.0.0.1:" + std::to_string(unused) +
      "\n  retries: 1\n  routes:\n  - paths: [/dead]\nroutes:\n- name: alone\n  paths: [/alone]\n");
  CHECK(get(gateway.port(), "/silent").status == 504);
  CHECK(get(gateway.port(), "/garbage").status == 502);
  CHECK(get(gateway.port(), "/dead").status == 502);
  CHECK(get(gateway.port(), "/alone").status == 503);
  RawClient cut(gateway.port());
  cut.send(request_text("GET", "/cut"));
  CHECK_THROWS(cut.read_response());
}

TEST_CASE("a stale kept connection costs a GET nothing, and a POST is sent once") {
  Origin origin([](Call& call) {
    if (call.request.target == "/then-gone" || call.number == 0) return call.respond();
    if (call.request.method == "POST") return call.close();
    call.respond();
  });
  GatewayProcess gateway(one_service(origin.url()));
  RawClient client(gateway.port());
  CHECK(client.get("/").status == 200);
  CHECK(client.post("/", "x").status == 502);
  CHECK(origin.wait_for_request(2).method == "POST");
  CHECK(client.get("/").status == 200);
  CHECK(origin.requests().size() == 3);
}

TEST_CASE("ambiguous requests are refused and the connection is closed") {
  Origin origin;
  GatewayProcess gateway(one_service(origin.url()));
  for (const char* fields : {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                             "Content-Length: 1\r\nContent-Length: 2\r\n", "X : 1\r\n"}) {
    RawClient client(gateway.port());
    const auto answer = client.ask("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
                                   "\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(answer.status == 400);
    CHECK(client.read_to_end().empty());
  }
  CHECK(origin.requests().empty());
}

TEST_CASE("targets share requests by their weights") {
  Origin heavy([](Call&call) { call.respond(200, "heavy"); }),
      light([](Call&call) { call.respond(200, "light"); });
  GatewayProcess gateway(
      "upstreams:\n- name: both\n  targets:\n  - {target: \"" + heavy.address() +
      "\", weight: 300}\n  - {target: \"" + light.address() +
      "\", weight: 100}\nservices:\n- name: s\n  host: both\n  routes:\n  - paths: [/]\n");
  RawClient client(gateway.port());
  int counts[2] = {0, 0};
  for (int i = 0; i < 40; ++i) ++counts[client.get("/").body == "heavy"];
  CHECK(counts[1] == 30);
  CHECK(counts[0] == 10);
}

TEST_CASE("requests that fail again and again do not fill the error log") {
  GatewayProcess gateway(
      "services:\n- name: s\n  url: http://127.0.0.1:1\n  retries: 0\n  routes:\n"
      "  - paths: [/]\n",
      "  workers: 1\n  log_failures_per_second: 2\n");
  const auto start = Clock::now();
  RawClient client(gateway.port());
  for (int i = 0; i < 200; ++i) CHECK(client.get("/").status == 502);
  gateway.wait_for_log("request failed: more of this kind within a second reason=connect_failed");
  const std::chrono::duration<double> time = Clock::now() - start;
  CHECK(gateway.count_log("request failed reason=connect_failed") <=
        2 * (std::size_t(time.count()) + 1));
}
