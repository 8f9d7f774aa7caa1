// SPDX-License-Identifier: Apache-2.0
#include "shared/health_table.hpp"

#include "shared/region.hpp"
#include "shared/robust_mutex.hpp"

namespace gw::shared {

namespace {

constexpr std::uint32_t k_looked = 16;  // cells that a key may stand in, of a part
constexpr std::uint64_t k_wait_ms = 2000;

}  // namespace

struct HealthTable::Directory {
  std::atomic<std::uint64_t> version;
  std::atomic<std::uint64_t> parts[k_parts];  // 0: not made yet
};

HealthTable::HealthTable(Region& region, Directory& directory)
    : region_(region), directory_(directory), version_(directory.version) {}

std::unique_ptr<HealthTable> HealthTable::open(Region& region) {
  std::uint64_t at = region.root(Root::health);
  if (at == 0) {
    at = region.allocate(sizeof(Directory));
    if (at == 0) return nullptr;
    region.set_root(Root::health, at);
  }
  return std::unique_ptr<HealthTable>(new HealthTable(region, *region.at<Directory>(at)));
}

HealthCell* HealthTable::cell(std::uint64_t key, std::uint64_t now_ms) {
  HealthCell* found = find(key);
  if (found == nullptr) {
    const RobustLock lock(region_.mutex(), k_wait_ms, [] {});
    if (!lock.held()) return nullptr;
    found = find(key);
    if (found == nullptr) found = make(key, now_ms);
  }
  if (found != nullptr) found->used_ms.store(now_ms, std::memory_order_relaxed);
  return found;
}

HealthCell* HealthTable::find(std::uint64_t key) const {
  for (const auto& part : directory_.parts) {
    const std::uint64_t at = part.load(std::memory_order_acquire);
    if (at == 0) return nullptr;
    for (std::uint32_t i = 0; i < k_looked; ++i) {
      HealthCell& cell = region_.at<HealthCell>(at)[(key + i) % k_cells];
      if (cell.key.load(std::memory_order_acquire) == key) return &cell;
    }
  }
  return nullptr;
}

HealthCell* HealthTable::make(std::uint64_t key, std::uint64_t now_ms) {
  for (std::uint32_t part = 0; part < k_parts; ++part) {
    if (directory_.parts[part].load(std::memory_order_acquire) == 0) {
      const std::uint64_t at = region_.allocate(k_cells * sizeof(HealthCell));
      if (at == 0) break;
      directory_.parts[part].store(at, std::memory_order_release);
    }
    if (HealthCell* free = claim(part, key, 0)) return free;
  }
  for (std::uint32_t part = 0; part < k_parts; ++part)
    if (directory_.parts[part].load(std::memory_order_acquire) != 0)
      if (HealthCell* old = claim(part, key, now_ms)) return old;
  return nullptr;
}

// A free cell; if now_ms is not 0, also one that is no longer used.
HealthCell* HealthTable::claim(std::uint32_t part, std::uint64_t key, std::uint64_t now_ms) {
  auto* cells = region_.at<HealthCell>(directory_.parts[part].load(std::memory_order_acquire));
  for (std::uint32_t i = 0; i < k_looked; ++i) {
    HealthCell& cell = cells[(key + i) % k_cells];
    const bool free = cell.key.load(std::memory_order_relaxed) == 0;
    const bool old = cell.used_ms.load(std::memory_order_relaxed) + k_kept_ms < now_ms;
    if (!free && !old) continue;
    for (auto* number : {&cell.since_ms, &cell.probe_due_ms, &cell.ejected_until_ms, &cell.window})
      number->store(0, std::memory_order_relaxed);
    for (auto* number : {&cell.state, &cell.counters, &cell.failures, &cell.ejections})
      number->store(0, std::memory_order_relaxed);
    cell.key.store(key, std::memory_order_release);
    if (!free) changed();  // whoever still holds it looks again
    return &cell;
  }
  return nullptr;
}

}  // namespace gw::shared
