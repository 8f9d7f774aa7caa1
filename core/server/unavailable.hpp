// SPDX-License-Identifier: Apache-2.0
// Unavailable: what the supervisor does for clients when no worker serves and the next start has to
// wait: a fixed 503. It reads no request: the first bytes of a connection are thrown away and
// answered. Bounded in connections, bytes and time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "net/deadline.hpp"
#include "net/fd_watch.hpp"

namespace gw::server {

class Unavailable {
 public:
  explicit Unavailable(net::Loop& loop);
  ~Unavailable();
  Unavailable(const Unavailable&) = delete;
  Unavailable& operator=(const Unavailable&) = delete;

  // Accepts on these listening sockets, and on no others, from now on. They stay the caller's.
  void answer(std::vector<int> sockets);
  std::uint64_t answered() const { return answered_; }

 private:
  struct Visitor;
  void on_waiting(int socket);
  void on_readable(Visitor& visitor);
  void send_answer(int fd);

  net::Loop& loop_;
  std::vector<int> sockets_;
  std::vector<std::unique_ptr<net::FdWatch>> watches_;
  std::map<int, std::unique_ptr<Visitor>> visitors_;  // by descriptor
  std::uint64_t answered_ = 0;
};

}  // namespace gw::server
