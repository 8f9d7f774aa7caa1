// SPDX-License-Identifier: Apache-2.0
// A listener whose queue is full: nobody else is connected to it until it accepts.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <vector>

#include "support/connection.hpp"

namespace support {

// Connections that stand in the queue of a listener on 127.0.0.1, as many as it takes.
inline std::vector<Connection> fill_queue(std::uint16_t port) {
  std::vector<Connection> waiting;
  for (;;) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
    pollfd ready{fd, POLLOUT, 0};
    Connection connection(fd);
    if (::poll(&ready, 1, 200) == 0) return waiting;
    waiting.push_back(std::move(connection));
  }
}

}  // namespace support
