// SPDX-License-Identifier: Apache-2.0
#include "shared/names.hpp"

#include <algorithm>
#include <atomic>

#include "shared/region.hpp"
#include "shared/robust_mutex.hpp"
#include "shared/sip_hash.hpp"

namespace gw::shared {

namespace {

constexpr std::size_t k_max_text = 64;
constexpr std::uint64_t k_wait_ms = 1000;

}  // namespace

// 72 bytes; the number is the place in the table, found by open addressing.
struct Names::Entry {
  std::atomic<std::uint32_t> length;  // plus 1; 0: free. Stored last.
  char text[k_max_text];
  std::uint32_t hash;
};

struct Names::Table {
  std::uint32_t mask;
  std::uint32_t used;
};

std::unique_ptr<Names> Names::open(Region& region) {
  std::uint64_t at = region.root(Root::names);
  if (at == 0) {
    // Up to 65536 places (4.5 MiB), less in a small region.
    std::size_t places = 1024;
    while (places < 65536 && places * sizeof(Entry) < region.bytes() / 64) places *= 2;
    at = region.allocate(64 + places * sizeof(Entry));
    if (at == 0) return nullptr;
    region.at<Table>(at)->mask = std::uint32_t(places - 1);
    region.set_root(Root::names, at);
  }
  return std::unique_ptr<Names>(new Names(region, *region.at<Table>(at)));
}

Names::Entry* Names::entries() const {
  return reinterpret_cast<Entry*>(reinterpret_cast<char*>(&table_) + 64);
}

std::uint32_t Names::intern(std::string_view text) {
  text = text.substr(0, k_max_text);
  const auto hash = std::uint32_t(sip_hash({}, text));  // the same in every build
  const RobustLock lock(region_.mutex(), k_wait_ms, [] {});
  if (!lock.held()) return 0;
  // Place 0 is not used: 0 is no name.
  for (std::uint32_t place = hash & table_.mask;; place = (place + 1) & table_.mask) {
    if (place == 0) continue;
    Entry& entry = entries()[place];
    const std::uint32_t length = entry.length.load(std::memory_order_relaxed);
    if (length == 0) {
      if (table_.used >= table_.mask - table_.mask / 8) return 0;
      ++table_.used;
      entry.hash = hash;
      std::copy(text.begin(), text.end(), entry.text);
      entry.length.store(std::uint32_t(text.size() + 1), std::memory_order_release);
      return place;
    }
    if (entry.hash == hash && std::string_view(entry.text, length - 1) == text) return place;
  }
}

std::string_view Names::text(std::uint32_t id) const {
  if (id == 0 || id > table_.mask) return "?";
  const Entry& entry = entries()[id];
  const std::uint32_t length = entry.length.load(std::memory_order_acquire);
  return length == 0 ? std::string_view("?") : std::string_view(entry.text, length - 1);
}

}  // namespace gw::shared
