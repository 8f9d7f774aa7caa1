// SPDX-License-Identifier: Apache-2.0
// Deadlines: one coarse clock for all waits of a loop. A hashed wheel of 16 ms slots; one uv timer,
// armed only for the next occupied slot, so an idle loop sleeps. Moving a deadline later costs one
// store: the node stays where it is and is put on when its old slot comes up.
#pragma once

#include <array>
#include <cstdint>

#include "base/list.hpp"

namespace gw::net {

class Deadlines;

// A wait. Owned by whoever waits; cleared when destroyed. The callback runs once, up to 16 ms late,
// and may set it again or destroy it.
class Deadline : private ListNode {
 public:
  using Callback = void (*)(void* context);
  Deadline(Callback callback, void* context) : callback_(callback), context_(context) {}

  // Calls back in `in_ms` from now (for 0 in the next turn, or a millisecond later from within a
  // callback of the wheel). Replaces an earlier setting.
  void set(Deadlines& wheel, std::uint64_t in_ms);
  void clear() { at_ = 0; }
  bool is_set() const { return at_ != 0; }

 private:
  friend class Deadlines;
  friend class gw::List<Deadline>;
  Callback callback_;
  void* context_;
  std::uint64_t at_ = 0;    // ms of the loop's clock; 0: not set
  std::uint64_t slot_ = 0;  // tick of the slot that it is linked in
};

class Deadlines {
 public:
  // Told in how many ms the clock should wake next; ~0: not at all.
  using Arm = void (*)(void* context, std::uint64_t in_ms);
  Deadlines(Arm arm, void* context) : arm_(arm), context_(context) {}

  // Runs what is due. To be called with the loop's clock when the armed time has come.
  void run(std::uint64_t now_ms);
  // The loop's clock, kept by the loop.
  std::uint64_t now_ms = 1;

 private:
  friend class Deadline;
  static constexpr std::uint64_t k_tick = 16;  // ms
  static constexpr std::size_t k_slots = 1024;

  void insert(Deadline& deadline);
  void insert_at_once(Deadline& deadline);
  void run_slot(List<Deadline>& slot, std::uint64_t now);
  void arm_next();

  std::array<List<Deadline>, k_slots> slots_;
  List<Deadline> at_once_;
  std::array<std::uint64_t, k_slots / 64> occupied_{};  // may say yes for a slot that has emptied
  std::uint64_t armed_ = 0;                             // tick for which the timer is armed; 0: not
  std::uint64_t done_ = 0;                              // last tick that was run
  Arm arm_;
  void* context_;
};

}  // namespace gw::net
