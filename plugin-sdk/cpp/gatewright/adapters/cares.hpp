// SPDX-License-Identifier: Apache-2.0
// c-ares on a worker's loop: a channel whose queries are answered there. Owned by the worker_state;
// queries that run when it goes are called back with ARES_EDESTRUCTION. ares_library_init() is the
// plugin's. For c-ares 1.16 and later; link it yourself.
#pragma once

#include <ares.h>

#include <gatewright/plugin.hpp>
#include <map>

namespace gw {

class ares_loop {
 public:
  // `options` with the bits of `mask`, as for ares_init_options. Throws config_error.
  explicit ares_loop(gw::worker worker, ares_options options = {}, int mask = 0) : worker_(worker) {
    options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
      static_cast<ares_loop*>(self)->want(fd, read != 0, write != 0);
    };
    options.sock_state_cb_data = this;
    const int made = ares_init_options(&channel_, &options, mask | ARES_OPT_SOCK_STATE_CB);
    if (made != ARES_SUCCESS) throw config_error(ares_strerror(made));
  }
  ~ares_loop() { ares_destroy(channel_), worker_.cancel_timer(timer_); }
  ares_loop(ares_loop&&) = delete;
  ares_channel channel() const { return channel_; }

 private:
  // c-ares closes the socket after it has said that it wants nothing of it.
  void want(ares_socket_t fd, bool read, bool write) {
    if (const auto known = watches_.find(fd); known != watches_.end())
      worker_.unwatch(known->second), watches_.erase(known);
    if (!read && !write) return;
    const uint32_t mask = uint32_t(read) * GW_FD_READ | uint32_t(write) * GW_FD_WRITE;
    watches_[fd] = worker_.watch(fd, mask, [this, fd](uint32_t events) {
      process((events & (GW_FD_READ | GW_FD_ERROR)) != 0 ? fd : ARES_SOCKET_BAD,
              (events & (GW_FD_WRITE | GW_FD_ERROR)) != 0 ? fd : ARES_SOCKET_BAD);
    });
    arm(milliseconds(1));  // the query's timeout is set behind this call
  }
  void process(ares_socket_t read, ares_socket_t write) {
    ares_process_fd(channel_, read, write);
    if (timeval wait{}; ares_timeout(channel_, nullptr, &wait) != nullptr)
      arm(milliseconds(wait.tv_sec * 1000 + wait.tv_usec / 1000 + 1));
  }
  void arm(milliseconds in) {
    worker_.cancel_timer(timer_);
    timer_ = worker_.after(in, [this] { timer_ = 0, process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
  }

  gw::worker worker_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, gw::handle> watches_;
  gw::handle timer_ = 0;
};

}  // namespace gw
