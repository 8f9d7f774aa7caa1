// SPDX-License-Identifier: Apache-2.0
// Loopback: for tests of real connections within one thread. The test is the peer, with a blocking
// socket of its own, and turns the loop until what it waits for has happened.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/loop.hpp"

namespace loopback {

template <class Predicate>
void turn_until(gw::net::Loop& loop, Predicate happened) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it did not happen");
    uv_run(loop.raw(), UV_RUN_NOWAIT);
  }
}

// A listening socket on 127.0.0.1.
struct Listening {
  Listening() : fd(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd, 16);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  int fd;
  std::uint16_t port = 0;
};

class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { close(); }

  static int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
    return fd;
  }

  void say(std::string_view bytes) {
    if (send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != ssize_t(bytes.size()))
      throw std::runtime_error("cannot send");
  }
  void finish() { shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // What has come so far.
  const std::string& heard() {
    char bytes[4096];
    for (ssize_t n; (n = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0;) {
      if (n == 0) {
        ended_ = true;
        break;
      }
      heard_.append(bytes, std::size_t(n));
    }
    return heard_;
  }
  bool has(std::string_view text) { return heard().find(text) != std::string::npos; }
  bool ended() { return heard(), ended_; }
  void forget() { heard_.clear(); }

 private:
  int fd_;
  std::string heard_;
  bool ended_ = false;
};

}  // namespace loopback
