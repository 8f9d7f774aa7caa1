// SPDX-License-Identifier: Apache-2.0
#include "plugin/slots.hpp"

#include <string>
#include <vector>

namespace gw::plugin {

namespace {

constexpr std::size_t k_max_slots = 256;
constexpr std::size_t k_max_name = 64;

struct Slot {
  std::string name;
  std::uint32_t size;
};

std::vector<Slot>& slots() {
  static std::vector<Slot> all{{"", 0}, {GW_SLOT_CONSUMER, sizeof(gw_identity)}};
  return all;
}

}  // namespace

gw_slot define_slot(std::string_view name, std::uint32_t size) {
  auto& all = slots();
  for (gw_slot i = 1; i < all.size(); ++i)
    if (all[i].name == name) return all[i].size == size ? i : 0;
  if (name.empty() || name.size() > k_max_name || size == 0 || all.size() > k_max_slots) return 0;
  all.push_back({std::string(name), size});
  g_slot_count = std::uint32_t(all.size());
  return gw_slot(all.size() - 1);
}

constinit std::uint32_t g_slot_count = k_consumer_slot + 1;

}  // namespace gw::plugin
