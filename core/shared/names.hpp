// SPDX-License-Identifier: Apache-2.0
// Names: texts that all processes know by number, so that a breadcrumb is one word: plugins,
// routes. Only grows; the same text has the same number in all processes and generations.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace gw::shared {

class Region;

class Names {
 public:
  // Makes the table in the region or finds it; null when there is no room.
  static std::unique_ptr<Names> open(Region& region);

  // The number of a text (cut at 64 bytes), made if need be. 0 when the table is full or the region
  // is busy: it shows as "?". For configuration time: takes the region's lock.
  std::uint32_t intern(std::string_view text);
  // Async-signal-safe. Lives as long as the region; "?" for a number that is none.
  std::string_view text(std::uint32_t id) const;

 private:
  struct Table;
  struct Entry;
  explicit Names(Region& region, Table& table) : region_(region), table_(table) {}
  Entry* entries() const;

  Region& region_;
  Table& table_;
};

}  // namespace gw::shared
