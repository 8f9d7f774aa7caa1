// SPDX-License-Identifier: Apache-2.0
// Two ways to one place: which one a connection takes.
#include <unistd.h>

#include "catch.hpp"
#include "connection.hpp"
#include "full_queue.hpp"
#include "net/tcp_stream.hpp"

using namespace gw::net;

namespace {

struct World final : TcpStream::Listener {
  void on_connected(int s) override {
    status = s;
    took = loop.now_ms() - started;
    loop.stop();
  }
  void on_read(std::span<const char>) override {}
  void on_end() override {}
  void on_error(int) override {}
  void on_drained() override {}

  // 0 or a negative errno.
  int connect(std::uint16_t first, std::uint16_t second) {
    const auto a = *Address::parse("127.0.0.1", first), b = *Address::parse("127.0.0.1", second);
    started = loop.now_ms();
    if (const int failed = stream.connect(a, &b); failed != 0) return failed;
    loop.run();
    return status;
  }
  std::uint16_t peer() { return Address::of_peer(stream.fd())->port(); }

  Loop loop;
  TcpStream stream{loop, *this};
  int status = 1;
  std::uint64_t started = 0, took = 0;
};

struct Port {
  explicit Port(int backlog = 16) : fd(support::listen_on_loopback(port, backlog)) {}
  ~Port() { close(); }
  void close() {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
  std::uint16_t port = 0;
  int fd;
};

}  // namespace

TEST_CASE("the first way is taken when it is there") {
  Port first, second;
  World w;
  CHECK(w.connect(first.port, second.port) == 0);
  CHECK(w.peer() == first.port);
  CHECK_FALSE(w.stream.used_alternative());
}

TEST_CASE("the second way is taken at once when the first is refused") {
  Port first, second;
  first.close();
  World w;
  CHECK(w.connect(first.port, second.port) == 0);
  CHECK(w.peer() == second.port);
  CHECK(w.stream.used_alternative());
  CHECK(w.took < TcpStream::k_head_start);
}

TEST_CASE("the second way is taken when the first is silent, after its head start") {
  Port first(0), second;
  const auto full = support::fill_queue(first.port);
  World w;
  CHECK(w.connect(first.port, second.port) == 0);
  CHECK(w.peer() == second.port);
  CHECK(w.stream.used_alternative());
  CHECK(w.took >= TcpStream::k_head_start);
}

TEST_CASE("the first way goes on when the second fails") {
  Port first(0), second;
  const auto full = support::fill_queue(first.port);
  second.close();
  World w;
  Deadline accept(
      [](void* self) {
        auto& one = *static_cast<Port*>(self);
        for (int i = 0; i < 8; ++i) {
          const int taken = ::accept4(one.fd, nullptr, nullptr, SOCK_NONBLOCK);
          if (taken >= 0) ::close(taken);
        }
      },
      &first);
  ::fcntl(first.fd, F_SETFL, O_NONBLOCK);
  accept.set(w.loop.deadlines(), 400);
  CHECK(w.connect(first.port, second.port) == 0);
  CHECK(w.peer() == first.port);
  CHECK_FALSE(w.stream.used_alternative());
}

TEST_CASE("both ways fail, or the connection is closed meanwhile") {
  Port first, second;
  first.close();
  second.close();
  World w;
  CHECK(w.connect(first.port, second.port) == UV_ECONNREFUSED);
  Port silent(0);
  const auto full = support::fill_queue(silent.port);
  for (const std::uint64_t after : {20, 300}) {
    World closes;
    Deadline close(
        [](void* self) {
          auto& one = *static_cast<World*>(self);
          one.stream.close();
          one.loop.stop();
        },
        &closes);
    close.set(closes.loop.deadlines(), after);
    CHECK(closes.connect(silent.port, silent.port) == 1);  // nobody was told
  }
}
