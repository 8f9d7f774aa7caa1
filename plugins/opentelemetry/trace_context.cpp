// SPDX-License-Identifier: Apache-2.0
#include "trace_context.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace otel {
namespace {

constexpr std::uint8_t k_no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> table{};
  table.fill(k_no_digit);
  std::uint8_t value = 0;
  for (const char digit : std::string_view("0123456789abcdef"))
    table[std::uint8_t(digit)] = value++;
  return table;
}
constexpr auto k_hex_values = hex_values();

// The two digits of each byte, as they lie in memory.
constexpr std::array<std::array<char, 2>, 256> hex_pairs() {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {k_digits[i >> 4], k_digits[i & 15]};
  return table;
}
constexpr auto k_hex_pairs = hex_pairs();

// Every digit is looked up and or-ed, so that a bad one shows in the end without a branch for each.
bool read_hex(const char* text, std::uint8_t* out, std::size_t n) {
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t high = k_hex_values[std::uint8_t(text[2 * i])];
    const std::uint8_t low = k_hex_values[std::uint8_t(text[2 * i + 1])];
    seen |= high | low;
    out[i] = std::uint8_t(high << 4 | (low & 0x0f));
  }
  return (seen & 0xf0) == 0;
}

template <std::size_t N>
bool is_zero(const std::array<std::uint8_t, N>& id) {
  return std::all_of(id.begin(), id.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

bool parse_traceparent(std::string_view value, TraceContext& out) {
  if (value.size() < k_traceparent_size) return false;
  const char* p = value.data();
  if (p[2] != '-' || p[35] != '-' || p[52] != '-') return false;
  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  if (!read_hex(p, &version, 1) || version == 0xff) return false;
  if (value.size() > k_traceparent_size && (version == 0 || p[k_traceparent_size] != '-')) {
    return false;
  }
  if (!read_hex(p + 3, out.trace_id.data(), out.trace_id.size()) || is_zero(out.trace_id) ||
      !read_hex(p + 36, out.span_id.data(), out.span_id.size()) || is_zero(out.span_id) ||
      !read_hex(p + 53, &flags, 1)) {
    return false;
  }
  const int known = version == 0 ? k_flag_sampled | k_flag_random : k_flag_sampled;
  out.flags = std::uint8_t(flags & known);
  return true;
}

void write_hex(const std::uint8_t* bytes, std::size_t n, char* out) {
  for (std::size_t i = 0; i < n; ++i) std::memcpy(out + 2 * i, k_hex_pairs[bytes[i]].data(), 2);
}

void write_traceparent(const TraceContext& context, char* out) {
  out[0] = out[1] = '0';
  out[2] = '-';
  write_hex(context.trace_id.data(), context.trace_id.size(), out + 3);
  out[35] = '-';
  write_hex(context.span_id.data(), context.span_id.size(), out + 36);
  out[52] = '-';
  write_hex(&context.flags, 1, out + 53);
}

SpanId attempt_span_id(std::uint64_t seed, std::uint32_t attempt) {
  // The step and the mix of SplitMix64: a bijection, so two attempts never share an id.
  std::uint64_t x = seed + attempt * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  x ^= x >> 31;
  if (x == 0) x = 1;
  return std::bit_cast<SpanId>(x);
}

std::uint64_t trace_randomness(const TraceId& id) {
  std::uint64_t value = 0;
  for (std::size_t i = 9; i < id.size(); ++i) value = value << 8 | id[i];
  return value;
}

Sampler::Sampler(double rate, SamplingStrategy strategy)
    : threshold_(std::uint64_t(std::clamp(rate, 0.0, 1.0) * double(1ULL << 56))),
      strategy_(strategy) {}

bool Sampler::sample(const TraceId& id, const TraceContext* parent) const {
  if (parent != nullptr) {
    const bool sampled = (parent->flags & k_flag_sampled) != 0;
    if (!sampled) return false;
    if (strategy_ == SamplingStrategy::parent_probability_fallback) return true;
  }
  return trace_randomness(id) < threshold_;
}

}  // namespace otel
