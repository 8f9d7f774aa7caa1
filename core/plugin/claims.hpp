// SPDX-License-Identifier: Apache-2.0
// Claims: which worker runs a background timer, by the timer's key; kept in a store of the shared
// region, so that a worker that dies holds nothing up. A claim is good while its process is at
// work.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/kv.hpp"
#include "shared/region.hpp"

namespace gw::plugin {

class Claims {
 public:
  static constexpr std::string_view k_store = "gatewright.background";

  explicit Claims(shared::Region& region) : region_(region) {}

  // Makes the place for them, once. False: the region has no room.
  bool open();
  // Whether it is this process' for this generation, which takes it if it is nobody's or of an
  // older generation of this process.
  bool hold(std::string_view key, std::uint64_t generation);
  // If it is held.
  void release(std::string_view key, std::uint64_t generation);

 private:
  struct Holder {
    std::uint32_t slot = 0;
    std::uint32_t starts = 0;  // of the slot: which process that is
    std::uint64_t generation = 0;
    bool operator==(const Holder&) const = default;
  };
  Holder me(std::uint64_t generation) const;
  bool is_at_work(const Holder& holder) const;

  shared::Region& region_;
  shared::KvStore store_ = 0;
};

}  // namespace gw::plugin
