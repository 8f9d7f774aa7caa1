// SPDX-License-Identifier: Apache-2.0
// The plugin's options, read once from what the host has checked against schema.json. The schema
// takes every value that Kong's plugin knows, so that a value which this build doesn't offer (a
// header format, TLS to the collector, logs) is refused here, with a sentence that says so.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "gatewright/plugin.hpp"
#include "otlp_encoder.hpp"
#include "retry.hpp"
#include "span_queue.hpp"
#include "trace_context.hpp"

namespace otel {

struct Config {
  // Throws gw::config_error.
  explicit Config(const gw::config& source);

  [[nodiscard]] bool exports() const { return !endpoint.empty(); }

  std::string endpoint;  // empty: trace context is propagated, nothing is exported
  std::vector<std::pair<std::string, std::string>> headers;
  Attributes resource;
  std::chrono::milliseconds timeout{0};  // of one call: connect, send and read together
  QueueLimits queue;
  std::chrono::milliseconds coalescing_delay{0};
  RetrySchedule retry;
  std::uint32_t concurrency = 1;

  double sampling_rate = 1.0;
  SamplingStrategy strategy = SamplingStrategy::parent_drop_probability_fallback;
  bool extract = true;
  bool inject = true;
  std::vector<gw::hid> clear;
  gw::hid trace_id_header = 0;  // of the answer to the client; 0: none
};

}  // namespace otel
