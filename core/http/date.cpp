// SPDX-License-Identifier: Apache-2.0
#include "http/date.hpp"

#include <cstdio>
#include <ctime>

namespace gw::http {

std::string_view http_date(std::uint64_t unix_seconds) {
  static constexpr const char* k_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static thread_local std::uint64_t made_for = ~0ull;
  static thread_local char text[64];
  static thread_local std::size_t size = 0;
  if (unix_seconds != made_for) {
    const auto seconds = std::time_t(unix_seconds);
    std::tm t{};
    gmtime_r(&seconds, &t);
    size = std::size_t(std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                     k_days[t.tm_wday], t.tm_mday, k_months[t.tm_mon],
                                     t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec));
    made_for = unix_seconds;
  }
  return {text, size};
}

}  // namespace gw::http
