// SPDX-License-Identifier: Apache-2.0
// Queue: the lines of one entry on one worker, from where they are put together until they are the
// writer's. Bounded, whatever becomes of them there; what goes beyond is dropped and counted by its
// reason. Only for the worker's thread. Lines are handed over when there are 256 KiB of them (or a
// quarter of the bound), or when the first has waited for flush_interval: while nothing is logged,
// nothing wakes the loop.
#pragma once

#include <cstdint>
#include <gatewright/plugin.hpp>
#include <memory>

#include "config.hpp"
#include "writer.hpp"

namespace file_log {

// gatewright_log_dropped_total of this plugin.
struct Drops {
  explicit Drops(const gw::config& source);
  // By the errno that the file has answered last.
  const gw::metric& of(int error) const;

  gw::metric queue_full, no_space, no_reader, write_failed, stopped;
};

class Queue {
 public:
  // Throws std::runtime_error when the file can't be opened. config and drops outlive it.
  Queue(gw::worker worker, const Config& config, const Drops& drops);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Where the next line goes, with its line end; then added(), with the size from before.
  gw::byte_buffer& lines() { return lines_; }
  void added(std::size_t before);

 private:
  static void on_timer(gw_worker*, void* self) noexcept;
  void hand_over();
  bool start_timer();
  void take_given_up();
  void report();
  void warn_of_drops(int error);
  bool is_time(std::uint64_t& warned_ns) const;

  gw::host host_;
  gw_worker* worker_;
  const gw_loop_api* loop_;
  const Config& config_;
  const Drops& drops_;
  std::shared_ptr<Outlet> outlet_;
  std::shared_ptr<Writer> writer_;
  Writer::Count given_up_;
  gw::byte_buffer lines_;
  bool timer_runs_ = false;
  int reported_ = 0;  // the error that was logged last, 0 after all went well
  std::uint64_t waits_warned_ns_ = 0, drops_warned_ns_ = 0;
};

}  // namespace file_log
