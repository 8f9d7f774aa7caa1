// SPDX-License-Identifier: Apache-2.0
// Health: what the cells of the shared table mean, and how they change. Kong's rules: a success
// clears the failures, a failure clears the successes, each kind of failure has a limit of its own,
// and a target changes sides when a limit is reached. Beside them ejection, which Kong lacks: who
// fails is left out for a time and comes back by itself.
//
// Any worker may report at any time; each change is one atomic step, and who makes it tells it.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/balancing.hpp"
#include "shared/health_table.hpp"

namespace gw::upstream {

enum class Health : std::uint32_t { healthy, unhealthy };
std::string_view to_text(Health health);

// What an attempt or a probe has shown.
enum class Sign : std::uint8_t { success, http_failure, tcp_failure, timeout, nothing };

// Of a status, by the lists of a check: on neither it shows nothing.
Sign sign_of(int status, const config::Check& check);

// Counts it. True: the target has changed sides by it.
bool report(shared::HealthCell& cell, Sign sign, const config::Check& limits, std::uint64_t now_ms);
// By hand. True: it was on the other side.
bool set_health(shared::HealthCell& cell, Health health, std::uint64_t now_ms);

// Counts an attempt that was answered without an error, or not. True: the target is to be ejected.
bool judge(shared::HealthCell& cell, bool failed, const config::Ejection& rules,
           std::uint64_t now_ms);
// For `time` times how often it was ejected; that count fades by one for each such time that it
// stays. Answers until when.
std::uint64_t eject(shared::HealthCell& cell, const config::Ejection& rules, std::uint64_t now_ms);

inline Health health_of(const shared::HealthCell& cell) {
  return Health(cell.state.load(std::memory_order_acquire));
}
inline bool is_ejected(const shared::HealthCell& cell, std::uint64_t now_ms) {
  return cell.ejected_until_ms.load(std::memory_order_acquire) > now_ms;
}

}  // namespace gw::upstream
