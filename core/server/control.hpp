// SPDX-License-Identifier: Apache-2.0
// Control: messages between the supervisor and a worker, over a SOCK_SEQPACKET pair: one packet
// each, with descriptors. Both ends may be of different builds (SIGUSR2), so the hello carries a
// version, and messages that are not known are passed over. Neither end ever waits in a send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/snapshot.hpp"

namespace gw::server {

inline constexpr std::uint32_t k_control_version = 2;
// Descriptors of one message; the kernel takes 253 (SCM_MAX_FD).
inline constexpr std::size_t k_max_fds = 250;

enum class Tell : std::uint32_t {
  hello,      // to the worker: number: generation; Hello as text; fds: region, source, sockets
  prepare,    // to the worker: number: generation; fds: source
  commit,     // to the worker
  abandon,    // to the worker
  drain,      // to the worker: number: ms; text "replaced": others go on serving
  lend,       // to the worker: serve these too; number: whose; text: a line each; fds: sockets
  take_back,  // to the worker: number: whose sockets it is to leave alone again
  reopen,     // to the worker: open the log file again
  ready,      // from the worker: serves its first generation
  failed,     // from the worker: text: why it cannot start
  prepared,   // from the worker
  refused,    // from the worker: text: why
  busy,       // from the worker: plugins run in it and nobody watches (watchdog.hpp)
};

struct Message {
  Tell tell = Tell::hello;
  std::uint64_t number = 0;
  std::string text;      // cut, and marked so, at 60000 bytes
  std::vector<int> fds;  // received: the receiver's to close
};

// False: the other end is gone or does not read any more, or there are more than k_max_fds.
bool send_message(int socket, const Message& message);
// Nothing: nothing there now. An error: the other end is gone, or what came is no whole message
// (descriptors that came with it are closed). A message whose descriptors this process could not
// take, because it has too many open, comes without any.
Result<std::optional<Message>> receive_message(int socket);

// What a worker is told of its place, in the text of a hello.
struct Hello {
  std::uint32_t index = 0, count = 1, slot = 0;
  std::vector<std::string> sockets;  // a line for each (listen_sockets.hpp)
};
std::string hello_text(const Hello& hello);
// The error says what to do about a supervisor of another version.
Result<Hello> read_hello(std::string_view text);

// A source as a sealed memory file, and back.
Result<int> source_to_fd(const config::Source& source);
Result<config::Source> source_from_fd(int fd);

}  // namespace gw::server
