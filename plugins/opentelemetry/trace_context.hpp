// SPDX-License-Identifier: Apache-2.0
// The traceparent header of W3C Trace Context, level 2: reading it, writing it, and the decision
// whether a trace is recorded. Pure functions over caller's memory: no host, no allocation.
//
// Reading follows the specification to the letter: lower-case hex only, zero ids and version ff are
// invalid, version 00 is exactly 55 characters, a higher version is read by its first 55 when the
// next character is a dash. What is written is always version 00.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace otel {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

inline constexpr std::uint8_t k_flag_sampled = 0x01;
inline constexpr std::uint8_t k_flag_random = 0x02;
inline constexpr std::size_t k_traceparent_size = 55;

struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  std::uint8_t flags = 0;  // only the bits that level 2 defines
};

// False when the value is invalid: `out` is unspecified then, and the trace must be started anew.
// Of a higher version only the sampled bit is believed; what the others mean there isn't known.
[[nodiscard]] bool parse_traceparent(std::string_view value, TraceContext& out);

// Writes exactly k_traceparent_size characters.
void write_traceparent(const TraceContext& context, char* out);

// Writes two lower-case hex digits for each byte.
void write_hex(const std::uint8_t* bytes, std::size_t n, char* out);

// A span id for each attempt of one request from one random seed, so that no list of ids has to be
// kept with the request. Never zero, and different for different attempts of a seed.
[[nodiscard]] SpanId attempt_span_id(std::uint64_t seed, std::uint32_t attempt);

// The low 56 bits of a trace id: those that level 2 asks to be random.
[[nodiscard]] std::uint64_t trace_randomness(const TraceId& id);

enum class SamplingStrategy {
  parent_drop_probability_fallback,  // a parent that is not sampled decides; else the rate does
  parent_probability_fallback        // any parent decides; without one the rate does
};

// Decides by the trace id, so that all gateways with the same rate take the same traces.
class Sampler {
 public:
  Sampler(double rate, SamplingStrategy strategy);
  // parent: the trace context received, or nullptr for a new trace.
  [[nodiscard]] bool sample(const TraceId& id, const TraceContext* parent) const;

 private:
  std::uint64_t threshold_;  // trace_randomness below it is recorded
  SamplingStrategy strategy_;
};

}  // namespace otel
