// SPDX-License-Identifier: Apache-2.0
// Slots: typed values of a request, shared by plugins under a name with a revision. Numbers are
// given for the life of the process; the consumer's is always there. Main thread.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>
#include <string_view>

namespace gw::plugin {

inline constexpr gw_slot k_consumer_slot = 1;

// Finds or makes. 0: the name is known with another size, is empty or longer than 64 bytes, or
// there are 256 slots.
gw_slot define_slot(std::string_view name, std::uint32_t size);
extern std::uint32_t g_slot_count;
// Slot numbers are below it.
inline std::uint32_t slot_count() { return g_slot_count; }

}  // namespace gw::plugin
