// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace gw::net {

void Deadline::set(Deadlines& wheel, std::uint64_t in_ms) {
  if (in_ms == 0) {
    at_ = wheel.now_ms;
    unlink();
    return wheel.insert_at_once(*this);
  }
  at_ = wheel.now_ms + in_ms;
  // Later than the slot that it is in: it is put on when that slot is run.
  if (linked() && at_ / Deadlines::k_tick + 1 >= slot_) return;
  unlink();
  wheel.insert(*this);
}

void Deadlines::insert_at_once(Deadline& deadline) {
  deadline.slot_ = 0;
  const bool armed = !at_once_.empty();
  at_once_.push_back(deadline);
  if (!armed) arm_(context_, 0);
}

void Deadlines::insert(Deadline& deadline) {
  // The tick after the one in which it falls due, and within one turn of the wheel.
  const std::uint64_t first = std::max(done_, now_ms / k_tick) + 1;
  const std::uint64_t due = deadline.at_ / k_tick + 1;
  deadline.slot_ = std::clamp(due, first, first + k_slots - 2);
  const std::size_t slot = deadline.slot_ % k_slots;
  slots_[slot].push_back(deadline);
  occupied_[slot / 64] |= 1ull << (slot % 64);
  if (!at_once_.empty()) return;  // what is armed comes first, and arms the next one
  if (armed_ == 0 || deadline.slot_ < armed_) {
    armed_ = deadline.slot_;
    arm_(context_, armed_ * k_tick > now_ms ? armed_ * k_tick - now_ms : 0);
  }
}

void Deadlines::run(std::uint64_t now) {
  now_ms = now;
  armed_ = 0;
  run_slot(at_once_, now);
  const std::uint64_t last = now / k_tick;
  if (last > done_ + k_slots) done_ = last - k_slots;
  while (done_ < last) {
    const std::size_t slot = ++done_ % k_slots;
    occupied_[slot / 64] &= ~(1ull << (slot % 64));
    run_slot(slots_[slot], now);
  }
  arm_next();
}

void Deadlines::run_slot(List<Deadline>& slot, std::uint64_t now) {
  // Taken out as a whole first: what falls due a turn later may be put back into this very slot.
  List<Deadline> taken;
  while (!slot.empty()) {
    Deadline& deadline = slot.front();
    deadline.unlink();
    taken.push_back(deadline);
  }
  while (!taken.empty()) {
    Deadline& deadline = taken.front();
    deadline.unlink();
    if (deadline.at_ == 0) continue;
    if (deadline.at_ > now) {
      insert(deadline);
      continue;
    }
    deadline.at_ = 0;
    deadline.callback_(deadline.context_);
  }
}

void Deadlines::arm_next() {
  // Not in this very turn: what sets itself again would keep the loop from all else.
  if (!at_once_.empty()) return arm_(context_, 1);
  for (std::uint64_t tick = done_ + 1; tick < done_ + k_slots; ++tick) {
    const std::size_t slot = tick % k_slots;
    const std::uint64_t word = occupied_[slot / 64] >> (slot % 64);
    if (word == 0) {
      tick += 63 - slot % 64;
      continue;
    }
    tick += std::uint64_t(__builtin_ctzll(word));
    armed_ = tick;
    arm_(context_, tick * k_tick > now_ms ? tick * k_tick - now_ms : 0);
    return;
  }
  arm_(context_, ~0ull);
}

}  // namespace gw::net
