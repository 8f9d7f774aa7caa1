// SPDX-License-Identifier: Apache-2.0
// FoldMap: a map from ASCII names without case (hosts, header names) to numbers, filled once, then
// only asked. Open addressing, at most half full; a look-up reads the name eight bytes at a time
// and makes no lower-case copy. Names come from the configuration, so nobody outside can choose
// colliding ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gw::routing {

class FoldMap {
 public:
  static constexpr std::uint32_t k_absent = 0xFFFFFFFF;

  // The number of a name that is there, else `value`, which it gets.
  std::uint32_t insert(std::string_view name, std::uint32_t value);
  std::uint32_t find(std::string_view name) const;

  std::size_t size() const { return used_; }
  bool empty() const { return used_ == 0; }
  // No name is longer: what is needn't be hashed.
  std::size_t longest() const { return longest_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t at = 0;  // in names_
    std::uint32_t size = 0;
    std::uint32_t value = k_absent;  // absent: free
  };
  // The slot of the name, or the free one where it belongs. REQUIRES: slots_ is not empty.
  std::size_t place(std::string_view name, std::uint32_t hash) const;
  void grow();

  std::vector<Slot> slots_;
  std::string names_;
  std::size_t used_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace gw::routing
