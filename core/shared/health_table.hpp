// SPDX-License-Identifier: Apache-2.0
// HealthTable: what is known of the health of each address that upstreams balance over, the same
// for all workers. A cell for each, found by key; what its numbers mean is for core/upstream. Cells
// are made at configuration time and when names resolve anew; one that nobody has asked for in
// k_kept_ms may be given to another key when there is no other room.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace gw::shared {

class Region;

// All of it may be read and written by several processes at once; zero at first.
struct alignas(64) HealthCell {
  std::atomic<std::uint64_t> key;       // 0: free
  std::atomic<std::uint64_t> used_ms;   // when it was last asked for
  std::atomic<std::uint64_t> since_ms;  // when its state last changed; 0: never
  std::atomic<std::uint64_t> probe_due_ms;
  std::atomic<std::uint64_t> ejected_until_ms;
  std::atomic<std::uint64_t> window;    // answers of an interval
  std::atomic<std::uint32_t> state;     // 0: healthy
  std::atomic<std::uint32_t> counters;  // four of a byte
  std::atomic<std::uint32_t> failures;  // one behind the other
  std::atomic<std::uint32_t> ejections;
};
static_assert(sizeof(HealthCell) == 64, "a line of the processor's cache");

class HealthTable {
 public:
  static constexpr std::uint64_t k_kept_ms = 300000;  // as Kong
  static constexpr std::uint32_t k_cells = 1024;      // of a part
  static constexpr std::uint32_t k_parts = 16;

  static std::unique_ptr<HealthTable> open(Region& region);

  // The cell of a key, made if need be; null when there is no room. Takes the region's lock when it
  // makes one. REQUIRES: key is not 0.
  HealthCell* cell(std::uint64_t key, std::uint64_t now_ms);

  // Grows with each change that makes a difference to who may be chosen.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  void changed() { version_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  struct Directory;
  HealthTable(Region& region, Directory& directory);
  HealthCell* find(std::uint64_t key) const;
  HealthCell* make(std::uint64_t key, std::uint64_t now_ms);
  HealthCell* claim(std::uint32_t part, std::uint64_t key, std::uint64_t now_ms);

  Region& region_;
  Directory& directory_;
  std::atomic<std::uint64_t>& version_;
};

}  // namespace gw::shared
