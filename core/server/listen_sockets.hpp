// SPDX-License-Identifier: Apache-2.0
// Listening sockets: opened once by the supervisor, kept open for its life, handed to workers. Of
// proxy_listen each worker has its own (SO_REUSEPORT); admin and status listeners are shared by
// all.
#pragma once

#include <vector>

#include "server/gateway.hpp"

namespace gw::server {

// Of one worker: as many as go into one message with what else a worker is handed.
inline constexpr std::size_t k_max_sockets = 200;

struct ListenSockets {
  std::vector<std::vector<ListenSocket>> of_worker;  // by worker: its own and the shared ones
  ~ListenSockets();
  ListenSockets() = default;
  ListenSockets(ListenSockets&&) = default;
  ListenSockets& operator=(ListenSockets&&) = default;
  // The service ends: whoever connects from now on is refused at once, but for health checks. Once
  // all processes have done it.
  void close_for_clients();
};
// The same for the sockets that a worker was handed.
void close_for_clients(std::vector<ListenSocket>& sockets);

// An address with port 0 gets a port from the kernel, the same for all workers. The error names the
// address.
Result<ListenSockets> open_sockets(const config::Settings& settings, std::uint32_t workers);
// One notice line for each address: address=… kind=….
void log_listening(const ListenSockets& sockets);

std::string_view kind_name(ListenSocket::Kind kind);
// For the hello: what a socket is, in one line, and back.
std::string describe_socket(const ListenSocket& socket);
// False for a line that is none.
bool parse_socket(std::string_view line, ListenSocket& into);

}  // namespace gw::server
