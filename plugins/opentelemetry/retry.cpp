// SPDX-License-Identifier: Apache-2.0
#include "retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace otel {
namespace {

constexpr std::uint64_t k_max_wait_s = 1'000'000'000;  // about 30 years: no overflow behind it

struct Date {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// Reads a date by a pattern: Y M D h m s stand for a number or month name, w for a weekday's
// letters, everything else for itself.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool read(std::string_view pattern, Date& date) {
    return std::all_of(pattern.begin(), pattern.end(),
                       [&](char what) { return step(what, date); }) &&
           text_.empty();
  }

 private:
  bool step(char what, Date& date) {
    switch (what) {
      case 'w':
        return skip_letters();
      case 'Z':
        return skip_text("GMT");
      case 'M':
        return month(date.month);
      case 'Y':
        return number(date.year, 4);
      case 'y':
        return number(date.year, 2);
      case 'D':
        return number(date.day, 2);
      case 'h':
        return number(date.hour, 2);
      case 'm':
        return number(date.minute, 2);
      case 's':
        return number(date.second, 2);
      default:
        return skip_text({&what, 1});
    }
  }

  bool skip_text(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }

  bool skip_letters() {
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    const auto* end = std::find_if_not(text_.begin(), text_.end(), is_letter);
    const auto n = std::size_t(end - text_.begin());
    text_.remove_prefix(n);
    return n != 0;
  }

  bool month(int& out) {
    constexpr std::string_view k_names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text_.size() < 3) return false;
    const auto at = k_names.find(text_.substr(0, 3));
    if (at == std::string_view::npos || at % 3 != 0) return false;
    out = int(at / 3) + 1;
    text_.remove_prefix(3);
    return true;
  }

  // asctime pads the day with a space.
  bool number(int& out, std::size_t digits) {
    if (text_.size() < digits) return false;
    const std::size_t pad = text_[0] == ' ' ? 1 : 0;
    const char* end = text_.data() + digits;
    const auto result = std::from_chars(text_.data() + pad, end, out);
    text_.remove_prefix(digits);
    return result.ec == std::errc{} && result.ptr == end && out >= 0;
  }

  std::string_view text_;
};

std::optional<std::uint64_t> unix_seconds(const Date& date) {
  const std::chrono::year_month_day day{std::chrono::year(date.year),
                                        std::chrono::month(unsigned(date.month)),
                                        std::chrono::day(unsigned(date.day))};
  if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  const std::int64_t hours = days * 24LL + date.hour;
  const std::int64_t seconds = (hours * 60 + date.minute) * 60 + date.second;
  return seconds < 0 ? 0 : std::uint64_t(seconds);
}

std::optional<std::uint64_t> parse_date(std::string_view value, std::uint64_t now_s) {
  Date date;
  if (DateReader(value).read("w, D M Y h:m:s Z", date) ||
      DateReader(value).read("w M D h:m:s Y", date)) {
    return unix_seconds(date);
  }
  if (!DateReader(value).read("w, D-M-y h:m:s Z", date)) return std::nullopt;
  // RFC 9110, 5.6.7: two digits mean the past when they would be more than 50 years ahead.
  const int this_year = 1970 + int(now_s / 31'556'952);
  date.year += this_year - this_year % 100;
  if (date.year > this_year + 50) date.year -= 100;
  return unix_seconds(date);
}

}  // namespace

bool is_retryable_status(std::int32_t http_status) {
  return http_status == 429 || http_status == 502 || http_status == 503 || http_status == 504;
}

std::uint64_t RetrySchedule::backoff_ms(std::uint32_t failures, std::uint64_t random) const {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures == 0 ? 0 : failures - 1, 30);
  const std::uint64_t whole = std::min(initial_delay_ms << doublings, max_delay_ms);
  const std::uint64_t half = whole / 2;
  return std::max<std::uint64_t>(1, whole - half + (half == 0 ? 0 : random % (half + 1)));
}

std::optional<std::uint64_t> RetrySchedule::next_ms(
    std::uint32_t failures, std::uint64_t random, std::uint64_t elapsed_ms,
    std::optional<std::uint64_t> retry_after) const {
  const std::uint64_t wait = retry_after ? *retry_after : backoff_ms(failures, random);
  if (elapsed_ms + wait > max_time_ms) return std::nullopt;
  return wait;
}

std::optional<std::uint64_t> parse_retry_after(std::string_view value, std::uint64_t unix_ns) {
  std::uint64_t seconds = 0;
  const auto number = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (number.ptr == value.data() + value.size() && !value.empty()) {
    if (number.ec != std::errc{}) seconds = k_max_wait_s;
    return std::min(seconds, k_max_wait_s) * 1000;
  }
  const auto date = parse_date(value, unix_ns / 1'000'000'000);
  if (!date) return std::nullopt;
  const std::uint64_t now_ms = unix_ns / 1'000'000;
  return *date * 1000 > now_ms ? *date * 1000 - now_ms : 0;
}

}  // namespace otel
