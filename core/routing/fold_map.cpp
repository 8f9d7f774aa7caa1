// SPDX-License-Identifier: Apache-2.0
#include "routing/fold_map.hpp"

#include <cstring>

#include "base/text.hpp"

namespace gw::routing {

namespace {

// Setting bit 5 folds letters; it also makes some other bytes equal, which a hash may.
std::uint32_t hash_of(std::string_view name) {
  constexpr std::uint64_t k_fold = 0x2020202020202020;
  constexpr std::uint64_t k_factor = 0x9E3779B97F4A7C15;
  std::uint64_t hash = name.size();
  while (!name.empty()) {
    std::uint64_t word = 0;
    const auto n = std::min(name.size(), sizeof word);
    std::memcpy(&word, name.data(), n);
    hash = (hash ^ (word | k_fold)) * k_factor;
    hash ^= hash >> 29;
    name.remove_prefix(n);
  }
  return std::uint32_t(hash >> 32 ^ hash);
}

}  // namespace

std::size_t FoldMap::place(std::string_view name, std::uint32_t hash) const {
  const auto mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.value == k_absent) return i;
    if (slot.hash == hash && slot.size == name.size() &&
        iequals(std::string_view(names_).substr(slot.at, slot.size), name))
      return i;
  }
}

void FoldMap::grow() {
  std::vector<Slot> old(slots_.empty() ? 8 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.value != k_absent)
      slots_[place(std::string_view(names_).substr(slot.at, slot.size), slot.hash)] = slot;
}

std::uint32_t FoldMap::insert(std::string_view name, std::uint32_t value) {
  if (used_ * 2 >= slots_.size()) grow();
  const auto hash = hash_of(name);
  Slot& slot = slots_[place(name, hash)];
  if (slot.value != k_absent) return slot.value;
  slot = {hash, std::uint32_t(names_.size()), std::uint32_t(name.size()), value};
  names_.append(name);
  ++used_;
  longest_ = std::max(longest_, name.size());
  return value;
}

std::uint32_t FoldMap::find(std::string_view name) const {
  if (used_ == 0 || name.size() > longest_) return k_absent;
  return slots_[place(name, hash_of(name))].value;
}

}  // namespace gw::routing
