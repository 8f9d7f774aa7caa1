// SPDX-License-Identifier: Apache-2.0
#include "opentelemetry/retry.hpp"

#include <set>

#include "support/catch.hpp"

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::uint64_t k_example_ns = 784'111'777ULL * 1'000'000'000;

}  // namespace

TEST_CASE("only 429, 502, 503 and 504 are tried again") {
  std::set<int> retried;
  for (int status = 100; status < 600; ++status) {
    if (otel::is_retryable_status(status)) retried.insert(status);
  }
  CHECK(retried == std::set<int>{429, 502, 503, 504});
}

TEST_CASE("the back-off doubles up to its limit, spread over the upper half") {
  const otel::RetrySchedule schedule{.initial_delay_ms = 100, .max_delay_ms = 1000};
  CHECK(schedule.backoff_ms(1, 0) == 50);
  CHECK(schedule.backoff_ms(1, 50) == 100);
  CHECK(schedule.backoff_ms(2, 100) == 200);
  CHECK(schedule.backoff_ms(4, 400) == 800);
  CHECK(schedule.backoff_ms(5, 0) == 500);
  CHECK(schedule.backoff_ms(5, 500) == 1000);
  CHECK(schedule.backoff_ms(4'000'000'000U, 500) == 1000);
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const auto wait = schedule.backoff_ms(3, random * 7919);
    CHECK(wait >= 200);
    CHECK(wait <= 400);
  }
}

TEST_CASE("a batch is given up when the wait would end after the time for retries") {
  const otel::RetrySchedule schedule{
      .initial_delay_ms = 100, .max_delay_ms = 1000, .max_time_ms = 5000};
  CHECK(schedule.next_ms(1, 50, 4900, std::nullopt) == 100);
  CHECK_FALSE(schedule.next_ms(1, 50, 4901, std::nullopt));
  CHECK(schedule.next_ms(1, 0, 1000, 4000) == 4000);
  CHECK_FALSE(schedule.next_ms(1, 0, 1000, 4001));
}

TEST_CASE("Retry-After as seconds") {
  CHECK(otel::parse_retry_after("0", k_example_ns) == 0);
  CHECK(otel::parse_retry_after("120", k_example_ns) == 120'000);
  CHECK(otel::parse_retry_after("99999999999999999999999", k_example_ns).value() > 86'400'000);
}

TEST_CASE("Retry-After as a date, in the three forms of HTTP") {
  const std::uint64_t minute_before = k_example_ns - 60'000'000'000ULL;
  CHECK(otel::parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", minute_before) == 60'000);
  CHECK(otel::parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", minute_before) == 60'000);
  CHECK(otel::parse_retry_after("Sun Nov  6 08:49:37 1994", minute_before) == 60'000);
}

TEST_CASE("a Retry-After date that has passed means now") {
  CHECK(otel::parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", k_example_ns + 1) == 0);
}

TEST_CASE("a two-digit year is not more than 50 years ahead") {
  // 1 Jan 2026 00:00:00 UTC
  constexpr std::uint64_t k_now = 1'767'225'600ULL * 1'000'000'000;
  CHECK(otel::parse_retry_after("Friday, 02-Jan-26 00:00:00 GMT", k_now) == 86'400'000);
  CHECK(otel::parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", k_now) == 0);
}

TEST_CASE("what is neither seconds nor a date is no Retry-After") {
  for (const char* bad : {"", " 5", "5s", "-1", "soon", "Sun, 06 Nov 1994 08:49:37",
                          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                          "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x"}) {
    INFO(bad);
    CHECK_FALSE(otel::parse_retry_after(bad, k_example_ns));
  }
}
