// SPDX-License-Identifier: Apache-2.0
#include "server/unavailable.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace gw::server {

namespace {

constexpr std::size_t k_max_visitors = 256;
constexpr std::size_t k_max_bytes = 64 * 1024;  // of one visitor
constexpr std::uint64_t k_max_time = 2000;      // ms, of one visitor
constexpr int k_accepts = 64;                   // in one turn of the loop

constexpr std::string_view k_answer =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: 44\r\n"
    "Retry-After: 5\r\n"
    "Connection: close\r\n\r\n"
    "{\"message\":\"no worker is ready: try again\"}\n";
static_assert(k_answer.substr(k_answer.find("\r\n\r\n") + 4).size() == 44);

}  // namespace

struct Unavailable::Visitor {
  Visitor(Unavailable& o, int f)
      : owner(o),
        fd(f),
        watch(std::make_unique<net::FdWatch>(o.loop_, f, [this] { owner.on_readable(*this); })) {
    deadline.set(o.loop_.deadlines(), k_max_time);
  }
  ~Visitor() {
    watch.reset();
    ::close(fd);
  }

  Unavailable& owner;
  int fd;
  std::size_t bytes = 0;
  std::unique_ptr<net::FdWatch> watch;
  net::Deadline deadline{[](void* self) {
                           auto& visitor = *static_cast<Visitor*>(self);
                           visitor.owner.visitors_.erase(visitor.fd);
                         },
                         this};
};

Unavailable::Unavailable(net::Loop& loop) : loop_(loop) {}

Unavailable::~Unavailable() = default;

void Unavailable::answer(std::vector<int> sockets) {
  std::sort(sockets.begin(), sockets.end());
  sockets.erase(std::unique(sockets.begin(), sockets.end()), sockets.end());
  if (sockets == sockets_) return;
  sockets_ = std::move(sockets);
  watches_.clear();
  for (const int socket : sockets_)
    watches_.push_back(
        std::make_unique<net::FdWatch>(loop_, socket, [this, socket] { on_waiting(socket); }));
}

void Unavailable::on_waiting(int socket) {
  for (int i = 0; i < k_accepts; ++i) {
    const int fd = ::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (visitors_.size() < k_max_visitors) {
      visitors_.emplace(fd, std::make_unique<Visitor>(*this, fd));
      continue;
    }
    send_answer(fd);
    ::close(fd);
  }
}

void Unavailable::send_answer(int fd) {
  ++answered_;
  [[maybe_unused]] const auto sent =
      ::send(fd, k_answer.data(), k_answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd, SHUT_WR);
}

// Reading on until the client closes keeps the kernel from sending a reset, which would throw the
// answer away.
void Unavailable::on_readable(Visitor& visitor) {
  static std::array<char, 16 * 1024> thrown_away;
  const ssize_t n = ::recv(visitor.fd, thrown_away.data(), thrown_away.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0 && visitor.bytes == 0) send_answer(visitor.fd);
  visitor.bytes += n > 0 ? std::size_t(n) : 0;
  if (n <= 0 || visitor.bytes > k_max_bytes) visitors_.erase(visitor.fd);
}

}  // namespace gw::server
