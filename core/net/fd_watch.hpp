// SPDX-License-Identifier: Apache-2.0
// FdWatch: tells when a file descriptor is ready, level-triggered. Does not own the descriptor:
// stop watching before closing it. A descriptor may have one watch on a loop.
#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"
#include "net/handle.hpp"
#include "net/loop.hpp"

namespace gw::net {

class FdWatch {
 public:
  enum Event : unsigned { k_read = 1, k_write = 2, k_error = 4 };
  // Told what it is ready for; k_error comes with all that is watched for. May destroy the watch.
  using Callback = std::function<void(unsigned events)>;

  // Control sockets, pipes: when it is readable or at its end. REQUIRES: it can be watched.
  FdWatch(Loop& loop, int fd, std::function<void()> on_readable);
  // An error: it is not open, no poll is possible on it, or the loop has it already.
  static Result<std::unique_ptr<FdWatch>> open(Loop& loop, int fd, unsigned events, Callback call);
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Waits for these from now on; 0: for nothing.
  void update(unsigned events);

 private:
  explicit FdWatch(Callback call) : call_(std::move(call)), handle_(this) {}
  int start(Loop& loop, int fd);
  void poll(int events);

  Callback call_;
  int wanted_ = 0;  // uv_poll_event
  Handle<uv_poll_t> handle_;
};

}  // namespace gw::net
