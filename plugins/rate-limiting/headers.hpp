// SPDX-License-Identifier: Apache-2.0
// What the client is told: for every window X-RateLimit-Limit-Minute and
// X-RateLimit-Remaining-Minute, for the tightest one RateLimit-Limit, RateLimit-Remaining and
// RateLimit-Reset, and Retry-After with a refusal. Names are interned and limits printed when the
// configuration is made; a request prints its own few numbers into buffers on the stack.
#pragma once

#include <string>
#include <vector>

#include "counters.hpp"

namespace rate_limiting {

// What a request has to tell; all zero (as the host makes it): nothing.
struct Report {
  std::int64_t remaining[k_periods];
  std::int64_t reset;  // seconds, of the tightest window
  std::uint32_t windows;
  std::uint32_t tightest;
  bool refused;
};

// The window with the least left, of equals the larger one.
Report make_report(const Windows& windows, const Usage& usage, bool refused,
                   std::int64_t unix_seconds);

// "X-RateLimit-Limit-Minute" of ("X-RateLimit-Limit-", minute).
std::string period_header(std::string_view prefix, Period period);

class Headers {
 public:
  Headers(const gw::config& source, const std::vector<std::pair<Period, std::int64_t>>& limits);
  void write(const Report& report, gw::headers to) const;

 private:
  struct OfWindow {
    gw::hid limit, remaining;
    std::string limit_text;
  };

  std::vector<OfWindow> windows_;
  gw::hid limit_, remaining_, reset_, retry_after_;
};

}  // namespace rate_limiting
