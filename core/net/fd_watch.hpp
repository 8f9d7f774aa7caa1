// SPDX-License-Identifier: Apache-2.0
// FdWatch: tells when a file descriptor is readable (control sockets, pipes). Does not own the
// descriptor: stop watching before closing it.
#pragma once

#include <functional>

#include "net/handle.hpp"
#include "net/loop.hpp"

namespace gw::net {

class FdWatch {
 public:
  // on_readable may destroy the watch.
  FdWatch(Loop& loop, int fd, std::function<void()> on_readable);
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

 private:
  std::function<void()> on_readable_;
  Handle<uv_poll_t> handle_;
};

}  // namespace gw::net
