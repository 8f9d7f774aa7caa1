// SPDX-License-Identifier: Apache-2.0
#include "shared/kv.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <ctime>
#include <limits>

#include "base/random.hpp"
#include "base/text.hpp"
#include "shared/kv_stripe.hpp"
#include "shared/region.hpp"
#include "shared/sip_hash.hpp"

namespace gw::shared {

namespace {

constexpr std::uint32_t k_max_stores = 256;
constexpr std::uint64_t k_wait_ms = 50;           // for an entry
constexpr std::uint64_t k_config_wait_ms = 5000;  // for the directory

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::uint64_t(now.tv_sec) * 1'000'000'000 + std::uint64_t(now.tv_nsec);
}

std::uint64_t expiry(std::uint64_t now, std::uint64_t ttl_ms) {
  if (ttl_ms == 0) return 0;
  const std::uint64_t longest = (std::numeric_limits<std::uint64_t>::max() - now) / 1'000'000;
  return ttl_ms > longest ? 0 : now + ttl_ms * 1'000'000;
}

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

struct Kv::Header {
  char name[64];
  std::uint64_t bytes;
  std::uint64_t stripes;
  std::uint64_t first_stripe;  // offsets in the region
  std::uint64_t first_slot;
  std::atomic<std::uint64_t> evictions;
};

struct Kv::Directory {
  HashKey key;
  std::atomic<std::uint32_t> count;
  std::uint64_t stores[k_max_stores];  // offsets of their headers
};

// One key's stripe, locked. Members in the order in which they are found.
struct Kv::Access {
  Access(const Kv& kv, Header& header, std::string_view key)
      : now(now_ns()),
        hash(sip_hash(kv.directory_.key, key)),
        key(key),
        // The upper half of a product spreads a hash over any number of stripes.
        place((static_cast<unsigned __int128>(hash) * header.stripes) >> 64),
        stripe(kv.region_.at<KvStripe>(header.first_stripe)[place]),
        slots(kv.slots(header, place)),
        header(header),
        lock(stripe.mutex, k_wait_ms, [this] { stripe.repair(slots); }) {}

  bool held() const { return lock.held(); }
  KvSlot* find() { return stripe.find(slots, hash, key, now); }
  KvSlot* make_room() {
    bool evicted = false;
    KvSlot* slot = stripe.make_room(slots, now, &evicted);
    if (evicted) header.evictions.fetch_add(1, std::memory_order_relaxed);
    return slot;
  }

  const std::uint64_t now;
  const std::uint64_t hash;
  const std::string_view key;
  const std::uint64_t place;
  KvStripe& stripe;
  const KvSlots slots;
  Header& header;
  const RobustLock lock;
};

std::unique_ptr<Kv> Kv::open_directory(Region& region) {
  std::uint64_t at = region.root(Root::kv);
  if (at == 0) {
    at = region.allocate(sizeof(Directory));
    if (at == 0) return nullptr;
    thread_random().fill(&region.at<Directory>(at)->key, sizeof(HashKey));
    region.set_root(Root::kv, at);
  }
  return std::unique_ptr<Kv>(new Kv(region, *region.at<Directory>(at)));
}

Result<KvStore> Kv::open(std::string_view name, std::uint64_t max_bytes) {
  if (name.empty() || name.size() >= sizeof(Header::name))
    return Error{cat("the store's name \"", name, "\" has ", name.size(), " bytes; expected 1 to ",
                     sizeof(Header::name) - 1)};
  const RobustLock lock(region_.mutex(), k_config_wait_ms, [] {});
  if (!lock.held()) return Error{"the shared memory region is busy"};
  for (KvStore store = 1; store <= count(); ++store) {
    const Header& known = *header(store);
    if (known.name != name) continue;
    if (known.bytes == max_bytes) return store;
    return Error{cat("the store \"", name, "\" exists with ", known.bytes, " bytes, not ",
                     max_bytes, "; another size needs a restart")};
  }
  return make(name, max_bytes);
}

Result<KvStore> Kv::make(std::string_view name, std::uint64_t max_bytes) {
  const std::uint32_t known = count();
  if (known == k_max_stores) return Error{cat("there are ", known, " stores already")};
  constexpr std::uint64_t k_per_stripe = sizeof(KvStripe) + k_stripe_slots * sizeof(KvSlot);
  const std::uint64_t stripes = std::max<std::uint64_t>(1, max_bytes / k_per_stripe);
  const bool fits = max_bytes <= region_.bytes() - region_.used();
  const std::uint64_t at = fits ? region_.allocate(sizeof(Header)) : 0;
  const std::uint64_t first_stripe = at ? region_.allocate(stripes * sizeof(KvStripe)) : 0;
  const std::uint64_t first_slot =
      first_stripe ? region_.allocate(stripes * k_stripe_slots * sizeof(KvSlot)) : 0;
  if (first_slot == 0)
    return Error{cat("no room for the store \"", name, "\" of ", max_bytes, " bytes: ",
                     region_.bytes() - region_.used(), " of shared_memory_size are left")};
  auto* header = region_.at<Header>(at);
  name.copy(header->name, sizeof header->name - 1);
  header->bytes = max_bytes;
  header->stripes = stripes;
  header->first_stripe = first_stripe;
  header->first_slot = first_slot;
  for (std::uint64_t i = 0; i < stripes; ++i) region_.at<KvStripe>(first_stripe)[i].mutex.init();
  directory_.stores[known] = at;
  directory_.count.store(known + 1, std::memory_order_release);
  return known + 1;
}

std::uint32_t Kv::count() const { return directory_.count.load(std::memory_order_acquire); }

Kv::Header* Kv::header(KvStore store) const {
  if (store == 0 || store > count()) return nullptr;
  return region_.at<Header>(directory_.stores[store - 1]);
}

KvSlots Kv::slots(const Header& header, std::uint64_t stripe) const {
  return {region_.at<KvSlot>(header.first_slot) + stripe, header.stripes};
}

KvFacts Kv::facts(KvStore store) const {
  const Header& known = *header(store);
  return {.name = known.name,
          .bytes = known.bytes,
          .capacity = known.stripes * k_stripe_slots,
          .evictions = known.evictions.load(std::memory_order_relaxed)};
}

KvStatus Kv::get(KvStore store, std::string_view key, void* out, std::size_t capacity,
                 std::size_t* length, std::uint64_t* cas) {
  Header* known = header(store);
  if (known == nullptr) return KvStatus::not_found;
  Access access(*this, *known, key);
  if (!access.held()) return KvStatus::busy;
  const KvSlot* slot = access.find();
  if (slot == nullptr) return KvStatus::not_found;
  const std::int64_t number = slot->number.load(std::memory_order_relaxed);
  const std::string_view value =
      slot->counter() ? std::string_view(reinterpret_cast<const char*>(&number), sizeof number)
                      : slot->value();
  *length = value.size();
  if (cas != nullptr) *cas = slot->stamp.load(std::memory_order_relaxed);
  if (value.size() > capacity) return KvStatus::too_big;
  value.copy(static_cast<char*>(out), value.size());
  return KvStatus::ok;
}

KvStatus Kv::set(KvStore store, std::string_view key, std::string_view value, std::uint64_t ttl_ms,
                 std::uint64_t cas) {
  if (key.empty() || key.size() + value.size() > k_kv_max) return KvStatus::too_big;
  Header* known = header(store);
  if (known == nullptr) return KvStatus::not_found;
  Access access(*this, *known, key);
  if (!access.held()) return KvStatus::busy;
  KvSlot* slot = access.find();
  const bool wanted = cas == 0 || (cas == k_kv_only_absent) == (slot == nullptr);
  if (!wanted) return KvStatus::changed;
  if (cas != 0 && slot != nullptr && slot->stamp.load(std::memory_order_relaxed) != cas)
    return KvStatus::changed;
  if (slot == nullptr) slot = access.make_room();
  access.stripe.put_value(access.slots, slot, access.hash, key, value, expiry(access.now, ttl_ms));
  return KvStatus::ok;
}

KvStatus Kv::del(KvStore store, std::string_view key) {
  Header* known = header(store);
  if (known == nullptr) return KvStatus::not_found;
  Access access(*this, *known, key);
  if (!access.held()) return KvStatus::busy;
  if (KvSlot* slot = access.find()) access.stripe.drop(access.slots, slot);
  return KvStatus::ok;
}

struct Kv::Change {
  std::int64_t delta;
  std::int64_t init;
  std::int64_t limit;
  std::uint64_t ttl_ms;
};

KvStatus Kv::change(KvStore store, std::string_view key, const Change& change, std::int64_t* now) {
  if (key.empty() || key.size() > k_kv_max) return KvStatus::too_big;
  Header* known = header(store);
  if (known == nullptr) return KvStatus::not_found;
  Access access(*this, *known, key);
  if (!access.held()) return KvStatus::busy;
  KvSlot* slot = access.find();
  const bool live = slot != nullptr && slot->counter();
  const std::int64_t before = live ? slot->number.load(std::memory_order_relaxed) : change.init;
  const std::int64_t sum = saturating_add(before, change.delta);
  *now = before;
  if (sum > change.limit) return KvStatus::too_big;
  *now = sum;
  if (live) {
    access.stripe.set_number(slot, sum);
    return KvStatus::ok;
  }
  if (slot == nullptr) slot = access.make_room();
  access.stripe.put_counter(access.slots, slot, access.hash, key, sum,
                            expiry(access.now, change.ttl_ms));
  return KvStatus::ok;
}

KvStatus Kv::add(KvStore store, std::string_view key, std::int64_t delta, std::int64_t init,
                 std::uint64_t ttl_ms, std::int64_t* now) {
  constexpr auto k_no_limit = std::numeric_limits<std::int64_t>::max();
  return change(store, key, {delta, init, k_no_limit, ttl_ms}, now);
}

KvStatus Kv::add_limit(KvStore store, std::string_view key, std::int64_t delta, std::int64_t limit,
                       std::uint64_t ttl_ms, std::int64_t* now) {
  return change(store, key, {delta, 0, limit, ttl_ms}, now);
}

KvStatus Kv::next(KvStore store, std::uint64_t* cursor, KvEntry* out) {
  Header* known = header(store);
  if (known == nullptr) return KvStatus::not_found;
  const std::uint64_t end = known->stripes * k_stripe_slots;
  while (*cursor < end) {
    const std::uint64_t place = *cursor / k_stripe_slots;
    KvStripe& stripe = region_.at<KvStripe>(known->first_stripe)[place];
    const KvSlots column = slots(*known, place);
    const RobustLock lock(stripe.mutex, k_wait_ms, [&] { stripe.repair(column); });
    if (!lock.held()) return KvStatus::busy;
    const std::uint64_t now = now_ns();
    for (std::uint64_t i = *cursor % k_stripe_slots; i < k_stripe_slots; ++i) {
      const KvSlot& slot = column[i];
      if (!slot.live() || slot.expired(now)) continue;
      out->counter = slot.counter();
      out->number = out->counter ? slot.number.load(std::memory_order_relaxed) : 0;
      out->expires_ms = slot.expires_ns == 0 ? 0 : (slot.expires_ns - now) / 1'000'000 + 1;
      out->key_size = slot.key_length;
      out->value_size = slot.value_length;
      std::memcpy(out->bytes, slot.bytes, slot.key_length + std::size_t(slot.value_length));
      *cursor = place * k_stripe_slots + i + 1;
      return KvStatus::ok;
    }
    *cursor = (place + 1) * k_stripe_slots;
  }
  return KvStatus::not_found;
}

}  // namespace gw::shared
