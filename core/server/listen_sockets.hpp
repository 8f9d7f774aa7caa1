// SPDX-License-Identifier: Apache-2.0
// Listening sockets: opened once by the supervisor, kept open for its life, handed to workers. Of
// proxy_listen each worker has its own (SO_REUSEPORT); admin and status listeners are shared by
// all.
#pragma once

#include <vector>

#include "server/gateway.hpp"

namespace gw::server {

struct ListenSockets {
  std::vector<std::vector<ListenSocket>> of_worker;  // by worker: its own and the shared ones
  ~ListenSockets();
  ListenSockets() = default;
  ListenSockets(ListenSockets&&) = default;
  ListenSockets& operator=(ListenSockets&&) = default;
};

// An address with port 0 gets a port from the kernel, the same for all workers. The error names the
// address.
Result<ListenSockets> open_sockets(const config::Settings& settings, std::uint32_t workers);
// One notice line for each address: address=… kind=….
void log_listening(const ListenSockets& sockets);

std::string_view kind_name(ListenSocket::Kind kind);
// For the hello: what a socket is, in one line, and back.
std::string describe_socket(const ListenSocket& socket);
bool parse_socket(std::string_view line, ListenSocket& into);

}  // namespace gw::server
