// SPDX-License-Identifier: Apache-2.0
// Real connections of clients, each through the changes that connection_state.hpp draws.
#include "http/server_connection.hpp"

#include <memory>
#include <vector>

#include "catch.hpp"
#include "loopback.hpp"

using namespace gw;
using namespace gw::http;
using loopback::Peer;
using loopback::turn_until;

namespace {

// What a request came to; the test answers it.
struct Served final : ServerExchange {
  explicit Served(BlockPool& blocks) : ServerExchange(blocks) {}
  void on_request() override {
    asked = true;
    if (wants_body) stream->start_body();
    if (at_once) answer();
  }
  void on_body(std::string_view bytes, bool last) override {
    body.append(bytes);
    whole = last;
  }
  void on_client_gone(std::string_view reason) override { gone = reason; }
  void on_body_refused(int status, std::string_view) override { refused = status; }
  void on_writable() override {}

  void answer(int status = 200) {
    response.status = status;
    response.reason = "OK";
    stream->send_head(response, {BodyKind::length, 2, true}, "ok", true);
    stream->done();
  }
  void switch_protocols() {
    response.status = 101;
    response.reason = "Switching Protocols";
    response.upgrade = "x";
    stream->send_head(response, {BodyKind::until_close, 0, false}, {}, false);
  }

  bool wants_body = false, at_once = false;
  bool asked = false, whole = false;
  std::string body, gone;
  int refused = 0;
};

struct Factory final : ExchangeFactory {
  explicit Factory(net::Loop& loop) : loop(loop) {}
  ServerExchange& take() override {
    all.push_back(std::make_unique<Served>(loop.blocks()));
    all.back()->wants_body = wants_body;
    all.back()->at_once = at_once;
    return *all.back();
  }
  void give(ServerExchange&) override { all.pop_back(); }
  void refuse(ServerConnection& connection, Refusal refusal) override {
    connection.answer_and_close("HTTP/1.1 " + std::to_string(refusal_status(refusal)) +
                                " Refused\r\nContent-Length: 0\r\n\r\n");
  }
  Served& last() { return *all.back(); }

  net::Loop& loop;
  bool wants_body = false, at_once = false;
  std::vector<std::unique_ptr<Served>> all;
};

struct Server {
  explicit Server(bool proxy_protocol = false)
      : factory(loop),
        context{
            .loop = loop, .factory = factory, .buffer = buffer, .proxy_protocol = proxy_protocol},
        listener(
            loop, listening.fd, 16,
            [](void* self, uv_stream_t* server) {
              ServerConnection::accept(*static_cast<ServerContext*>(self), server);
            },
            &context) {}
  ~Server() {
    while (!context.connections.empty()) context.connections.front().cut("end");
  }

  ServerState state() {
    return context.connections.empty() ? ServerState::closed : context.connections.front().state();
  }
  void wait_for(ServerState wanted) {
    turn_until(loop, [&] { return state() == wanted && context.accepted > 0; });
  }
  void wait_for_request(std::size_t n) {
    turn_until(loop, [&] { return factory.all.size() == n && factory.last().asked; });
  }
  template <class Predicate>
  void until(Predicate predicate) {
    turn_until(loop, predicate);
  }

  net::Loop loop;
  WriteBuffer buffer;
  Factory factory;
  ServerContext context;
  loopback::Listening listening;
  net::TcpListener listener;
};

const char* const k_get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const char* const k_post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

}  // namespace

TEST_CASE("keep-alive: waiting, reading_head, exchanging, and waiting again") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  server.wait_for(ServerState::waiting);
  for (std::size_t n = 1; n <= 2; ++n) {
    client.say("GET / HT");
    server.wait_for(ServerState::reading_head);
    client.say("TP/1.1\r\nHost: a\r\n\r\n");
    server.wait_for_request(n);
    CHECK(server.state() == ServerState::exchanging);
    server.factory.last().answer();
    CHECK(server.state() == ServerState::waiting);
    server.until([&] { return client.has("\r\n\r\nok"); });
    client.forget();
  }
  client.close();
  server.wait_for(ServerState::closed);
}

TEST_CASE("pipelined requests are exchanged one by one, also when the client has closed its side") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say(std::string(k_get) + k_get + k_get);
  client.finish();
  server.wait_for_request(1);
  server.until([&] { return server.state() == ServerState::exchanging; });
  for (int turn = 0; turn < 20; ++turn) uv_run(server.loop.raw(), UV_RUN_NOWAIT);  // the FIN
  CHECK(server.factory.all.size() == 1);
  // The second and the third are answered from within the first one's end.
  server.factory.at_once = true;
  server.factory.last().answer();
  server.wait_for(ServerState::closed);
  server.until([&] { return client.ended(); });
  CHECK(server.factory.all.size() == 3);
  std::size_t answers = 0;
  for (std::size_t at = 0; (at = client.heard().find("HTTP/1.1 200", at)) != std::string::npos;
       ++at)
    ++answers;
  CHECK(answers == 3);
}

TEST_CASE("a request that is refused: reading_head, lingering, closed") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
  server.wait_for(ServerState::lingering);
  client.say("what is still sent is thrown away");
  server.until([&] { return client.ended(); });
  CHECK(client.has("HTTP/1.1 400 Refused"));
  CHECK(server.state() == ServerState::lingering);
  CHECK(server.loop.held_bytes() == 0);
  client.close();
  server.wait_for(ServerState::closed);
}

TEST_CASE("a body that nobody wants is read to its end, and the next request is served") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say(k_post);
  server.wait_for_request(1);
  server.factory.last().answer();
  CHECK(server.state() == ServerState::discarding);
  client.say("hello");
  server.wait_for(ServerState::waiting);
  client.say(k_get);
  server.wait_for_request(2);
  server.factory.last().answer();
  CHECK(server.state() == ServerState::waiting);
}

TEST_CASE("a body without a known end is not waited for: lingering") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  server.wait_for_request(1);
  server.factory.last().answer();
  CHECK(server.state() == ServerState::lingering);
  server.until([&] { return client.ended(); });
  CHECK(client.has("Connection: close\r\n"));
}

TEST_CASE("an expected 100 that was not given leaves no body to wait for") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  server.wait_for_request(1);
  server.factory.last().answer(403);
  CHECK(server.state() == ServerState::lingering);
  server.until([&] { return client.ended(); });
  CHECK(client.has("Connection: close\r\n"));
  CHECK_FALSE(client.has("100 Continue"));
}

TEST_CASE("a tunnel stays in exchanging until both have closed") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly");
  server.wait_for_request(1);
  auto& tunnel = server.factory.last();
  tunnel.switch_protocols();
  CHECK(tunnel.body == "early");
  // Paused when the client closes: what it said is kept, and its end is told behind it.
  tunnel.stream->pause_body();
  client.say(" late");
  client.finish();
  for (int turn = 0; turn < 20; ++turn) uv_run(server.loop.raw(), UV_RUN_NOWAIT);
  CHECK(server.state() == ServerState::exchanging);
  CHECK_FALSE(tunnel.whole);
  tunnel.stream->resume_body();
  server.until([&] { return tunnel.whole; });
  CHECK(tunnel.body == "early late");
  tunnel.stream->send_body("bye", true);
  tunnel.stream->done();
  server.until([&] { return client.ended(); });
  CHECK(client.has("\r\n\r\nbye"));
  client.close();
  server.wait_for(ServerState::closed);
}

TEST_CASE("a drain closes what waits, and what runs after its answer") {
  Server server;
  Peer waiting(Peer::connect_to(server.listening.port));
  server.wait_for(ServerState::waiting);
  server.context.draining = true;
  server.context.connections.front().drain();
  server.wait_for(ServerState::closed);
  Peer running(Peer::connect_to(server.listening.port));
  server.until([&] { return server.context.accepted == 2; });
  running.say(k_get);
  server.wait_for_request(1);
  server.context.connections.front().drain();
  CHECK(server.state() == ServerState::exchanging);
  server.factory.last().answer();
  CHECK(server.state() == ServerState::closed);
  server.until([&] { return running.ended(); });
  CHECK(running.has("Connection: close\r\n"));
}

TEST_CASE("a connection that is cut tells its exchange why") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say(k_get);
  server.wait_for_request(1);
  server.context.connections.front().cut("drain_timeout");
  CHECK(server.state() == ServerState::closed);
  CHECK(server.factory.last().gone == "drain_timeout");
}

TEST_CASE("a body that stops coming is refused once, however long the answer takes") {
  Server server;
  server.context.limits.body_timeout = 30;
  server.factory.wants_body = true;
  Peer client(Peer::connect_to(server.listening.port));
  client.say(std::string(k_post) + "hel");
  server.wait_for_request(1);
  auto& served = server.factory.last();
  server.until([&] { return served.refused != 0; });
  CHECK(served.refused == 408);
  served.refused = 0;
  const auto then = server.loop.now_ms() + 100;
  server.until([&] { return server.loop.now_ms() > then; });
  CHECK(served.refused == 0);
  served.answer(408);
  CHECK(server.state() == ServerState::lingering);
}

TEST_CASE("a paused body is not waited for") {
  Server server;
  server.context.limits.body_timeout = 30;
  server.factory.wants_body = true;
  Peer client(Peer::connect_to(server.listening.port));
  client.say(std::string(k_post) + "hel");
  server.wait_for_request(1);
  auto& served = server.factory.last();
  server.until([&] { return served.body == "hel"; });
  served.stream->pause_body();
  const auto then = server.loop.now_ms() + 100;
  server.until([&] { return server.loop.now_ms() > then; });
  CHECK(served.refused == 0);
  served.stream->resume_body();
  client.say("lo");
  server.until([&] { return served.whole; });
  CHECK(served.body == "hello");
}

TEST_CASE("a body in small pieces that nobody takes is read no further than a limit") {
  Server server;
  Peer client(Peer::connect_to(server.listening.port));
  client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  server.wait_for_request(1);
  const std::string piece(4096, 'x');
  std::size_t before = 1;
  for (std::size_t sent = 0; sent < 1024 * 1024; sent += piece.size()) {
    client.say(piece);
    before = server.loop.held_bytes();
    for (int turn = 0; turn < 3; ++turn) uv_run(server.loop.raw(), UV_RUN_NOWAIT);
  }
  CHECK(before > 0);
  CHECK(server.loop.held_bytes() < 128 * 1024);
}

TEST_CASE("a PROXY header comes before the first request, or closes the connection") {
  Server server(true);
  {
    Peer client(Peer::connect_to(server.listening.port));
    server.wait_for(ServerState::proxy_header);
    client.say("PROXY TCP4 10.1.2.3 10.0.0.1 4000 80\r\n");
    server.wait_for(ServerState::waiting);
    CHECK(server.context.connections.front().peer_ip() == "10.1.2.3");
    client.close();
    server.wait_for(ServerState::closed);
  }
  Peer client(Peer::connect_to(server.listening.port));
  server.wait_for(ServerState::proxy_header);
  client.say(k_get);
  server.wait_for(ServerState::closed);
  CHECK(server.factory.all.empty());
}
