// SPDX-License-Identifier: Apache-2.0
#include "server/control.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

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
  const std::string& text = second.value()->text;
  CHECK(text.size() <= 60000);
  CHECK(text.starts_with(std::string(59000, 'x')));
  CHECK(text.ends_with(" more bytes are left out)"));
}

TEST_CASE("more descriptors than one message takes are not sent") {
  Pair pair;
  CHECK(send_message(pair.ends[0], {Tell::hello, 0, "", std::vector<int>(k_max_fds, 0)}));
  auto received = receive_message(pair.ends[1]);
  REQUIRE((received.ok() && received.value()));
  CHECK(received.value()->fds.size() == k_max_fds);
  for (const int fd : received.value()->fds) ::close(fd);
  CHECK_FALSE(send_message(pair.ends[0], {Tell::hello, 0, "", std::vector<int>(k_max_fds + 1, 0)}));
}

TEST_CASE("what is no message is refused, and no descriptor stays open") {
  Pair pair;
  const auto send_raw = [&](std::string bytes, int fd) {
    iovec part{bytes.data(), bytes.size()};
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)];
    packet.msg_control = control;
    packet.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    REQUIRE(::sendmsg(pair.ends[0], &packet, 0) > 0);
  };
  const std::string long_text(16 + 70000, '\1'), wrong_size = std::string(16, '\0') + "x";
  for (const auto& bytes : {std::string("short"), wrong_size, long_text}) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    send_raw(bytes, pipe[1]);
    ::close(pipe[1]);
    CHECK_FALSE(receive_message(pair.ends[1]).ok());
    char byte;
    CHECK(::read(pipe[0], &byte, 1) == 0);  // nobody has the other end
    ::close(pipe[0]);
  }
}

TEST_CASE("a message whose descriptors cannot be taken comes without them") {
  Pair pair;
  REQUIRE(send_message(pair.ends[0], {Tell::prepare, 7, "", {0, 1, 2}}));
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &usual) == 0);
  const int next = ::dup(0);
  ::close(next);
  const rlimit one{rlim_t(next) + 1, usual.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &one) == 0);
  auto received = receive_message(pair.ends[1]);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &usual) == 0);
  REQUIRE((received.ok() && received.value()));
  CHECK(received.value()->number == 7);
  CHECK(received.value()->fds.empty());
  const int again = ::dup(0);
  CHECK(again == next);
  ::close(again);
}

TEST_CASE("a sender never waits for one who does not read") {
  Pair pair;
  const Message message{Tell::refused, 1, std::string(50000, 'x'), {}};
  int sent = 0;
  while (sent < 1000 && send_message(pair.ends[0], message)) ++sent;
  CHECK(sent > 1);
  CHECK(sent < 1000);
}

TEST_CASE("a hello reads back as it was, and one of another version says what to do") {
  const Hello hello{3, 8, 11, {"0\t::1\t80\t1\t0", "1\t::1\t81\t1\t0"}};
  auto back = read_hello(hello_text(hello));
  REQUIRE(back.ok());
  CHECK(back->index == 3);
  CHECK(back->count == 8);
  CHECK(back->slot == 11);
  CHECK(back->sockets == hello.sockets);
  auto other = read_hello("9 future words");
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().text ==
        "the supervisor speaks version 9 of the control protocol, this build version 2: stop the "
        "gateway and start it again");
  CHECK_FALSE(read_hello("").ok());
  CHECK_FALSE(read_hello("2 1 x 3").ok());
  CHECK_FALSE(read_hello("2 1 2").ok());
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
  CHECK(::ftruncate(fd.value(), 1000) != 0);  // sealed: no worker can change it for the others
  CHECK(::write(fd.value(), "x", 1) < 0);
  ::close(fd.value());
  const int torn = ::memfd_create("torn", MFD_CLOEXEC);
  REQUIRE(::write(torn, "\7\0\0\0\0\0\0\0kong", 12) == 12);
  CHECK_FALSE(source_from_fd(torn).ok());
  ::close(torn);
  CHECK_FALSE(source_from_fd(-1).ok());
}
