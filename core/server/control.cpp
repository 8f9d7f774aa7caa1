// SPDX-License-Identifier: Apache-2.0
#include "server/control.hpp"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace gw::server {

namespace {

constexpr std::size_t k_max_text = 60000;  // of a packet; diagnostics are cut
constexpr std::size_t k_max_fds = 200;

struct Head {
  std::uint32_t tell;
  std::uint32_t text_size;
  std::uint64_t number;
};

void put(std::string& out, std::string_view piece) {
  const std::uint64_t size = piece.size();
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(piece);
}

bool get(std::string_view& in, std::string& out) {
  std::uint64_t size = 0;
  if (in.size() < sizeof size) return false;
  std::memcpy(&size, in.data(), sizeof size);
  in.remove_prefix(sizeof size);
  if (in.size() < size) return false;
  out = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace

bool send_message(int socket, const Message& message) {
  const std::string text = message.text.substr(0, k_max_text);
  Head head{std::uint32_t(message.tell), std::uint32_t(text.size()), message.number};
  iovec parts[] = {{&head, sizeof head}, {const_cast<char*>(text.data()), text.size()}};
  msghdr packet{};
  packet.msg_iov = parts;
  packet.msg_iovlen = 2;
  alignas(cmsghdr) char control[CMSG_SPACE(k_max_fds * sizeof(int))];
  if (!message.fds.empty()) {
    const std::size_t bytes = message.fds.size() * sizeof(int);
    packet.msg_control = control;
    packet.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(rights), message.fds.data(), bytes);
  }
  ssize_t sent;
  do sent = ::sendmsg(socket, &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

Result<std::optional<Message>> receive_message(int socket) {
  static char text[k_max_text];
  Head head{};
  iovec parts[] = {{&head, sizeof head}, {text, sizeof text}};
  alignas(cmsghdr) char control[CMSG_SPACE(k_max_fds * sizeof(int))];
  msghdr packet{};
  packet.msg_iov = parts;
  packet.msg_iovlen = 2;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(socket, &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<Message>{};
  if (n < ssize_t(sizeof head)) return Error{"the other end is gone"};
  Message message;
  message.tell = Tell(head.tell);
  message.number = head.number;
  message.text.assign(text, std::min<std::size_t>(head.text_size, std::size_t(n) - sizeof head));
  for (cmsghdr* c = CMSG_FIRSTHDR(&packet); c != nullptr; c = CMSG_NXTHDR(&packet, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    message.fds.resize((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(message.fds.data(), CMSG_DATA(c), message.fds.size() * sizeof(int));
  }
  return std::optional<Message>(std::move(message));
}

Result<int> source_to_fd(const config::Source& source) {
  std::string bytes;
  put(bytes, source.file);
  put(bytes, source.text);
  for (const auto* list : {&source.flags, &source.environment}) {
    put(bytes, cat(list->size()));
    for (const auto& [name, value] : *list) put(bytes, name), put(bytes, value);
  }
  const int fd = ::memfd_create("gatewright-config", MFD_CLOEXEC);
  if (fd < 0) return Error{cat("memfd_create: ", std::strerror(errno))};
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0)
      return ::close(fd), Error{cat("cannot hand over the configuration: ", std::strerror(errno))};
    done += std::size_t(n);
  }
  return fd;
}

Result<config::Source> source_from_fd(int fd) {
  std::string bytes(std::size_t(::lseek(fd, 0, SEEK_END)), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pread(fd, bytes.data() + done, bytes.size() - done, off_t(done));
    if (n <= 0) return Error{"the configuration handed over cannot be read"};
    done += std::size_t(n);
  }
  config::Source source;
  std::string_view in(bytes);
  bool fine = get(in, source.file) && get(in, source.text);
  for (auto* list : {&source.flags, &source.environment}) {
    std::string count, name, value;
    fine = fine && get(in, count);
    for (std::uint64_t i = 0; fine && i < to_u64(count).value_or(0); ++i) {
      fine = get(in, name) && get(in, value);
      list->emplace_back(name, value);
    }
  }
  if (!fine) return Error{"the configuration handed over is not whole"};
  return source;
}

}  // namespace gw::server
