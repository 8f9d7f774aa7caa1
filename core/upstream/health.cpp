// SPDX-License-Identifier: Apache-2.0
#include "upstream/health.hpp"

#include <algorithm>

namespace gw::upstream {

namespace {

// A cell's four counters.
struct Counters {
  std::uint8_t of[4] = {};  // by Sign

  explicit Counters(std::uint32_t word) {
    for (int i = 0; i < 4; ++i) of[i] = std::uint8_t(word >> (8 * i));
  }
  std::uint32_t word() const {
    return of[0] | std::uint32_t(of[1]) << 8 | std::uint32_t(of[2]) << 16 |
           std::uint32_t(of[3]) << 24;
  }
  void count(Sign sign) {
    auto& mine = of[std::size_t(sign)];
    if (sign == Sign::success)
      of[1] = of[2] = of[3] = 0;
    else
      of[0] = 0;
    if (mine < 255) ++mine;
  }
};

std::uint8_t limit_of(Sign sign, const config::Check& limits) {
  switch (sign) {
    case Sign::success:
      return limits.successes;
    case Sign::http_failure:
      return limits.http_failures;
    case Sign::tcp_failure:
      return limits.tcp_failures;
    case Sign::timeout:
      return limits.timeouts;
    case Sign::nothing:
      break;
  }
  return 0;
}

// The answers of an interval in one word: when it began (in seconds), all, and those that failed.
struct Window {
  std::uint64_t second, all, failed;  // 24, 20 and 20 bits
};
constexpr std::uint64_t k_seconds = 0xFFFFFF, k_most = 0xFFFFF;

Window to_window(std::uint64_t word) { return {word & k_seconds, word >> 24 & k_most, word >> 44}; }
std::uint64_t to_word(const Window& w) { return w.second | w.all << 24 | w.failed << 44; }

}  // namespace

std::string_view to_text(Health health) {
  return health == Health::healthy ? "healthy" : "unhealthy";
}

Sign sign_of(int status, const config::Check& check) {
  if (status < 0 || std::size_t(status) >= check.healthy_statuses.size()) return Sign::nothing;
  if (check.healthy_statuses[std::size_t(status)]) return Sign::success;
  return check.unhealthy_statuses[std::size_t(status)] ? Sign::http_failure : Sign::nothing;
}

bool report(shared::HealthCell& cell, Sign sign, const config::Check& limits,
            std::uint64_t now_ms) {
  const std::uint8_t limit = limit_of(sign, limits);
  if (sign == Sign::nothing) return false;
  const Health now = health_of(cell);
  std::uint32_t word = cell.counters.load(std::memory_order_relaxed);
  // The usual case writes nothing: all is well, and goes on to be.
  if (sign == Sign::success && now == Health::healthy && word >> 8 == 0) return false;
  Counters counters(word);
  do {
    counters = Counters(word);
    counters.count(sign);
  } while (!cell.counters.compare_exchange_weak(word, counters.word(), std::memory_order_relaxed));
  const Health other = sign == Sign::success ? Health::healthy : Health::unhealthy;
  if (limit == 0 || counters.of[std::size_t(sign)] < limit || now == other) return false;
  return set_health(cell, other, now_ms);
}

bool set_health(shared::HealthCell& cell, Health health, std::uint64_t now_ms) {
  auto before = std::uint32_t(health == Health::healthy ? Health::unhealthy : Health::healthy);
  cell.counters.store(0, std::memory_order_relaxed);
  if (!cell.state.compare_exchange_strong(before, std::uint32_t(health), std::memory_order_acq_rel))
    return false;
  cell.since_ms.store(std::max<std::uint64_t>(now_ms, 1), std::memory_order_release);
  return true;
}

bool judge(shared::HealthCell& cell, bool failed, const config::Ejection& rules,
           std::uint64_t now_ms) {
  if (is_ejected(cell, now_ms)) return false;  // what was under way then
  bool out = false;
  if (rules.failures > 0) {
    if (failed)
      out = cell.failures.fetch_add(1, std::memory_order_relaxed) + 1 >= rules.failures;
    else if (cell.failures.load(std::memory_order_relaxed) != 0)
      cell.failures.store(0, std::memory_order_relaxed);
  }
  if (rules.success_rate <= 0) return out;
  std::uint64_t word = cell.window.load(std::memory_order_relaxed);
  Window w{};
  do {
    w = to_window(word);
    const std::uint64_t second = now_ms / 1000 & k_seconds;
    if (((second - w.second) & k_seconds) * 1000 >= rules.interval) w = {second, 0, 0};
    if (w.all < k_most) w.all += 1, w.failed += failed ? 1 : 0;
  } while (!cell.window.compare_exchange_weak(word, to_word(w), std::memory_order_relaxed));
  const double rate = 100 * double(w.all - w.failed) / double(w.all);
  return out || (w.all >= rules.volume && rate < rules.success_rate);
}

std::uint64_t eject(shared::HealthCell& cell, const config::Ejection& rules, std::uint64_t now_ms) {
  const std::uint64_t last_end = cell.ejected_until_ms.load(std::memory_order_relaxed);
  const std::uint64_t good = last_end == 0 || last_end > now_ms ? 0 : now_ms - last_end;
  const std::uint64_t faded = good / std::max<std::uint64_t>(rules.time, 1);
  const std::uint64_t before = cell.ejections.load(std::memory_order_relaxed);
  const std::uint64_t count = (before > faded ? before - faded : 0) + 1;
  const std::uint64_t until =
      now_ms + std::min(rules.time * count, std::max(rules.most_time, rules.time));
  cell.ejections.store(std::uint32_t(count), std::memory_order_relaxed);
  cell.failures.store(0, std::memory_order_relaxed);
  cell.window.store(0, std::memory_order_relaxed);
  cell.ejected_until_ms.store(until, std::memory_order_release);
  return until;
}

}  // namespace gw::upstream
