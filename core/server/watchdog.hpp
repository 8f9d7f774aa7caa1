// SPDX-License-Identifier: Apache-2.0
// Watchdog: the supervisor's look at the workers' breadcrumbs: which of them has been in one
// callback of a plugin for too long. It looks a few times in each limit while callbacks run
// anywhere, and rests when none has begun for a while; the next callback anywhere wakes it
// (WorkerSlot::watched), so that an idle gateway has no timer.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "net/loop.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

class Watchdog {
 public:
  struct Stall {
    std::uint32_t slot;
    std::uint64_t ms;  // at least
    shared::Breadcrumb crumb;
    bool fatal;  // the second limit; else the first
  };
  using OnStall = std::function<void(const Stall&)>;

  Watchdog(net::Loop& loop, shared::WorkerBoard& board, OnStall on_stall);

  // ms; 0: no such limit. The second does not hold while a plugin is loaded, started or stopped:
  // this may take long, and has limits of its own.
  void set_limits(std::uint64_t warning, std::uint64_t fatal);
  // Callbacks run again.
  void wake();

  // One look. False when there is nothing to look at any more: it has gone to rest.
  bool look(std::uint64_t now_ms);

 private:
  struct Seen {
    std::uint64_t word = 0;
    std::uint64_t since = 0;  // ms
    bool warned = false, told = false;
  };
  bool look_at(std::uint32_t slot, std::uint64_t now_ms);
  void on_time();

  net::Loop& loop_;
  shared::WorkerBoard& board_;
  OnStall on_stall_;
  std::uint64_t warning_ = 0, fatal_ = 0, period_ = 0;  // ms
  std::uint32_t quiet_ = 0;                             // looks at which nothing had moved
  std::vector<Seen> seen_;
  net::Deadline next_;
};

}  // namespace gw::server
