// SPDX-License-Identifier: Apache-2.0
// An event descriptor on a worker's loop, for libraries with threads of their own that write to a
// descriptor when there is something to fetch. librdkafka's:
//   rd_kafka_queue_io_event_enable(queue, bell.fd(), gw::event_fd::payload, sizeof(uint64_t));
// and fetch once: it rings when its queue ceases to be empty, not for what is in it already.
// Owned by the worker_state; the library must have let go of it before it goes.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <gatewright/plugin.hpp>

namespace gw {

class event_fd {
 public:
  // What is to be written to it: the number 1.
  static constexpr uint64_t one = 1;
  static constexpr const void* payload = &one;

  // f() on the worker, once for any number of writes since the last time. Throws config_error.
  event_fd(gw::worker worker, std::function<void()> f)
      : worker_(worker), fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    std::string why = "no descriptor is free";
    if (fd_ >= 0)
      watch_ = worker.watch(
          fd_, GW_FD_READ,
          [fd = fd_, call = std::move(f)](uint32_t) {
            uint64_t count = 0;
            if (::read(fd, &count, sizeof count) == sizeof count) call();
          },
          &why);
    if (watch_ != 0) return;
    if (fd_ >= 0) ::close(fd_);
    throw config_error(why);
  }
  ~event_fd() {
    worker_.unwatch(watch_);
    ::close(fd_);
  }
  event_fd(const event_fd&) = delete;
  event_fd& operator=(const event_fd&) = delete;

  int fd() const { return fd_; }

 private:
  gw::worker worker_;
  int fd_;
  gw::handle watch_ = 0;
};

}  // namespace gw
