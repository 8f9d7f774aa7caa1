// SPDX-License-Identifier: Apache-2.0
#include "net/fd_watch.hpp"

#include "base/check.hpp"

namespace gw::net {

FdWatch::FdWatch(Loop& loop, int fd, std::function<void()> on_readable)
    : on_readable_(std::move(on_readable)), handle_(this) {
  check(uv_poll_init(loop.raw(), handle_.get(), fd) == 0);
  const auto on_poll = [](uv_poll_t* poll, int, int) {
    if (auto* self = static_cast<FdWatch*>(poll->data)) {
      const auto call = self->on_readable_;  // it may destroy the watch
      call();
    }
  };
  check(uv_poll_start(handle_.get(), UV_READABLE | UV_DISCONNECT, on_poll) == 0);
}

}  // namespace gw::net
