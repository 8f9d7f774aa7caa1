// SPDX-License-Identifier: Apache-2.0
// Connection: one TCP connection of a test, blocking with deadlines, that reads whole HTTP messages
// with the strict reader. What was read ahead stays in its buffer, so that pipelined messages come
// out one by one. Failures throw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/deadline.hpp"
#include "support/http_text.hpp"

namespace support {

// The peer closed (or reset) where more was due.
class Closed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection() { close(); }

  int fd() const { return fd_; }
  void send(std::string_view bytes, const Deadline& deadline = Deadline());
  // Sends until all is sent or nothing could be sent for `stall`; the number of bytes sent.
  std::size_t send_until_stalled(std::string_view bytes, Milliseconds stall);
  // FIN: no more bytes from here.
  void finish_sending();
  void close();
  // RST instead of FIN.
  void reset();

  // One message whole. head_only: the answer to a HEAD request, which has no body.
  Message read_response(bool head_only = false, const Deadline& deadline = Deadline());
  Message read_request(const Deadline& deadline = Deadline());
  // Only the head; read_body() then reads what belongs to it.
  Message read_request_head(const Deadline& deadline = Deadline());
  Message read_response_head(const Deadline& deadline = Deadline());
  void read_body(Message& message, const Deadline& deadline = Deadline());

  // Waits for at least one more byte; false when the peer has closed in order. A reset throws.
  bool fill(const Deadline& deadline);
  // Exactly n bytes.
  std::string read_bytes(std::size_t n, const Deadline& deadline = Deadline());
  // All until the peer closes. reset: how the peer closed (null: a reset throws).
  std::string read_to_end(bool* reset = nullptr, const Deadline& deadline = Deadline());
  // What came and was not taken.
  const std::string& buffered() const { return buffer_; }

 private:
  std::string take(std::size_t n);
  std::string read_until(std::string_view mark, const Deadline& deadline);
  void read_chunks(Message& message, const Deadline& deadline);

  int fd_;
  std::string buffer_;
};

// To 127.0.0.1. receive_buffer: SO_RCVBUF before connecting; 0: the system's.
Connection connect_to(std::uint16_t port, int receive_buffer = 0);
// A listening socket at 127.0.0.1 with a port of the system's choice.
int listen_on_loopback(std::uint16_t& port, int backlog = 511, const std::string& ip = "127.0.0.1");

}  // namespace support
