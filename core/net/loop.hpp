// SPDX-License-Identifier: Apache-2.0
// Loop: one worker's event loop and what all of its connections share: clock, deadlines, buffers.
// One thread; all other objects of net/ belong to a loop and may be used on its thread only.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/arena.hpp"
#include "net/deadline.hpp"

namespace gw::net {

// Sockets that this process may have open, less some for files and libraries.
std::size_t descriptor_limit();

class Loop {
 public:
  Loop();
  // REQUIRES: everything that was made on it is destroyed. Runs the loop until its handles are
  // closed.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop().
  void run();
  void stop();
  // Called each time before the loop waits for events. One caller; null: nobody.
  void before_sleep(void (*call)(void* context), void* context);

  // Cached for one turn of the loop.
  std::uint64_t now_ms();
  std::uint64_t now_ns();   // monotonic
  std::uint64_t unix_ns();  // wall clock: now_ns() plus an offset taken once a second

  // They end no wait for what has already come: events that are there go first. With the clock of
  // this turn: a loop that has slept without a timer sets from when it woke.
  Deadlines& deadlines() {
    deadlines_.now_ms = uv_now(&loop_);
    return deadlines_;
  }
  // Blocks of 16 KiB: arenas, bytes that wait.
  BlockPool& blocks() { return blocks_; }
  // Where reads land: one buffer for the whole loop. What is to outlive the read callback must be
  // copied. A large one, since each write wakes its reader: 1 MiB answers in pieces of 128 KiB cost
  // 1.3 times the CPU. Less of it is handed out while much is held: what a slow peer can make the
  // gateway keep is one read of its other side.
  std::span<char> read_buffer() {
    return {read_buffer_.get(), held_bytes_ < k_much_held ? k_read_buffer : k_careful_read};
  }

  // For TLS, made when it is first asked for: what was decrypted of one read, and what is to be
  // sent.
  std::span<char> plain_buffer();
  std::string& cipher_buffer() { return cipher_buffer_; }

  // Bytes that wait in memory for slow peers and for plugins that want them whole.
  std::size_t held_bytes() const { return held_bytes_; }

  uv_loop_t* raw() { return &loop_; }

 private:
  friend class HeldBytes;
  static constexpr std::size_t k_read_buffer = 512 * 1024;
  static constexpr std::size_t k_careful_read = 128 * 1024;
  static constexpr std::size_t k_much_held = 8 * 1024 * 1024;
  // A record that began in the read before may end in this one.
  static constexpr std::size_t k_plain_buffer = k_read_buffer + 32 * 1024;
  static constexpr std::size_t k_block = 16 * 1024;

  void run_deadlines_soon();

  uv_loop_t loop_;
  uv_timer_t timer_;
  uv_idle_t no_sleep_;
  uv_check_t after_events_;
  uv_prepare_t prepare_;  // forgets the cached clock before the loop sleeps
  void (*before_sleep_)(void*) = nullptr;
  void* before_sleep_context_ = nullptr;
  BlockPool blocks_{k_block, 256};
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<char[]> plain_buffer_;
  std::string cipher_buffer_;
  Deadlines deadlines_;
  std::size_t held_bytes_ = 0;
  std::uint64_t now_ns_ = 0;       // 0: not read in this turn
  std::uint64_t unix_offset_ = 0;  // wall clock minus monotonic
  std::uint64_t offset_at_ = 0;
};

}  // namespace gw::net
