// SPDX-License-Identifier: Apache-2.0
// SignalWatch: a signal as an event of the loop.
#pragma once

#include <functional>

#include "net/handle.hpp"
#include "net/loop.hpp"

namespace gw::net {

class SignalWatch {
 public:
  SignalWatch(Loop& loop, int signal_number, std::function<void()> on_signal);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::function<void()> on_signal_;
  Handle<uv_signal_t> handle_;
};

}  // namespace gw::net
