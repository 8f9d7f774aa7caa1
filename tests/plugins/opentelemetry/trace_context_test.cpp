// SPDX-License-Identifier: Apache-2.0
#include "opentelemetry/trace_context.hpp"

#include <set>
#include <string>

#include "support/catch.hpp"

namespace {

const std::string k_trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string k_parent = "00f067aa0ba902b7";
const std::string k_valid = "00-" + k_trace + "-" + k_parent + "-01";

std::string written(const otel::TraceContext& context) {
  std::string out(otel::k_traceparent_size, '?');
  otel::write_traceparent(context, out.data());
  return out;
}

bool valid(const std::string& value) {
  otel::TraceContext context;
  return otel::parse_traceparent(value, context);
}

otel::TraceContext parsed(const std::string& value) {
  otel::TraceContext context;
  REQUIRE(otel::parse_traceparent(value, context));
  return context;
}

}  // namespace

TEST_CASE("a valid traceparent is read and written back as it was") {
  CHECK(written(parsed(k_valid)) == k_valid);
  CHECK(written(parsed("00-" + k_trace + "-" + k_parent + "-00")) ==
        "00-" + k_trace + "-" + k_parent + "-00");
  CHECK(parsed(k_valid).trace_id[0] == 0x4b);
  CHECK(parsed(k_valid).span_id[7] == 0xb7);
}

TEST_CASE("of the trace flags only sampled and random are kept") {
  CHECK(parsed("00-" + k_trace + "-" + k_parent + "-ff").flags == 0x03);
  CHECK(parsed("00-" + k_trace + "-" + k_parent + "-02").flags == 0x02);
  CHECK(parsed("00-" + k_trace + "-" + k_parent + "-08").flags == 0x00);
}

TEST_CASE("a traceparent that breaks the grammar is invalid") {
  CHECK_FALSE(valid(""));
  CHECK_FALSE(valid("00"));
  CHECK_FALSE(valid(k_valid.substr(0, 54)));
  CHECK_FALSE(valid(k_valid + "-"));
  CHECK_FALSE(valid(k_valid + "-what"));
  CHECK_FALSE(valid(" " + k_valid));
  CHECK_FALSE(valid("ff-" + k_trace + "-" + k_parent + "-01"));
  CHECK_FALSE(valid("0x-" + k_trace + "-" + k_parent + "-01"));
  CHECK_FALSE(valid("00_" + k_trace + "-" + k_parent + "-01"));
  CHECK_FALSE(valid("00-" + k_trace + "_" + k_parent + "-01"));
  CHECK_FALSE(valid("00-" + k_trace + "-" + k_parent + "_01"));
  CHECK_FALSE(valid("00-" + k_trace + "-" + k_parent + "-0g"));
}

TEST_CASE("upper-case hex is invalid everywhere") {
  CHECK_FALSE(valid("00-4BF92F3577B34DA6A3CE929D0E0E4736-" + k_parent + "-01"));
  CHECK_FALSE(valid("00-" + k_trace + "-00F067AA0BA902B7-01"));
  CHECK_FALSE(valid("00-" + k_trace + "-" + k_parent + "-0A"));
  CHECK_FALSE(valid("CC-" + k_trace + "-" + k_parent + "-01"));
}

TEST_CASE("ids of zeroes are invalid") {
  CHECK_FALSE(valid("00-" + std::string(32, '0') + "-" + k_parent + "-01"));
  CHECK_FALSE(valid("00-" + k_trace + "-" + std::string(16, '0') + "-01"));
}

TEST_CASE("a higher version is read by its known part and written as version 00") {
  const std::string future = "cc" + k_valid.substr(2);
  CHECK(written(parsed(future)) == k_valid);
  CHECK(written(parsed(future + "-what-the-future-will-be-like")) == k_valid);
  CHECK(written(parsed(future + "-")) == k_valid);
  CHECK_FALSE(valid(future + ".what"));
  CHECK_FALSE(valid(future + "0"));
  CHECK_FALSE(valid(future.substr(0, 54)));
}

TEST_CASE("of a higher version only the sampled flag is believed") {
  CHECK(parsed("01-" + k_trace + "-" + k_parent + "-03").flags == 0x01);
}

TEST_CASE("span ids of attempts differ and are never zero") {
  std::set<otel::SpanId> seen;
  for (std::uint32_t attempt = 0; attempt < 1000; ++attempt) {
    seen.insert(otel::attempt_span_id(0, attempt));
  }
  CHECK(seen.size() == 1000);
  CHECK(seen.count(otel::SpanId{}) == 0);
  CHECK(otel::attempt_span_id(7, 1) == otel::attempt_span_id(7, 1));
}

TEST_CASE("sampling takes the share of traces that the rate says, by the trace id") {
  const otel::Sampler tenth(0.1, otel::SamplingStrategy::parent_drop_probability_fallback);
  const otel::Sampler fifth(0.2, otel::SamplingStrategy::parent_drop_probability_fallback);
  int sampled = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    otel::TraceId id{};
    const otel::SpanId random = otel::attempt_span_id(42, i);
    std::copy(random.begin(), random.end(), id.begin() + 8);
    const bool taken = tenth.sample(id, nullptr);
    sampled += taken ? 1 : 0;
    if (taken) CHECK(fifth.sample(id, nullptr));
  }
  CHECK(sampled > 850);
  CHECK(sampled < 1150);
}

TEST_CASE("rate 0 takes no trace and rate 1 every one") {
  otel::TraceId lowest{};
  otel::TraceId highest;
  highest.fill(0xff);
  using enum otel::SamplingStrategy;
  CHECK_FALSE(otel::Sampler(0, parent_probability_fallback).sample(lowest, nullptr));
  CHECK(otel::Sampler(1, parent_probability_fallback).sample(highest, nullptr));
}

TEST_CASE("the strategies differ in what a sampled parent decides") {
  otel::TraceContext sampled = parsed(k_valid);
  otel::TraceContext unsampled = sampled;
  unsampled.flags = 0;
  using enum otel::SamplingStrategy;
  const otel::Sampler never_drop(0, parent_drop_probability_fallback);
  const otel::Sampler never(0, parent_probability_fallback);
  const otel::Sampler always_drop(1, parent_drop_probability_fallback);
  const otel::Sampler always(1, parent_probability_fallback);
  CHECK_FALSE(never_drop.sample(sampled.trace_id, &sampled));
  CHECK(never.sample(sampled.trace_id, &sampled));
  CHECK_FALSE(always_drop.sample(unsampled.trace_id, &unsampled));
  CHECK_FALSE(always.sample(unsampled.trace_id, &unsampled));
}
