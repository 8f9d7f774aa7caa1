// SPDX-License-Identifier: Apache-2.0
#include "windows.hpp"

#include <algorithm>
#include <chrono>

namespace rate_limiting {
namespace {

constexpr std::array<std::int64_t, k_periods> k_nominal_seconds{1,      60,          3'600,
                                                                86'400, 30 * 86'400, 365 * 86'400};

std::int64_t seconds_at(std::chrono::sys_days day) {
  return std::chrono::sys_seconds(day).time_since_epoch().count();
}

Span month_of(std::chrono::year_month_day day) {
  const std::chrono::year_month month(day.year(), day.month());
  const std::chrono::day first(1);
  return {seconds_at(month / first), seconds_at((month + std::chrono::months(1)) / first)};
}

Span year_of(std::chrono::year_month_day day) {
  const auto begin = [](std::chrono::year year) { return seconds_at(year / 1 / 1); };
  return {begin(day.year()), begin(day.year() + std::chrono::years(1))};
}

}  // namespace

Span span_of(Period period, std::int64_t unix_seconds) {
  if (period < Period::month) {
    const std::int64_t length = k_nominal_seconds[std::size_t(period)];
    const std::int64_t into = ((unix_seconds % length) + length) % length;
    return {unix_seconds - into, unix_seconds - into + length};
  }
  const std::chrono::sys_seconds moment{std::chrono::seconds(unix_seconds)};
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(moment));
  return period == Period::month ? month_of(day) : year_of(day);
}

std::int64_t seconds_to_reset(Period period, const Span& span, std::int64_t unix_seconds) {
  const std::int64_t left = k_nominal_seconds[std::size_t(period)] - (unix_seconds - span.start);
  return std::max<std::int64_t>(left, 1);
}

}  // namespace rate_limiting
