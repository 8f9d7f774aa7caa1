// SPDX-License-Identifier: Apache-2.0
// Kv: the stores behind gw.kv/1 (host/kv.h tells the contract). A store is an array of 256-byte
// slots in stripes of 32; a key can lie only in its stripe, which has a robust lock of its own. An
// entry that is being changed says so, and whoever finds that its changer died drops it; a live
// counter is changed by one aligned store, so it is never half changed and never dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace gw::shared {

class Region;
struct KvSlots;  // kv_stripe.hpp

enum class KvStatus : std::uint8_t { ok, not_found, too_big, busy, changed };

inline constexpr std::size_t k_kv_max = 208;  // bytes of key and value
inline constexpr std::uint64_t k_kv_only_absent = ~0ull;

// A number of a store, the same in all processes; 0 is none.
using KvStore = std::uint32_t;

struct KvEntry {
  bool counter = false;
  std::int64_t number = 0;       // of a counter
  std::uint64_t expires_ms = 0;  // from now; 0: never
  std::uint32_t key_size = 0, value_size = 0;
  char bytes[k_kv_max];  // key, value
};

struct KvFacts {
  std::string_view name;
  std::uint64_t bytes = 0;
  std::uint64_t capacity = 0;   // entries
  std::uint64_t evictions = 0;  // entries that had not expired
};

class Kv {
 public:
  // Makes the directory in the region or finds it; null when there is no room.
  static std::unique_ptr<Kv> open_directory(Region& region);

  // Opens or makes the store of this name (1 to 63 bytes). For configuration time.
  Result<KvStore> open(std::string_view name, std::uint64_t max_bytes);
  std::uint32_t count() const;
  // REQUIRES: 1 <= store <= count().
  KvFacts facts(KvStore store) const;

  // Any thread, any process. A store that is none answers not_found. A wait for a lock is at most
  // 50 ms (busy). REQUIRES: the key is not empty, else too_big.
  //
  // *length is the full length, also for too_big; *cas may be null. A counter reads as its 8 bytes.
  KvStatus get(KvStore store, std::string_view key, void* out, std::size_t capacity,
               std::size_t* length, std::uint64_t* cas);
  // cas 0: whatever is there; k_kv_only_absent; else only if unchanged since get() told it.
  KvStatus set(KvStore store, std::string_view key, std::string_view value, std::uint64_t ttl_ms,
               std::uint64_t cas);
  KvStatus del(KvStore store, std::string_view key);
  // An absent key, or one that is not a counter, begins at init with this lifetime.
  KvStatus add(KvStore store, std::string_view key, std::int64_t delta, std::int64_t init,
               std::uint64_t ttl_ms, std::int64_t* now);
  // too_big: the sum would be above limit; nothing is added, *now is the value as it is.
  KvStatus add_limit(KvStore store, std::string_view key, std::int64_t delta, std::int64_t limit,
                     std::uint64_t ttl_ms, std::int64_t* now);
  // The next live entry behind *cursor (0 at first), which is moved on; not_found: there is none.
  // What is there all the time is told once. busy leaves the cursor.
  KvStatus next(KvStore store, std::uint64_t* cursor, KvEntry* out);

 private:
  struct Directory;
  struct Header;
  struct Access;
  struct Change;

  Kv(Region& region, Directory& directory) : region_(region), directory_(directory) {}
  Header* header(KvStore store) const;
  KvSlots slots(const Header& header, std::uint64_t stripe) const;
  Result<KvStore> make(std::string_view name, std::uint64_t max_bytes);
  KvStatus change(KvStore store, std::string_view key, const Change& change, std::int64_t* now);

  Region& region_;
  Directory& directory_;
};

}  // namespace gw::shared
