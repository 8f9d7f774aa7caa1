// SPDX-License-Identifier: Apache-2.0
#include "net/fd_watch.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

namespace gw::net {

namespace {

static_assert(int(FdWatch::k_read) == UV_READABLE && int(FdWatch::k_write) == UV_WRITABLE);
constexpr int k_events = FdWatch::k_read | FdWatch::k_write;

}  // namespace

FdWatch::FdWatch(Loop& loop, int fd, std::function<void()> on_readable)
    : FdWatch([call = std::move(on_readable)](unsigned) { call(); }) {
  check(start(loop, fd) == 0);
  poll(UV_READABLE | UV_DISCONNECT);
}

Result<std::unique_ptr<FdWatch>> FdWatch::open(Loop& loop, int fd, unsigned events, Callback call) {
  std::unique_ptr<FdWatch> watch(new FdWatch(std::move(call)));
  if (const int failure = fd < 0 ? UV_EBADF : watch->start(loop, fd); failure != 0) {
    watch->handle_.discard();
    return Error{cat("descriptor ", fd, " cannot be watched: ", uv_strerror(failure))};
  }
  watch->update(events);
  return watch;
}

int FdWatch::start(Loop& loop, int fd) { return uv_poll_init(loop.raw(), handle_.get(), fd); }

void FdWatch::update(unsigned events) { poll(int(events) & k_events); }

void FdWatch::poll(int events) {
  wanted_ = events;
  if (events == 0) {
    check(uv_poll_stop(handle_.get()) == 0);
    return;
  }
  const auto on_poll = [](uv_poll_t* handle, int status, int ready) {
    auto* self = static_cast<FdWatch*>(handle->data);
    if (self == nullptr) return;
    const auto call = self->call_;  // it may destroy the watch
    const int wanted = self->wanted_ & k_events;
    call(status < 0 ? unsigned(wanted) | k_error : unsigned(ready & k_events));
    // libuv stops to poll when it meets an error. Here it is told until somebody has dealt with it.
    if (status < 0 && handle->data != nullptr && self->wanted_ != 0) self->poll(self->wanted_);
  };
  check(uv_poll_start(handle_.get(), events, on_poll) == 0);
}

}  // namespace gw::net
