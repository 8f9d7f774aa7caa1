// SPDX-License-Identifier: Apache-2.0
// Writer: the thread that writes the lines of all entries of one worker, so that a slow disk holds
// up nobody; and Outlet, the way of one entry's lines to their file.
//
//   worker's loop:  lines ── hand_over() ──▶ waiting        (under the lock: a swap of buffers)
//   thread:                                  waiting ──▶ batch ──▶ file
//
// A file that takes nothing (a full disk, a FIFO without a reader) keeps its batch, and is tried
// again after 50 ms, then twice as long each time, up to a second. The thread sleeps while there is
// nothing to do.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <gatewright/byte_buffer.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "line_file.hpp"

namespace file_log {

class Outlet {
 public:
  Outlet(std::string path, bool reopen) : file_(std::move(path), reopen) {}
  // Before it is given to a writer.
  LineFile& file() { return file_; }
  // Bytes that were handed over and are not written yet, those being written included. Any thread.
  std::uint64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  // The errno by which the last write got nowhere; 0 when it got on. Any thread.
  int error() const { return error_.load(std::memory_order_relaxed); }

 private:
  friend class Writer;
  using Clock = std::chrono::steady_clock;

  std::atomic<std::uint64_t> in_flight_{0};
  std::atomic<int> error_{0};
  // Under the writer's lock.
  gw::byte_buffer waiting_;
  bool stopped_ = false;
  Clock::time_point give_up_;   // once stopped_
  Clock::time_point retry_at_;  // while failures_ > 0
  int failures_ = 0;
  // The thread's.
  gw::byte_buffer batch_;
  LineFile file_;
};

class Writer {
 public:
  // How long what is left may take when an entry ends.
  static constexpr std::chrono::seconds k_patience{1};

  // The one of this process, made when it is asked for and there is none.
  static std::shared_ptr<Writer> shared();
  // Ends when the outlets that were stopped are empty or given up. Waits for that at most a little
  // longer than k_patience, also for a disk that hangs.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // The functions are for the worker's thread.
  void add(std::shared_ptr<Outlet> outlet);
  // Takes all lines, and gives an empty buffer for them.
  void hand_over(Outlet& outlet, gw::byte_buffer& lines);
  // Nothing more comes: what there is is written within k_patience, or given up.
  void stop(Outlet& outlet);
  // Lines that were given up so far, by anybody; outlives the writer.
  using Count = std::shared_ptr<std::atomic<std::uint64_t>>;
  Count given_up() const { return state_->given_up; }

 private:
  using Clock = Outlet::Clock;
  // The thread's own share of it, so that it may outlive a disk that hangs.
  struct State {
    std::mutex mutex;
    std::condition_variable wake, ended;
    std::vector<std::shared_ptr<Outlet>> outlets;
    bool closing = false, over = false;
    Count given_up = std::make_shared<std::atomic<std::uint64_t>>(0);
  };

  Writer();
  static void run(const std::shared_ptr<State>& state);
  static Clock::time_point sweep(State& state, std::shared_ptr<Outlet>& due);
  static void write(Outlet& outlet, std::unique_lock<std::mutex>& lock);
  static void give_up(State& state, Outlet& outlet);

  std::shared_ptr<State> state_;
};

}  // namespace file_log
