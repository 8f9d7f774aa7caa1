// SPDX-License-Identifier: Apache-2.0
#include "shared/kv_stripe.hpp"

#include <algorithm>

namespace gw::shared {

namespace {

// Never 0, which is an empty slot's. From the low bits: the high ones chose the stripe.
std::uint16_t tag_of(std::uint64_t hash) { return std::uint16_t(hash) | 1; }

// Whether a is to go before b when there is no room: the sooner to expire, then the longer
// untouched.
bool goes_before(const KvSlot& a, const KvSlot& b) {
  const std::uint64_t a_end = a.expires_ns - 1;  // never: the greatest
  const std::uint64_t b_end = b.expires_ns - 1;
  if (a_end != b_end) return a_end < b_end;
  return a.stamp.load(std::memory_order_relaxed) < b.stamp.load(std::memory_order_relaxed);
}

}  // namespace

void KvStripe::repair(KvSlots slots) {
  for (std::uint32_t i = 0; i < k_stripe_slots; ++i) {
    if (!slots[i].live()) slots[i].state.store(SlotState::empty, std::memory_order_release);
    tags[i] = slots[i].live() ? tag_of(slots[i].hash) : 0;
  }
}

KvSlot* KvStripe::find(KvSlots slots, std::uint64_t hash, std::string_view key,
                       std::uint64_t now_ns) {
  const std::uint16_t tag = tag_of(hash);
  for (std::uint32_t i = 0; i < k_stripe_slots; ++i) {
    if (tags[i] != tag || slots[i].hash != hash || slots[i].key() != key) continue;
    if (!slots[i].expired(now_ns)) return &slots[i];
    drop(slots, &slots[i]);
    return nullptr;
  }
  return nullptr;
}

// What has expired is used again before what was never used: a store takes no more memory, and no
// more of the processor's cache, than what lives in it.
KvSlot* KvStripe::make_room(KvSlots slots, std::uint64_t now_ns, bool* evicted) {
  *evicted = false;
  KvSlot* first = &slots[0];
  for (std::uint32_t i = 0; i < k_stripe_slots; ++i) {
    KvSlot* slot = &slots[i];
    if (tags[i] == 0) return slot;
    if (slot->expired(now_ns)) {
      drop(slots, slot);
      return slot;
    }
    if (goes_before(*slot, *first)) first = slot;
  }
  *evicted = true;
  drop(slots, first);
  return first;
}

void KvStripe::drop(KvSlots slots, KvSlot* slot) {
  slot->state.store(SlotState::empty, std::memory_order_release);
  tags[slots.index(slot)] = 0;
}

void KvStripe::begin(KvSlot* slot, std::uint64_t hash, std::string_view key,
                     std::uint64_t expires_ns) {
  slot->state.store(SlotState::writing, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot->hash = hash;
  slot->expires_ns = expires_ns;
  slot->key_length = std::uint8_t(key.size());
  std::copy(key.begin(), key.end(), slot->bytes);
}

void KvStripe::publish(KvSlots slots, KvSlot* slot, SlotState state) {
  slot->stamp.store(++stamp, std::memory_order_relaxed);
  slot->state.store(state, std::memory_order_release);
  tags[slots.index(slot)] = tag_of(slot->hash);
}

void KvStripe::put_value(KvSlots slots, KvSlot* slot, std::uint64_t hash, std::string_view key,
                         std::string_view value, std::uint64_t expires_ns) {
  begin(slot, hash, key, expires_ns);
  slot->value_length = std::uint8_t(value.size());
  std::copy(value.begin(), value.end(), slot->bytes + key.size());
  publish(slots, slot, SlotState::value);
}

void KvStripe::put_counter(KvSlots slots, KvSlot* slot, std::uint64_t hash, std::string_view key,
                           std::int64_t number, std::uint64_t expires_ns) {
  begin(slot, hash, key, expires_ns);
  slot->value_length = 0;
  slot->number.store(number, std::memory_order_relaxed);
  publish(slots, slot, SlotState::counter);
}

void KvStripe::set_number(KvSlot* slot, std::int64_t number) {
  // The stamp first: dying between the two makes a compare-and-swap fail that could have gone
  // through, never the other way round.
  slot->stamp.store(++stamp, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot->number.store(number, std::memory_order_release);
}

}  // namespace gw::shared
