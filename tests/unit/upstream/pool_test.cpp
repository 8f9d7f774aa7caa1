// SPDX-License-Identifier: Apache-2.0
// Real connections to targets, kept and forgotten.
#include "upstream/pool.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "unit/http/loopback.hpp"

using namespace gw;
using gw::http::ClientConnection;
using loopback::Peer;
using loopback::turn_until;

namespace {

struct User final : http::UpstreamUser {
  void on_upstream_connected() override { connected = true; }
  void on_upstream_informational() override {}
  void on_upstream_head(std::string_view, bool is_last) override { last = is_last; }
  void on_upstream_body(std::string_view, bool is_last) override { last = is_last; }
  void on_upstream_writable() override {}
  void on_upstream_failed(http::UpstreamFailure) override { failed = true; }
  bool connected = false, last = false, failed = false;
};

// A target with the gateway's side of one connection.
struct Target {
  Target(net::Loop& l, upstream::Pool& p) : loop(l), pool(p), connection(p.make({address()})) {
    connection->connect(user, {});
    turn_until(loop, [&] { return user.connected; });
    peer = std::make_unique<Peer>(accept(listening.fd, nullptr, nullptr));
  }
  // What is not with the pool is ours.
  ~Target() {
    if (connection != nullptr && !user.failed) connection->close();
    close(listening.fd);
  }
  net::Address address() const { return *net::Address::parse("127.0.0.1", listening.port); }
  void ask() {
    request.body = http::BodyKind::none;
    user.last = false;
    connection->send_request({"GET", "/", {}, "a", {}}, request, response, arena, {}, true);
  }
  // One request and its answer; then the connection is the pool's.
  void serve() {
    ask();
    peer->say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    turn_until(loop, [&] { return user.last; });
    pool.give(*connection);
    connection = nullptr;
  }
  bool take() {
    ClientConnection* taken = pool.take({address()});
    if (taken == nullptr) return false;
    connection = taken;
    connection->reuse(user, {});
    return true;
  }

  net::Loop& loop;
  upstream::Pool& pool;
  loopback::Listening listening;
  User user;
  BlockPool blocks{16384, 4};
  Arena arena{blocks};
  http::RequestHead request{arena};
  http::ResponseHead response{arena};
  ClientConnection* connection;
  std::unique_ptr<Peer> peer;
};

struct World {
  Target& add() {
    targets.push_back(std::make_unique<Target>(loop, pool));
    return *targets.back();
  }
  net::Loop loop;
  http::WriteBuffer buffer;
  upstream::Pool pool{loop, buffer};
  std::vector<std::unique_ptr<Target>> targets;
};

}  // namespace

TEST_CASE("a connection is kept for its target, and a target without any is forgotten") {
  World w;
  w.pool.set_limits({.size = 2, .max_requests = 0, .idle_timeout = 0});
  Target& one = w.add();
  Target& two = w.add();
  one.serve();
  two.serve();
  CHECK((w.pool.idle() == 2 && w.pool.hosts() == 2));
  REQUIRE(one.take());
  CHECK_FALSE(one.take());
  CHECK((w.pool.idle() == 1 && w.pool.hosts() == 2));
  two.peer->close();
  turn_until(w.loop, [&] { return w.pool.idle() == 0; });
  CHECK(w.pool.hosts() == 1);
  CHECK_FALSE(two.take());
}

TEST_CASE("an idle time that passes forgets the target, too") {
  World w;
  w.pool.set_limits({.size = 2, .max_requests = 0, .idle_timeout = 20});
  w.add().serve();
  turn_until(w.loop, [&] { return w.pool.idle() == 0; });
  CHECK(w.pool.hosts() == 0);
}

TEST_CASE("targets whose last connection was lost in use do not add up") {
  World w;
  w.pool.set_limits({.size = 2, .max_requests = 0, .idle_timeout = 0});
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    Target& target = w.add();
    target.serve();
    REQUIRE(target.take());
    target.ask();
    target.peer->close();
    turn_until(w.loop, [&] { return target.user.failed; });
    most = std::max(most, w.pool.hosts());
  }
  CHECK(most <= 65);
}
