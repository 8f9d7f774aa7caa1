// SPDX-License-Identifier: Apache-2.0
// When a batch that the collector did not take is sent again: the rules of OTLP/HTTP. 429, 502, 503
// and 504 and a peer that could not be reached are tried again, after Retry-After if the collector
// named it, else after an exponential back-off with jitter; everything else is final.
// Pure: the clock's values and the random number are arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace otel {

[[nodiscard]] bool is_retryable_status(std::int32_t http_status);

struct RetrySchedule {
  std::uint64_t initial_delay_ms = 10;
  std::uint64_t max_delay_ms = 60'000;
  std::uint64_t max_time_ms = 60'000;  // from the first call on; then the batch is given up

  // Wait before the next call after `failures` calls failed (1 for the first). The delay doubles
  // with each and is spread over its upper half by `random`, so that workers and gateways that
  // failed together don't come back together.
  [[nodiscard]] std::uint64_t backoff_ms(std::uint32_t failures, std::uint64_t random) const;

  // The wait, or nothing when the batch is to be given up: the wait would end after the time for
  // retries. elapsed_ms: since the first call.
  [[nodiscard]] std::optional<std::uint64_t> next_ms(
      std::uint32_t failures, std::uint64_t random, std::uint64_t elapsed_ms,
      std::optional<std::uint64_t> retry_after) const;
};

// Milliseconds to wait by a Retry-After field (RFC 9110, 10.2.3): seconds, or a date in any of the
// three forms of HTTP. A date that has passed is 0; nothing when the value is neither.
[[nodiscard]] std::optional<std::uint64_t> parse_retry_after(std::string_view value,
                                                             std::uint64_t unix_ns);

}  // namespace otel
