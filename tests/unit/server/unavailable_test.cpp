// SPDX-License-Identifier: Apache-2.0
#include "server/unavailable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "catch.hpp"
#include "raw_client.hpp"

using gw::server::Unavailable;
using namespace support;

namespace {

struct Listening {
  Listening() : fd(listen_on_loopback(port)) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  ~Listening() { ::close(fd); }
  std::uint16_t port = 0;
  int fd;
};

// Turns the loop for a moment.
void turn(gw::net::Loop& loop, std::uint64_t ms = 50) {
  gw::net::Deadline stop([](void* l) { static_cast<gw::net::Loop*>(l)->stop(); }, &loop);
  stop.set(loop.deadlines(), ms);
  loop.run();
}

}  // namespace

TEST_CASE("whoever asks gets a whole 503, whatever was asked") {
  Listening listening;
  gw::net::Loop loop;
  Unavailable unavailable(loop);
  unavailable.answer({listening.fd, listening.fd});
  RawClient plain(listening.port), odd(listening.port), silent(listening.port);
  plain.send(request_text("GET", "/"));
  odd.send(std::string(30000, '\xff'));
  turn(loop);
  for (RawClient* client : {&plain, &odd}) {
    const auto answer = client->read_response();
    CHECK(answer.status == 503);
    CHECK(answer.value("Retry-After") == "5");
    CHECK(answer.value("Connection") == "close");
    CHECK(answer.body == "{\"message\":\"no worker is ready: try again\"}\n");
    bool reset = false;
    CHECK(client->read_to_end(&reset).empty());
    CHECK_FALSE(reset);
  }
  CHECK(unavailable.answered() == 2);
}

TEST_CASE("more visitors than it keeps are answered and closed") {
  Listening listening;
  gw::net::Loop loop;
  Unavailable unavailable(loop);
  unavailable.answer({listening.fd});
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) clients.emplace_back(listening.port);
  turn(loop);
  CHECK(clients.back().read_response().status == 503);
  CHECK(unavailable.answered() == 300 - 256);
}

TEST_CASE("a visitor that says nothing is closed, and a socket that is given back is left alone") {
  Listening listening;
  gw::net::Loop loop;
  Unavailable unavailable(loop);
  unavailable.answer({listening.fd});
  RawClient silent(listening.port);
  turn(loop, 2200);
  bool reset = false;
  CHECK(silent.read_to_end(&reset).empty());
  unavailable.answer({});
  RawClient late(listening.port);
  late.send(request_text("GET", "/"));
  turn(loop);
  CHECK(unavailable.answered() == 0);
  const int fd = ::accept(listening.fd, nullptr, nullptr);
  CHECK(fd >= 0);
  ::close(fd);
}
