// SPDX-License-Identifier: Apache-2.0
#include "server/control.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace gw::server {

namespace {

constexpr std::size_t k_max_text = 60000;
constexpr std::size_t k_mark_room = 60;

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

// Diagnostics of a large configuration may be longer than a packet.
std::string cut_text(const std::string& text) {
  if (text.size() <= k_max_text) return text;
  const std::size_t kept = k_max_text - k_mark_room;
  return cat(std::string_view(text).substr(0, kept), "\n(", text.size() - kept,
             " more bytes are left out)");
}

std::vector<int> take_fds(msghdr& packet) {
  std::vector<int> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&packet); c != nullptr; c = CMSG_NXTHDR(&packet, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = fds.size();
    fds.resize(before + n);
    std::memcpy(fds.data() + before, CMSG_DATA(c), n * sizeof(int));
  }
  return fds;
}

void close_all(std::vector<int>& fds) {
  for (const int fd : fds) ::close(fd);
  fds.clear();
}

}  // namespace

bool send_message(int socket, const Message& message) {
  if (message.fds.size() > k_max_fds) return false;
  const std::string text = cut_text(message.text);
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
  do sent = ::sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
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
  if (n <= 0) return Error{"the other end is gone"};
  Message message;
  message.fds = take_fds(packet);
  if ((packet.msg_flags & MSG_CTRUNC) != 0) close_all(message.fds);
  if (n < ssize_t(sizeof head) || (packet.msg_flags & MSG_TRUNC) != 0 ||
      head.text_size != std::size_t(n) - sizeof head) {
    close_all(message.fds);
    return Error{"what came is no message"};
  }
  message.tell = Tell(head.tell);
  message.number = head.number;
  message.text.assign(text, head.text_size);
  return std::optional<Message>(std::move(message));
}

std::string hello_text(const Hello& hello) {
  std::string text = cat(k_control_version, " ", hello.index, " ", hello.count, " ", hello.slot);
  for (const auto& line : hello.sockets) text += cat("\n", line);
  return text;
}

Result<Hello> read_hello(std::string_view text) {
  const auto lines = split(text, '\n');
  const auto numbers = split(lines.empty() ? std::string_view() : lines[0], ' ');
  const auto version = numbers.empty() ? std::nullopt : to_u64(numbers[0]);
  if (version != k_control_version)
    return Error{cat("the supervisor speaks version ", version.value_or(0),
                     " of the control protocol, this build version ", k_control_version,
                     ": stop the gateway and start it again")};
  std::vector<std::uint32_t> values;
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (const auto value = to_u64(numbers[i])) values.push_back(std::uint32_t(*value));
  if (numbers.size() != 4 || values.size() != 3)
    return Error{"the supervisor's hello is not whole"};
  Hello hello{values[0], values[1], values[2], {}};
  hello.sockets.assign(lines.begin() + 1, lines.end());
  return hello;
}

Result<int> source_to_fd(const config::Source& source) {
  std::string bytes;
  put(bytes, source.file);
  put(bytes, source.text);
  for (const auto* list : {&source.flags, &source.environment}) {
    put(bytes, cat(list->size()));
    for (const auto& [name, value] : *list) put(bytes, name), put(bytes, value);
  }
  const int fd = ::memfd_create("gatewright-config", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return Error{cat("memfd_create: ", std::strerror(errno))};
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return ::close(fd), Error{cat("cannot hand over the configuration: ", std::strerror(errno))};
    done += std::size_t(n);
  }
  // What one worker does to it must not reach the others.
  if (::fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
    return ::close(fd), Error{cat("cannot seal the configuration: ", std::strerror(errno))};
  return fd;
}

Result<config::Source> source_from_fd(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) return Error{"the configuration handed over cannot be read"};
  std::string bytes(std::size_t(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pread(fd, bytes.data() + done, bytes.size() - done, off_t(done));
    if (n < 0 && errno == EINTR) continue;
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
