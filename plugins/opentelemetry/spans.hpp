// SPDX-License-Identifier: Apache-2.0
// The spans of one request: a SERVER span for what the client asked of the gateway, and under it a
// CLIENT span for each attempt to reach an upstream, with the names, attributes and status rules of
// the stable OpenTelemetry conventions for HTTP. They are read from the request when it is over and
// encoded at once.
#pragma once

#include <string>
#include <string_view>

#include "gatewright/plugin.hpp"
#include "otlp_encoder.hpp"
#include "trace_context.hpp"

namespace otel {

// What the plugin keeps with a request. Trivial, so that the host's zeroed bytes are one.
struct RequestTrace {
  gw_trace trace;  // published as gw.trace/1; its span_id is the SERVER span
  std::uint64_t attempt_seed;
  std::uint8_t parent_id[8];
  bool begun;
  bool has_parent;
  bool forwards;  // hands the parent's context on as it is: see Handler::begin
};

// Encodes spans with buffers that are kept from one request to the next.
class SpanBuilder {
 public:
  explicit SpanBuilder(gw::hid user_agent) : user_agent_(user_agent) {}

  // The encoded span is borrowed until the next call. Both are for on_log.
  [[nodiscard]] std::string_view server_span(const gw::request& r, const RequestTrace& trace);
  [[nodiscard]] std::string_view client_span(const gw::request& r, const RequestTrace& trace,
                                             const gw_attempt& attempt, std::uint32_t number);

 private:
  void text(SpanEncoder& span, std::string_view key, std::string_view value);
  void method(SpanEncoder& span, const gw::request& r, std::string_view target);
  void query(SpanEncoder& span, std::string_view query);
  void server_address(SpanEncoder& span, const gw::request& r, std::string_view scheme);
  void server_result(SpanEncoder& span, const gw::request& r);
  void full_url(SpanEncoder& span, const gw::request& r, const gw_attempt& attempt);
  void client_result(SpanEncoder& span, const gw::request& r, const gw_attempt& attempt);

  gw::hid user_agent_;
  ProtoBuffer span_;
  std::string clean_;  // of clean_text
  std::string url_;
};

}  // namespace otel
