// SPDX-License-Identifier: Apache-2.0
// How a store lies in memory: 32 slots and what guards them. All functions here want the stripe's
// lock. Private to kv.cpp.
//
// A slot's life: empty -> writing -> value or counter -> (writing -> …) -> empty. The state is
// stored last when an entry becomes live and first when it ceases to be, and the compiler may not
// reorder that; a processor's stores need no fence, since a process is killed between two
// instructions. The tags only speed up the search: they are made anew after a death.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "shared/robust_mutex.hpp"

namespace gw::shared {

inline constexpr std::uint32_t k_stripe_slots = 32;

enum class SlotState : std::uint8_t { empty, writing, value, counter };

struct KvSlot {
  std::uint64_t hash;
  std::uint64_t expires_ns;  // CLOCK_MONOTONIC; 0: never
  std::atomic<std::uint64_t> stamp;
  std::atomic<std::int64_t> number;  // of a counter
  std::atomic<SlotState> state;
  std::uint8_t key_length;
  std::uint8_t value_length;
  std::uint8_t reserved[13];
  char bytes[208];  // key, value

  std::string_view key() const { return {bytes, key_length}; }
  std::string_view value() const { return {bytes + key_length, value_length}; }
  bool live() const { return state.load(std::memory_order_relaxed) > SlotState::writing; }
  bool counter() const { return state.load(std::memory_order_relaxed) == SlotState::counter; }
  bool expired(std::uint64_t now_ns) const { return expires_ns != 0 && expires_ns <= now_ns; }
};
static_assert(sizeof(KvSlot) == 256);

// The slots of one stripe. The first ones of all stripes lie side by side, then the second ones, …:
// a store that is far from full has touched little memory.
struct KvSlots {
  KvSlot* first;
  std::uint64_t stride;

  KvSlot& operator[](std::uint64_t i) const { return first[i * stride]; }
  std::uint64_t index(const KvSlot* slot) const { return std::uint64_t(slot - first) / stride; }
};

struct alignas(64) KvStripe {
  RobustMutex mutex;
  std::uint64_t stamp;  // of the last change; never 0 or ~0 in an entry
  std::uint16_t tags[k_stripe_slots];

  // Drops what was being written. Running it again does no harm.
  void repair(KvSlots slots);
  // The live entry of this key, or null. One that has expired is dropped on the way.
  KvSlot* find(KvSlots slots, std::uint64_t hash, std::string_view key, std::uint64_t now_ns);
  // A slot to write: the first that is empty or has expired, else the one to expire first (evicted
  // is then set). It is empty now.
  KvSlot* make_room(KvSlots slots, std::uint64_t now_ns, bool* evicted);
  void drop(KvSlots slots, KvSlot* slot);

  // Write an entry into an empty slot, or over a live one of the same key.
  void put_value(KvSlots slots, KvSlot* slot, std::uint64_t hash, std::string_view key,
                 std::string_view value, std::uint64_t expires_ns);
  void put_counter(KvSlots slots, KvSlot* slot, std::uint64_t hash, std::string_view key,
                   std::int64_t number, std::uint64_t expires_ns);
  // REQUIRES: a live counter.
  void set_number(KvSlot* slot, std::int64_t number);

 private:
  void begin(KvSlot* slot, std::uint64_t hash, std::string_view key, std::uint64_t expires_ns);
  void publish(KvSlots slots, KvSlot* slot, SlotState state);
};
static_assert(sizeof(KvStripe) == 128);

}  // namespace gw::shared
