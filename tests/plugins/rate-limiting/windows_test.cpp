// SPDX-License-Identifier: Apache-2.0
#include "rate-limiting/windows.hpp"

#include "rate-limiting/headers.hpp"
#include "rate-limiting/key.hpp"
#include "support/catch.hpp"

using namespace rate_limiting;

namespace {

constexpr std::int64_t k_day = 86'400;
// 2024-02-29 23:59:59 UTC.
constexpr std::int64_t k_leap_end = 1'709'251'199;

bool equal(Span a, std::int64_t start, std::int64_t end) {
  return a.start == start && a.end == end;
}

}  // namespace

TEST_CASE("short windows are multiples of their length") {
  CHECK(equal(span_of(Period::second, 1'700'000'001), 1'700'000'001, 1'700'000'002));
  CHECK(equal(span_of(Period::minute, 119), 60, 120));
  CHECK(equal(span_of(Period::minute, 120), 120, 180));
  CHECK(equal(span_of(Period::hour, 7'199), 3'600, 7'200));
  CHECK(equal(span_of(Period::day, k_leap_end), k_leap_end + 1 - k_day, k_leap_end + 1));
}

TEST_CASE("months and years are those of the calendar") {
  CHECK(equal(span_of(Period::month, k_leap_end), k_leap_end + 1 - 29 * k_day, k_leap_end + 1));
  CHECK(equal(span_of(Period::month, k_leap_end + 1), k_leap_end + 1, k_leap_end + 1 + 31 * k_day));
  CHECK(equal(span_of(Period::year, k_leap_end), 1'704'067'200, 1'704'067'200 + 366 * k_day));
  CHECK(equal(span_of(Period::month, 0), 0, 31 * k_day));
  CHECK(equal(span_of(Period::year, -1), -365 * k_day, 0));
  CHECK(equal(span_of(Period::minute, -1), -60, 0));
}

TEST_CASE("December runs into the next year") {
  const std::int64_t new_year = 1'735'689'600;  // 2025
  CHECK(equal(span_of(Period::month, new_year - 1), new_year - 31 * k_day, new_year));
}

TEST_CASE("reset counts a month as 30 days and is never below 1") {
  const Span march = span_of(Period::month, k_leap_end + 1);
  CHECK(seconds_to_reset(Period::month, march, march.start) == 30 * k_day);
  CHECK(seconds_to_reset(Period::month, march, march.end - 1) == 1);
  const Span minute = span_of(Period::minute, 119);
  CHECK(seconds_to_reset(Period::minute, minute, 60) == 60);
  CHECK(seconds_to_reset(Period::minute, minute, 119) == 1);
}

TEST_CASE("windows move only when they are over, also back when the clock is set") {
  Windows windows(hash_of_scope("r", "s"), {{Period::second, 1}, {Period::minute, 2}});
  windows.move_to(119);
  CHECK(windows[0].span.start == 119);
  CHECK(windows[1].span.start == 60);
  windows.move_to(120);
  CHECK(windows[0].span.start == 120);
  CHECK(windows[1].span.start == 120);
  windows.move_to(61);
  CHECK(windows[0].span.start == 61);
  CHECK(windows[1].span.start == 60);
}

TEST_CASE("keys differ by scope, window, period, kind and identity, and fit the store") {
  const auto prefix = Key::make_prefix(hash_of_scope("r", "s"), 60);
  const auto key = [](const Key::Prefix& of, Period period, IdentityKind kind,
                      std::string_view text) {
    return std::string(Key(of, period, {kind, text}).view());
  };
  const std::string base = key(prefix, Period::minute, IdentityKind::ip, "10.0.0.1");
  CHECK(base == key(prefix, Period::minute, IdentityKind::ip, "10.0.0.1"));
  CHECK(base != key(prefix, Period::hour, IdentityKind::ip, "10.0.0.1"));
  CHECK(base != key(prefix, Period::minute, IdentityKind::header, "10.0.0.1"));
  CHECK(base != key(prefix, Period::minute, IdentityKind::ip, "10.0.0.2"));
  const auto later = Key::make_prefix(hash_of_scope("r", "s"), 120);
  const auto elsewhere = Key::make_prefix(hash_of_scope("r", ""), 60);
  CHECK(base != key(later, Period::minute, IdentityKind::ip, "10.0.0.1"));
  CHECK(base != key(elsewhere, Period::minute, IdentityKind::ip, "10.0.0.1"));
  for (const std::size_t size : {0u, 127u, 128u, 129u, 100'000u}) {
    const std::string text(size, 'x');
    CHECK(key(prefix, Period::year, IdentityKind::path, text).size() + 8 <= GW_KV_MAX);
  }
}

TEST_CASE("the hash of a long identity depends on each byte") {
  const std::string text(200, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 'y';
    CHECK(hash_of(other) != hash_of(text));
  }
  CHECK(hash_of_scope("a", "") == hash_of_scope("a", "00000000-0000-0000-0000-000000000000"));
}

TEST_CASE("header names carry their period") {
  CHECK(period_header("X-RateLimit-Limit-", Period::second) == "X-RateLimit-Limit-Second");
  CHECK(period_header("X-RateLimit-Remaining-", Period::month) == "X-RateLimit-Remaining-Month");
}
