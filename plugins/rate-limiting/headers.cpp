// SPDX-License-Identifier: Apache-2.0
#include "headers.hpp"

#include <charconv>

namespace rate_limiting {
namespace {

// A number as text, on the stack.
class Digits {
 public:
  explicit Digits(std::int64_t number)
      : size_(std::size_t(std::to_chars(text_, text_ + sizeof text_, number).ptr - text_)) {}
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[20];
  std::size_t size_;
};

}  // namespace

Report make_report(const Windows& windows, const Usage& usage, bool refused,
                   std::int64_t unix_seconds) {
  Report report{};
  report.windows = std::uint32_t(windows.size());
  report.refused = refused;
  for (std::uint32_t i = 0; i < report.windows; ++i) {
    report.remaining[i] = usage.remaining[i];
    if (usage.remaining[i] <= usage.remaining[report.tightest]) report.tightest = i;
  }
  const Window& tightest = windows[report.tightest];
  report.reset = seconds_to_reset(tightest.period, tightest.span, unix_seconds);
  return report;
}

std::string period_header(std::string_view prefix, Period period) {
  std::string name(prefix);
  const std::size_t first = name.size();
  name.append(name_of(period));
  name[first] = char(name[first] - 'a' + 'A');
  return name;
}

Headers::Headers(const gw::config& source,
                 const std::vector<std::pair<Period, std::int64_t>>& limits)
    : limit_(source.header_id("RateLimit-Limit")),
      remaining_(source.header_id("RateLimit-Remaining")),
      reset_(source.header_id("RateLimit-Reset")),
      retry_after_(source.header_id("Retry-After")) {
  for (const auto& [period, limit] : limits) {
    windows_.push_back({source.header_id(period_header("X-RateLimit-Limit-", period)),
                        source.header_id(period_header("X-RateLimit-Remaining-", period)),
                        std::to_string(limit)});
  }
}

void Headers::write(const Report& report, gw::headers to) const {
  for (std::uint32_t i = 0; i < report.windows; ++i) {
    const OfWindow& window = windows_[i];
    const Digits remaining(report.remaining[i]);
    to.set_header(window.limit, window.limit_text, GW_BORROW);
    to.set_header(window.remaining, remaining.view());
    if (i != report.tightest) continue;
    to.set_header(limit_, window.limit_text, GW_BORROW);
    to.set_header(remaining_, remaining.view());
  }
  const Digits reset(report.reset);
  to.set_header(reset_, reset.view());
  if (report.refused) to.set_header(retry_after_, reset.view());
}

}  // namespace rate_limiting
