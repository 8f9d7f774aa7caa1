// SPDX-License-Identifier: Apache-2.0
#include "server/listen_sockets.hpp"

#include "catch.hpp"

using namespace gw::server;
using Kind = ListenSocket::Kind;

namespace {

gw::config::Listen listen(std::string host, std::uint16_t port = 0) {
  gw::config::Listen out;
  out.host = std::move(host);
  out.port = port;
  out.text = out.host;
  return out;
}

}  // namespace

TEST_CASE("each worker has its own proxy socket on one port, and shares the others") {
  gw::config::Settings settings;
  settings.proxy_listen = {listen("127.0.0.1")};
  settings.admin_listen = {listen("localhost")};
  auto opened = open_sockets(settings, 2);
  REQUIRE(opened.ok());
  const auto& of_worker = opened.value().of_worker;
  REQUIRE(of_worker.size() == 2);
  REQUIRE(of_worker[0].size() == 2);
  REQUIRE(of_worker[1].size() == 2);
  CHECK(of_worker[0][0].kind == Kind::proxy);
  CHECK(of_worker[0][0].fd != of_worker[1][0].fd);
  CHECK(of_worker[0][0].listen.port != 0);
  CHECK(of_worker[0][0].listen.port == of_worker[1][0].listen.port);
  CHECK(of_worker[0][1].kind == Kind::admin);
  CHECK(of_worker[0][1].fd == of_worker[1][1].fd);

  gw::config::Settings again;
  again.proxy_listen = {listen("127.0.0.1", of_worker[0][0].listen.port)};
  auto taken = open_sockets(again, 1);
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().text ==
        "cannot listen on 127.0.0.1:" + std::to_string(again.proxy_listen[0].port) +
            ": Address already in use");
}

TEST_CASE("a name that is no address is refused") {
  gw::config::Settings settings;
  settings.status_listen = {listen("example.test")};
  auto opened = open_sockets(settings, 1);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().text == "cannot listen on example.test: expected an IP address");
}

TEST_CASE("more listeners than a worker can be handed are refused") {
  gw::config::Settings settings;
  settings.status_listen.assign(k_max_sockets + 1, listen("127.0.0.1"));
  auto opened = open_sockets(settings, 1);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().text == "201 listeners are configured; expected at most 200");
}

TEST_CASE("a socket's line reads back as it was") {
  ListenSocket socket;
  socket.kind = Kind::status;
  socket.listen = listen("::1", 8007);
  socket.listen.backlog = 77;
  socket.listen.proxy_protocol = true;
  socket.listen.ssl = true;
  ListenSocket back;
  REQUIRE(parse_socket(describe_socket(socket), back));
  CHECK(back.kind == Kind::status);
  CHECK(back.listen.host == "::1");
  CHECK(back.listen.port == 8007);
  CHECK(back.listen.backlog == 77);
  CHECK(back.listen.proxy_protocol);
  CHECK(back.listen.ssl);
  CHECK_FALSE(parse_socket("", back));
  CHECK_FALSE(parse_socket("0\t127.0.0.1\t80", back));
  CHECK(parse_socket("2\t127.0.0.1\t80\t5\t0\t0", back));
  CHECK_FALSE(parse_socket("3\t127.0.0.1\t80\t5\t0\t0", back));
  CHECK_FALSE(parse_socket("x\t127.0.0.1\t80\t5\t0\t0", back));
  CHECK_FALSE(parse_socket("0\t127.0.0.1\t65536\t5\t0\t0", back));
  CHECK_FALSE(parse_socket("0\t127.0.0.1\t80\t-1\t0\t0", back));
  CHECK_FALSE(parse_socket("0\t127.0.0.1\t80\t5\t2\t0", back));
  CHECK_FALSE(parse_socket("0\t127.0.0.1\t80\t5\t0\t2", back));
  CHECK(kind_name(Kind::admin) == "admin");
}
