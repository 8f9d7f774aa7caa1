// SPDX-License-Identifier: Apache-2.0
#include "net/signal_watch.hpp"

#include "base/check.hpp"

namespace gw::net {

SignalWatch::SignalWatch(Loop& loop, int signal_number, std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)), handle_(this) {
  check(uv_signal_init(loop.raw(), handle_.get()) == 0);
  const auto on_arrival = [](uv_signal_t* handle, int) {
    if (auto* self = static_cast<SignalWatch*>(handle->data)) {
      const auto call = self->on_signal_;  // it may destroy the watch
      call();
    }
  };
  check(uv_signal_start(handle_.get(), on_arrival, signal_number) == 0);
}

}  // namespace gw::net
