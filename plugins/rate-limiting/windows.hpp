// SPDX-License-Identifier: Apache-2.0
// Calendar windows: the second, minute … year in which a moment lies, in UTC. Pure functions.
//
// All windows nest: a smaller one never reaches over the edge of a larger one. counters.cpp relies
// on that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rate_limiting {

enum class Period : std::uint8_t { second, minute, hour, day, month, year };
inline constexpr std::size_t k_periods = 6;
inline constexpr std::array<std::string_view, k_periods> k_period_names{"second", "minute", "hour",
                                                                        "day",    "month",  "year"};

constexpr std::string_view name_of(Period period) { return k_period_names[std::size_t(period)]; }

// [start, end) in seconds since 1970.
struct Span {
  std::int64_t start = 0, end = 0;
  constexpr bool contains(std::int64_t moment) const { return moment >= start && moment < end; }
};

Span span_of(Period period, std::int64_t unix_seconds);

// Seconds until the window is said to start anew, at least 1. As in Kong a month counts as 30 days
// and a year as 365, whatever the calendar says.
std::int64_t seconds_to_reset(Period period, const Span& span, std::int64_t unix_seconds);

}  // namespace rate_limiting
