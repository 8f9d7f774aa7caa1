// SPDX-License-Identifier: Apache-2.0
// Plugins in bodies, in the real binary: modes, holding, pauses, and requests that are sent again.
#include <gatewright/plugin.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

const std::string k_shaper = std::string(GW_MODULES) + "/shaper.so";
constexpr std::size_t k_mebibyte = 1 << 20;
constexpr std::size_t k_gibibyte = 1 << 30;
// As in back_pressure_test, and pieces of the plugin's. A sanitizer keeps freed memory for a while.
const std::size_t k_allowed_kib = std::getenv("TEST_SLOWNESS") != nullptr ? 65536 : 6144;

// `shaper` with these options, and `teller`, on everything.
struct Shaped : GatewayProcess {
  Shaped(const Origin& origin, const std::string& options, const std::string& entities = "")
      : GatewayProcess("services:\n- name: s\n  url: " + origin.url() +
                           "\n  routes:\n  - name: r\n    paths: [/]\n" + entities +
                           "plugins:\n- name: teller\n- name: shaper\n  config: " + options + "\n",
                       "  workers: 1\n  plugins: [" + k_shaper + "]\n") {}
};

void answer_503_once(Call& call) {
  if (call.number == 0)
    call.respond(503, "busy");
  else
    call.respond(200, call.request.body + "/" + call.request.value("X-Attempt"));
}

}  // namespace

TEST_CASE("1 GiB passes a plugin that makes it anew, in bounded memory") {
  Origin origin([](Call& call) {
    if (call.request.target == "/small") return call.respond();
    const std::string piece(k_mebibyte, 'x');
    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(k_gibibyte) + "\r\n\r\n");
    for (std::size_t left = k_gibibyte; left > 0; left -= piece.size()) call.send(piece);
  });
  Shaped gateway(origin, "{response: modify}");
  const pid_t worker = gateway.workers().at(0);
  get(gateway.port(), "/small");
  const std::size_t before = resident_kib(worker);
  RawClient client(gateway.port());
  client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");  // up to the close: no chunks to take apart
  const auto head = client.read_response_head();
  CHECK_FALSE(head.has("Content-Length"));
  std::size_t got = 0;
  while (got < k_gibibyte) got += client.read_bytes(k_mebibyte).size();
  CHECK(resident_kib(worker) < before + k_allowed_kib);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a client that does not read, or a plugin that waits, is not read for") {
  const std::string options = GENERATE("{response: modify}", "{pause: response_body, wake: 30000}");
  INFO(options);
  Event stalled, go_on;
  Origin origin([&](Call& call) {
    if (call.request.target == "/small") return call.respond();
    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(k_gibibyte) + "\r\n\r\n");
    const std::string piece(k_mebibyte, 'x');
    std::size_t pushed = 0, taken = piece.size();
    for (; taken == piece.size(); pushed += taken)
      taken = call.peer().send_until_stalled(piece, Milliseconds(700));
    CHECK(pushed < 64 * k_mebibyte);
    stalled.set();
    go_on.wait();
    call.reset();
  });
  Shaped gateway(origin, options);
  const pid_t worker = gateway.workers().at(0);
  get(gateway.port(), "/small");
  const std::size_t before = resident_kib(worker);
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  REQUIRE(stalled.wait(Deadline(Milliseconds(60000))));
  CHECK(resident_kib(worker) < before + k_allowed_kib);
  go_on.set();
}

TEST_CASE("bodies that a plugin makes anew are framed anew, and trailers pass") {
  Origin origin([](Call& call) {
    if (call.request.target == "/chunks")
      call.send(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n"
          "X-End: yes\r\n\r\n");
    else
      call.respond(200, call.request.body);
  });
  Shaped gateway(origin, "{request: modify, response: modify, emit: '+more'}");
  RawClient client(gateway.port());
  const auto chunks = client.get("/chunks");
  CHECK(chunks.body == "abcde+more");
  CHECK(chunks.end == BodyEnd::chunked);
  CHECK(chunks.trailer("X-End") == "yes");
  const auto echo = client.post("/", "hello");
  CHECK(echo.body == "hello+more+more");
  CHECK(origin.requests().back().end == BodyEnd::chunked);
  const auto head = client.ask(request_text("HEAD", "/"), true);
  CHECK_FALSE(head.has("Content-Length"));
}

TEST_CASE("a plugin that fails in the middle of an answer breaks it off") {
  Event first_read;
  Origin origin([&](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    first_read.wait();
    call.send("world");
  });
  Shaped gateway(origin, "{fail_at: 2}");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/"));
  CHECK(client.read_response_head().status == 200);
  CHECK(client.read_bytes(5) == "hello");
  first_read.set();
  bool reset = false;
  CHECK(client.read_to_end(&reset).empty());
  CHECK(reset);
}

TEST_CASE("the head of a whole answer waits for the plugin that wants it") {
  Origin origin([](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    call.send("2\r\nde\r\n0\r\n\r\n");
  });
  SECTION("which changes status, fields and body") {
    Shaped gateway(origin, "{response: buffer, emit: another, status: 201}");
    const auto answer = get(gateway.port(), "/");
    CHECK(answer.status == 201);
    CHECK(answer.value("X-Size") == "5");
    CHECK(answer.value("Content-Length") == "7");
    CHECK(answer.body == "another");
  }
  SECTION("which lets it go") {
    Shaped gateway(origin, "{response: buffer}");
    const auto answer = get(gateway.port(), "/");
    CHECK(answer.value("X-Size") == "5");
    CHECK(answer.body == "abcde");
  }
  SECTION("which makes it one that has no body") {
    Shaped gateway(origin, "{response: buffer, emit: another, status: 204}");
    RawClient client(gateway.port());
    const auto answer = client.get("/");
    CHECK(answer.status == 204);
    CHECK(answer.body.empty());
    CHECK(client.get("/").status == 204);  // nothing is left over
  }
  SECTION("which fails") {
    Shaped gateway(origin, "{response: buffer, fail_at: 1}");
    RawClient client(gateway.port());
    CHECK(client.get("/").status == 500);
    CHECK(client.get("/").status == 500);
  }
  SECTION("which can't have so much") {
    Shaped gateway(origin, "{response: buffer, limit: 4}");
    CHECK(get(gateway.port(), "/").status == 502);
    gateway.wait_for_log("reason=answer_too_large");
  }
  SECTION("which can't have so much, and lets it go") {
    Shaped gateway(origin, "{response: buffer, limit: 4, pass: true}");
    const auto answer = get(gateway.port(), "/");
    CHECK(answer.value("X-Size") == "too much");
    CHECK(answer.body == "abcde");
  }
}

TEST_CASE("an upstream that breaks while its answer is held is a 502") {
  Origin origin([](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    call.reset();
  });
  Shaped gateway(origin, "{response: buffer}");
  CHECK(get(gateway.port(), "/").status == 502);
}

TEST_CASE("a whole request body is sent with its length, one over the limit as it came") {
  Origin origin([](Call& call) { call.respond(200, call.request.body); });
  SECTION("whole") {
    Shaped gateway(origin, "{request: buffer, emit: instead}");
    CHECK(RawClient(gateway.port()).post("/", "hello").body == "instead");
    CHECK(origin.requests().back().end == BodyEnd::length);
  }
  SECTION("over the limit") {
    Shaped gateway(origin, "{request: buffer, limit: 4, pass: true}");
    RawClient client(gateway.port());
    client.send(request_text("POST", "/", "Transfer-Encoding: chunked\r\n") + "6\r\nhello,\r\n");
    client.send("5\r\nworld\r\n0\r\n\r\n");
    CHECK(client.read_response().body == "hello,world");
    CHECK(client.post("/", "too long as well").body == "too long as well");
  }
  SECTION("refused") {
    Shaped gateway(origin, "{request: buffer, limit: 4}");
    CHECK(RawClient(gateway.port()).post("/", "hello").status == 413);
  }
}

TEST_CASE("a pause in a body ends by a timer, or by its deadline, or with the client") {
  Event go_on;  // the second piece comes when the first one is held
  Origin origin([&](Call& call) {
    if (!call.request.body.empty()) return call.respond(200, call.request.body);
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    go_on.wait();
    call.send("world");
  });
  SECTION("of the answer") {
    Shaped gateway(origin, "{response: modify, pause: response_body, wake: 50}");
    RawClient client(gateway.port());
    client.send(request_text("GET", "/"));
    gateway.wait_for_log("pauses");
    go_on.set();
    CHECK(client.read_response().body == "helloresumed,world");
  }
  SECTION("of the request") {
    Shaped gateway(origin, "{pause: request_body, wake: 50}");
    RawClient client(gateway.port());
    client.send(request_text("POST", "/", "Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n");
    gateway.wait_for_log("pauses");
    client.send("2\r\ncd\r\n0\r\n\r\n");
    CHECK(client.read_response().body == "abcd");
  }
  SECTION("by its deadline, before the head") {
    Shaped gateway(origin, "{response: modify, pause: response_body}");
    CHECK(get(gateway.port(), "/").status == 504);
    gateway.wait_for_log("cancelled plugin=shaper");
  }
  SECTION("with the client") {
    Shaped gateway(origin, "{pause: response_body, wake: 60000}");
    RawClient client(gateway.port());
    client.send(request_text("GET", "/"));
    gateway.wait_for_log("pauses");
    client.reset();
    gateway.wait_for_log("cancelled plugin=shaper");
    gateway.wait_for_log("19=client_gone;");
  }
  go_on.set();
}

TEST_CASE("a request is sent again to another upstream, with its whole body") {
  Origin busy([](Call& call) { call.respond(503, "busy"); });
  Origin spare([](Call& call) {
    call.respond(200, call.request.body + "/" + call.request.value("X-Attempt") + "/" +
                          call.request.value("Host"));
  });
  const std::string spare_upstream =
      "upstreams:\n- name: spare\n  host_header: spare.test\n  "
      "targets:\n  - target: " +
      spare.address() + "\n";
  const std::string mode = GENERATE("observe", "buffer");
  Shaped gateway(busy, "{request: buffer, again: true, to: spare, response: " + mode + "}",
                 spare_upstream);
  RawClient client(gateway.port());
  const auto answer = client.post("/", "hello");
  CHECK(answer.status == 200);
  CHECK(answer.body == "hello/1/spare.test");
  CHECK(busy.requests().size() == 1);
  gateway.wait_for_log("attempt=503/127.0.0.1/" + std::to_string(busy.port()) +
                       ";attempt=200/127.0.0.1/" + std::to_string(spare.port()) + ";");
  CHECK(client.get("/").body == "/1/spare.test");
}

TEST_CASE("a request is sent again to its own upstream, but not for ever") {
  SECTION("which is better then") {
    Origin origin(answer_503_once);
    Shaped gateway(origin, "{again: true}");
    CHECK(get(gateway.port(), "/").body == "/1");
  }
  SECTION("which stays as it is") {
    Origin origin([](Call& call) { call.respond(503, "busy"); });
    Shaped gateway(origin, "{again: true}");
    CHECK(get(gateway.port(), "/").body == "busy");
    CHECK(origin.requests().size() == 9);
  }
  SECTION("not with a body that has gone by") {
    Origin origin(answer_503_once);
    Shaped gateway(origin, "{again: true}");
    CHECK(RawClient(gateway.port()).post("/", "hello").status == 503);
  }
}

TEST_CASE("an upstream that can't be reached is answered by another one") {
  Origin spare([](Call& call) { call.respond(200, "spare"); });
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port));  // refused from now on
  GatewayProcess gateway(
      "services:\n- name: s\n  url: http://127.0.0.1:" + std::to_string(port) +
          "\n  retries: 1\n  routes:\n  - paths: [/]\nupstreams:\n- name: spare\n  targets:\n"
          "  - target: " +
          spare.address() +
          "\nplugins:\n- name: shaper\n  config: {again: true, to: spare, on: 502}\n",
      "  workers: 1\n  plugins: [" + k_shaper + "]\n");
  CHECK(get(gateway.port(), "/").body == "spare");
}

TEST_CASE("on_log has every value, and why a request ended early") {
  Origin origin([](Call& call) {
    call.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    if (call.request.target.find("/cut") == std::string::npos) return call.send("lo");
    call.reset();
  });
  Shaped gateway(origin, "{}");
  RawClient client(gateway.port());
  const std::string head = request_text("POST", "/a?b=1", "Transfer-Encoding: chunked\r\n");
  const std::string body = "3\r\nabc\r\n0\r\n\r\n";  // counted as it is on the wire
  const std::size_t sent = head.size() + body.size();
  client.send(head + body);
  CHECK(client.read_response().body == "hello");
  gateway.wait_for_log("told");
  const std::string line = gateway.log();
  const auto value = [&](int what) {
    const std::string mark = (what == 1 ? "all=\"" : ";") + std::to_string(what) + "=";
    const std::size_t at = line.find(mark);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + mark.size();
    return line.substr(from, line.find(';', from) - from);
  };
  const int empty[] = {GW_ABORT_REASON, GW_ERROR_CODE};
  for (int what = GW_METHOD; what <= GW_SERVER_IP; ++what) {
    INFO(what);
    CHECK(value(what).empty() == (what == empty[0] || what == empty[1]));
  }
  for (int what = GW_STATUS; what <= GW_CONNECTION_REQUESTS; ++what) {
    if (what == GW_CONTENT_LENGTH) continue;  // it was sent in chunks
    INFO(what);
    CHECK(std::stoll(value(what)) >= 0);
  }
  CHECK(value(GW_BODY_BYTES_IN) == "3");
  CHECK(value(GW_BODY_BYTES_OUT) == "5");
  CHECK(value(GW_BYTES_IN) == std::to_string(sent));
  CHECK(std::stoll(value(GW_BYTES_OUT)) > 5);
  const long long times[] = {
      std::stoll(value(GW_NS_REQUEST_PHASE)), std::stoll(value(GW_NS_UPSTREAM_SENT)),
      std::stoll(value(GW_NS_UPSTREAM_HEAD)), std::stoll(value(GW_NS_TOTAL))};
  CHECK(std::is_sorted(std::begin(times), std::end(times)));
  RawClient other(gateway.port());
  other.send(request_text("GET", "/cut"));
  bool reset = false;
  other.read_to_end(&reset);
  gateway.wait_for_log(";19=body_cut;");
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("the example body-rewriter replaces a text across pieces, as they come") {
  Event first_seen;
  Origin origin([&](Call& call) {
    call.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 24\r\nETag: x\r\n\r\n");
    call.send("see http://inter");
    first_seen.wait();
    call.send("nal/page");
  });
  GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
          "\n  routes:\n  - paths: [/]\nplugins:\n- name: body-rewriter\n"
          "  config: {find: 'http://internal', replace: 'https://example.com'}\n",
      "  workers: 1\n  plugins: [" GW_MODULES "/out-of-tree/body-rewriter/body-rewriter.so]\n");
  RawClient client(gateway.port());
  client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  const auto head = client.read_response_head();
  CHECK_FALSE(head.has("Content-Length"));
  CHECK_FALSE(head.has("ETag"));
  CHECK(client.read_bytes(4) == "see ");  // before the rest was sent
  first_seen.set();
  CHECK(client.read_to_end() == "https://example.com/page");
}
