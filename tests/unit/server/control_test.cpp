// SPDX-License-Identifier: Apache-2.0
#include "server/control.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catch.hpp"

using namespace gw::server;

namespace {

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0); }
  ~Pair() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  int ends[2];
};

}  // namespace

TEST_CASE("a message arrives as it was sent, with working descriptors") {
  Pair pair;
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  REQUIRE(send_message(pair.ends[0], {Tell::prepare, 1ull << 40, "text\tand more", {pipe[1]}}));
  ::close(pipe[1]);
  auto received = receive_message(pair.ends[1]);
  REQUIRE(received.ok());
  REQUIRE(received.value().has_value());
  const Message& message = *received.value();
  CHECK(message.tell == Tell::prepare);
  CHECK(message.number == 1ull << 40);
  CHECK(message.text == "text\tand more");
  REQUIRE(message.fds.size() == 1);
  CHECK((::fcntl(message.fds[0], F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(::write(message.fds[0], "x", 1) == 1);
  char byte = 0;
  CHECK(::read(pipe[0], &byte, 1) == 1);
  CHECK(byte == 'x');
  ::close(message.fds[0]);
  ::close(pipe[0]);
}

TEST_CASE("nothing there is no message, and a closed end is an error") {
  Pair pair;
  auto none = receive_message(pair.ends[1]);
  REQUIRE(none.ok());
  CHECK_FALSE(none.value().has_value());
  ::close(pair.ends[0]);
  pair.ends[0] = -1;
  CHECK_FALSE(receive_message(pair.ends[1]).ok());
  CHECK_FALSE(send_message(pair.ends[1], {Tell::ready, 0, "", {}}));
}

TEST_CASE("messages keep their borders and their order; long text is cut") {
  Pair pair;
  REQUIRE(send_message(pair.ends[0], {Tell::ready, 1, "", {}}));
  REQUIRE(send_message(pair.ends[0], {Tell::refused, 2, std::string(100000, 'x'), {}}));
  auto first = receive_message(pair.ends[1]);
  REQUIRE((first.ok() && first.value()));
  CHECK(first.value()->tell == Tell::ready);
  CHECK(first.value()->text.empty());
  auto second = receive_message(pair.ends[1]);
  REQUIRE((second.ok() && second.value()));
  CHECK(second.value()->number == 2);
  CHECK(second.value()->text == std::string(60000, 'x'));
}

TEST_CASE("a source goes through a descriptor unchanged") {
  gw::config::Source source;
  source.file = "kong.yml";
  source.text = std::string("a: \0b\n", 6) + std::string(200000, 'y');
  source.flags = {{"workers", "2"}, {"error_log", ""}};
  source.environment = {{"GATEWRIGHT_LOG_LEVEL", "debug"}};
  auto fd = source_to_fd(source);
  REQUIRE(fd.ok());
  for (int time = 0; time < 2; ++time) {
    auto back = source_from_fd(fd.value());
    REQUIRE(back.ok());
    CHECK(back.value().file == source.file);
    CHECK(back.value().text == source.text);
    CHECK(back.value().flags == source.flags);
    CHECK(back.value().environment == source.environment);
  }
  REQUIRE(::ftruncate(fd.value(), 1000) == 0);
  CHECK_FALSE(source_from_fd(fd.value()).ok());
  ::close(fd.value());
}
