// SPDX-License-Identifier: Apache-2.0
#include "support/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace support {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::size_t parse_number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw Malformed("not a size: " + std::string(text));
  }
  return value;
}

}  // namespace

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

void Connection::send(std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      bytes.remove_prefix(std::size_t(n));
    } else if (errno == EAGAIN) {
      wait_for_fd(fd_, POLLOUT, deadline, "room to send");
    } else if (errno == EPIPE || errno == ECONNRESET) {
      throw Closed("the peer closed while it was being sent to");
    } else if (errno != EINTR) {
      fail("send");
    }
  }
}

std::size_t Connection::send_until_stalled(std::string_view bytes, Milliseconds stall) {
  std::size_t sent = 0;
  try {
    while (sent < bytes.size()) {
      const auto part = bytes.substr(sent, 64 * 1024);
      wait_for_fd(fd_, POLLOUT, Deadline(stall), "room to send");
      const ssize_t n = ::send(fd_, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) sent += std::size_t(n);
      if (n < 0 && errno != EAGAIN && errno != EINTR) fail("send");
    }
  } catch (const Timeout&) {
    return sent;
  }
  return sent;
}

void Connection::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void Connection::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Connection::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool Connection::fill(const Deadline& deadline) {
  char chunk[64 * 1024];
  for (;;) {
    wait_for_fd(fd_, POLLIN, deadline, "bytes; so far: " + buffer_.substr(0, 200));
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n > 0) {
      buffer_.append(chunk, std::size_t(n));
      return true;
    }
    if (n == 0) return false;
    if (errno == ECONNRESET) throw Closed("the peer reset the connection");
    if (errno != EINTR && errno != EAGAIN) fail("recv");
  }
}

std::string Connection::take(std::size_t n) {
  std::string bytes = buffer_.substr(0, n);
  buffer_.erase(0, n);
  return bytes;
}

std::string Connection::read_bytes(std::size_t n, const Deadline& deadline) {
  std::string bytes = take(std::min(n, buffer_.size()));
  while (bytes.size() < n) {
    if (!fill(deadline)) throw Closed("the peer closed within a body");
    bytes += take(std::min(n - bytes.size(), buffer_.size()));
  }
  return bytes;
}

std::string Connection::read_until(std::string_view mark, const Deadline& deadline) {
  std::size_t from = 0;
  for (;;) {
    const auto at = buffer_.find(mark, from);
    if (at != std::string::npos) return take(at + mark.size());
    from = buffer_.size() < mark.size() ? 0 : buffer_.size() - mark.size() + 1;
    if (!fill(deadline)) throw Closed("the peer closed; it had sent: " + buffer_.substr(0, 400));
  }
}

std::string Connection::read_to_end(bool* reset, const Deadline& deadline) {
  try {
    while (fill(deadline)) {
    }
    if (reset) *reset = false;
  } catch (const Closed&) {
    if (!reset) throw;
    *reset = true;
  }
  return take(buffer_.size());
}

void Connection::read_chunks(Message& message, const Deadline& deadline) {
  for (;;) {
    auto line = read_until("\r\n", deadline);
    line.resize(line.size() - 2);
    const auto size = parse_number(std::string_view(line).substr(0, line.find(';')), 16);
    if (size == 0) break;
    message.chunks.push_back(size);
    message.body += read_bytes(size, deadline);
    if (read_bytes(2, deadline) != "\r\n") throw Malformed("no CR LF after a chunk");
  }
  std::string lines;
  for (std::string line; (line = read_until("\r\n", deadline)) != "\r\n";) lines += line;
  message.trailers = parse_fields(lines);
}

void Connection::read_body(Message& message, const Deadline& deadline) {
  const bool is_request = message.status == 0;
  if (message.has("Transfer-Encoding")) {
    if (!same_name(message.value("Transfer-Encoding"), "chunked") ||
        message.count("Transfer-Encoding") != 1 || message.has("Content-Length") ||
        message.version != "HTTP/1.1") {
      throw Malformed("framing: " + message.raw_head);
    }
    message.end = BodyEnd::chunked;
    read_chunks(message, deadline);
  } else if (message.has("Content-Length")) {
    if (message.count("Content-Length") != 1) throw Malformed("framing: " + message.raw_head);
    message.end = BodyEnd::length;
    message.body = read_bytes(parse_number(message.value("Content-Length"), 10), deadline);
  } else if (!is_request) {
    message.end = BodyEnd::close;
    message.body = read_to_end(nullptr, deadline);
  }
}

Message Connection::read_request_head(const Deadline& deadline) {
  return parse_request_head(read_until("\r\n\r\n", deadline));
}

Message Connection::read_request(const Deadline& deadline) {
  auto message = read_request_head(deadline);
  read_body(message, deadline);
  return message;
}

Message Connection::read_response_head(const Deadline& deadline) {
  return parse_response_head(read_until("\r\n\r\n", deadline));
}

Message Connection::read_response(bool head_only, const Deadline& deadline) {
  auto message = read_response_head(deadline);
  const bool bodyless = message.status < 200 || message.status == 204 || message.status == 304;
  if (!bodyless && !head_only) read_body(message, deadline);
  return message;
}

Connection connect_to(std::uint16_t port, int receive_buffer) {
  Connection connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.fd() < 0) fail("socket");
  if (receive_buffer > 0) {
    ::setsockopt(connection.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const auto address = loopback(port);
  if (::connect(connection.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(connection.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

int listen_on_loopback(std::uint16_t& port, int backlog, const std::string& ip) {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } address{};
  const bool v6 = ip.find(':') != ip.npos;
  address.any.sa_family = v6 ? AF_INET6 : AF_INET;
  (v6 ? address.v6.sin6_port : address.v4.sin_port) = htons(port);
  void* to = v6 ? static_cast<void*>(&address.v6.sin6_addr) : &address.v4.sin_addr;
  if (::inet_pton(address.any.sa_family, ip.c_str(), to) != 1) fail("inet_pton");
  const int fd = ::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = v6 ? sizeof address.v6 : sizeof address.v4;
  if (::bind(fd, &address.any, size) < 0 || ::listen(fd, backlog) < 0) fail("listen");
  ::getsockname(fd, &address.any, &size);
  port = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
  return fd;
}

}  // namespace support
