// SPDX-License-Identifier: Apache-2.0
// Control: messages between the supervisor and a worker, over a SOCK_SEQPACKET pair: one packet
// each, with descriptors. Both ends may be of different builds (SIGUSR2), so the hello carries a
// version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/snapshot.hpp"

namespace gw::server {

inline constexpr std::uint32_t k_control_version = 1;

enum class Tell : std::uint32_t {
  hello,     // to the worker: text: its place and its sockets; fds: region, source, sockets
  prepare,   // to the worker: number: generation; fds: source
  commit,    // to the worker
  abandon,   // to the worker
  drain,     // to the worker: number: ms
  ready,     // from the worker: serves its first generation
  failed,    // from the worker: text: why it cannot start
  prepared,  // from the worker
  refused,   // from the worker: text: why
};

struct Message {
  Tell tell = Tell::hello;
  std::uint64_t number = 0;
  std::string text;
  std::vector<int> fds;  // received: the receiver's to close
};

// false: the other end is gone.
bool send_message(int socket, const Message& message);
// Nothing: nothing there now. A message with tell == hello and no fds and version text "" never
// comes: end of file is an error.
Result<std::optional<Message>> receive_message(int socket);

// A source as a sealed memory file, and back.
Result<int> source_to_fd(const config::Source& source);
Result<config::Source> source_from_fd(int fd);

}  // namespace gw::server
