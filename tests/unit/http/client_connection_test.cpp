// SPDX-License-Identifier: Apache-2.0
// Real connections to a target, each through the changes that connection_state.hpp draws.
#include "http/client_connection.hpp"

#include <optional>

#include "catch.hpp"
#include "loopback.hpp"

using namespace gw;
using namespace gw::http;
using loopback::Peer;
using loopback::turn_until;

namespace {

struct User final : UpstreamUser {
  void on_upstream_connected() override { connected = true; }
  void on_upstream_informational() override { ++hints; }
  void on_upstream_head(std::string_view first, bool is_last) override {
    head = true;
    on_upstream_body(first, is_last);
  }
  void on_upstream_body(std::string_view bytes, bool is_last) override {
    body.append(bytes);
    last = is_last;
    if (pause_at_body && !last) connection->pause();
  }
  void on_upstream_writable() override {}
  void on_upstream_failed(UpstreamFailure why) override {
    failure = why;
    connection = nullptr;
  }

  ClientConnection* connection = nullptr;
  bool pause_at_body = false;
  bool connected = false, head = false, last = false;
  int hints = 0;
  std::string body;
  std::optional<UpstreamFailure> failure;
};

struct Target : ClientConnection::Keeper {
  Target() { connection = user.connection = make(); }
  ~Target() {
    if (user.connection != nullptr) user.connection->close();
    if (listening.fd >= 0) close(listening.fd);
  }
  ClientConnection* make() {
    return new ClientConnection(loop, buffer,
                                Destination{*net::Address::parse("127.0.0.1", listening.port)});
  }
  void on_idle_closed(ClientConnection&) override {
    idle_closed = true;
    user.connection = nullptr;
  }

  // Connects; the test is the target.
  int accepted() {
    connection->connect(user, limits);
    until([&] { return user.connected; });
    return accept(listening.fd, nullptr, nullptr);
  }
  void ask(Method method = Method::get, std::string_view upgrade = {}, bool whole = true) {
    request.method = method;
    request.body = whole ? BodyKind::none : BodyKind::length;
    request.content_length = whole ? 0 : 5;
    user.head = user.last = false;
    user.body.clear();
    connection->send_request({"GET", "/", {}, "a", upgrade}, request, response, arena, {}, whole);
  }
  void wait(std::uint64_t ms) {
    const auto then = loop.now_ms() + ms;
    until([&] { return loop.now_ms() > then; });
  }
  template <class Predicate>
  void until(Predicate predicate) {
    turn_until(loop, predicate);
  }

  net::Loop loop;
  WriteBuffer buffer;
  loopback::Listening listening;
  ClientLimits limits;
  User user;
  BlockPool pool{16384, 4};
  Arena arena{pool};
  RequestHead request{arena};
  ResponseHead response{arena};
  ClientConnection* connection = nullptr;
  bool idle_closed = false;
};

const char* const k_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace

TEST_CASE("a target that refuses: connecting, and gone") {
  Target target;
  close(target.listening.fd);
  target.listening.fd = -1;
  CHECK(target.connection->state() == ClientState::connecting);
  target.connection->connect(target.user, target.limits);
  target.until([&] { return target.user.failure.has_value(); });
  CHECK(*target.user.failure == UpstreamFailure::connect_failed);
}

TEST_CASE("a kept connection goes round: ready, awaiting_head, reading_body, complete, idle") {
  Target target;
  Peer peer(target.accepted());
  auto& connection = *target.connection;
  for (int n = 0; n < 2; ++n) {
    CHECK(connection.state() == ClientState::ready);
    target.ask();
    CHECK(connection.state() == ClientState::awaiting_head);
    peer.say("HTTP/1.1 103 Early Hints\r\n\r\n");
    target.until([&] { return target.user.hints == n + 1; });
    CHECK(connection.state() == ClientState::awaiting_head);
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
    target.until([&] { return target.user.body == "o"; });
    CHECK(connection.state() == ClientState::reading_body);
    peer.say("k");
    target.until([&] { return target.user.last; });
    CHECK(connection.state() == ClientState::complete);
    REQUIRE(connection.reusable());
    connection.idle(target, 0);
    CHECK(connection.state() == ClientState::idle);
    connection.reuse(target.user, target.limits);
  }
  CHECK(connection.requests() == 2);
}

TEST_CASE("bytes that nobody asked for end an idle connection, and so does its time") {
  for (const bool bytes : {true, false}) {
    Target target;
    Peer peer(target.accepted());
    target.ask();
    peer.say(k_ok);
    target.until([&] { return target.user.last; });
    target.connection->idle(target, bytes ? 0 : 30);
    if (bytes) peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    target.until([&] { return target.idle_closed; });
    CHECK(target.user.body == "ok");
    target.until([&] { return peer.ended(); });
  }
}

TEST_CASE("bytes behind an answer make its connection unfit for another") {
  Target target;
  Peer peer(target.accepted());
  target.ask();
  peer.say(std::string(k_ok) + "HTTP/1.1 200 OK\r\n");
  target.until([&] { return target.user.last; });
  CHECK_FALSE(target.connection->reusable());
}

TEST_CASE("an answer before the whole request leaves a connection that is not kept") {
  Target target;
  Peer peer(target.accepted());
  target.ask(Method::post, {}, false);
  peer.say(k_ok);
  target.until([&] { return target.user.last; });
  CHECK_FALSE(target.connection->reusable());
}

TEST_CASE("while the client is slow the target's time does not run") {
  Target target;
  target.limits.read_timeout = 30;
  Peer peer(target.accepted());
  // In sending its body.
  target.ask(Method::post, {}, false);
  target.wait(100);
  CHECK_FALSE(target.user.failure);
  target.connection->send_body("hello", true);
  // In taking the answer.
  target.user.pause_at_body = true;
  peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  target.until([&] { return target.user.body == "ab"; });
  peer.say("cd");
  target.wait(100);
  CHECK_FALSE(target.user.failure);
  CHECK(target.user.body == "ab");
  target.connection->resume();
  target.until([&] { return target.user.last; });
  CHECK(target.user.body == "abcd");
  CHECK(target.connection->reusable());
}

TEST_CASE("a target that is waited for has its time") {
  Target target;
  target.limits.read_timeout = 30;
  Peer peer(target.accepted());
  target.ask();
  target.until([&] { return target.user.failure.has_value(); });
  CHECK(*target.user.failure == UpstreamFailure::read_timeout);
}

TEST_CASE("an answer that ended with its connection is complete, whenever its user looks at it") {
  Target target;
  target.limits.read_timeout = 30;
  Peer peer(target.accepted());
  target.ask();
  peer.say("HTTP/1.1 200 OK\r\n\r\nall");
  peer.close();
  target.until([&] { return target.user.last; });
  CHECK(target.user.body == "all");
  CHECK(target.connection->state() == ClientState::complete);
  target.wait(100);
  CHECK_FALSE(target.user.failure);
  CHECK_FALSE(target.connection->reusable());
}

TEST_CASE("a tunnel's bytes are a body without end, and its connection is never kept") {
  Target target;
  Peer peer(target.accepted());
  target.ask(Method::get, "x");
  peer.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw");
  target.until([&] { return target.user.body == "raw"; });
  target.connection->send_body("GET / HTTP/1.1\r\n\r\n", false);
  target.connection->send_body({}, true);
  target.until([&] { return peer.ended(); });
  CHECK(peer.has("\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
  peer.say(k_ok);
  peer.close();
  target.until([&] { return target.user.last; });
  CHECK(target.user.body == std::string("raw") + k_ok);
  CHECK_FALSE(target.connection->reusable());
}

TEST_CASE("a switch that nobody asked for, and hints without an end, are bad answers") {
  const std::string hint =
      "HTTP/1.1 103 Early Hints\r\nLink: <" + std::string(1000, 'x') + ">\r\n\r\n";
  const std::string unasked = "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  for (const bool hints : {true, false}) {
    Target target;
    Peer peer(target.accepted());
    target.ask();
    if (!hints) peer.say(unasked);
    for (int n = 0; hints && n < 100; ++n) peer.say(hint);
    target.until([&] { return target.user.failure.has_value(); });
    CHECK(*target.user.failure == UpstreamFailure::bad_response);
    CHECK_FALSE(target.user.head);
    CHECK(target.user.hints < 70);
  }
}

TEST_CASE("an answer that breaks off is told as cut, one that never began as not sent") {
  for (const bool begun : {true, false}) {
    Target target;
    Peer peer(target.accepted());
    target.ask();
    target.until([&] { return peer.has("\r\n\r\n"); });
    if (begun) peer.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
    peer.close();
    target.until([&] { return target.user.failure.has_value(); });
    CHECK(*target.user.failure ==
          (begun ? UpstreamFailure::body_cut : UpstreamFailure::send_failed));
  }
}
