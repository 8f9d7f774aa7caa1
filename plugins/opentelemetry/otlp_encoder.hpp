// SPDX-License-Identifier: Apache-2.0
// Spans as protobuf of the OpenTelemetry protocol (OTLP 1.x, ExportTraceServiceRequest), written
// straight into bytes: no object for a span, an attribute or a value is ever made. The field
// numbers are those of opentelemetry-proto v1: trace.proto, common.proto, resource.proto and
// trace_service.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto_buffer.hpp"
#include "trace_context.hpp"

namespace otel {

enum class SpanKind : std::uint32_t { server = 2, client = 3 };

// Everything of a span but its name, attributes and status.
struct SpanHead {
  const TraceId& trace_id;
  const SpanId& span_id;
  const SpanId* parent = nullptr;  // nullptr: a root span
  bool parent_is_remote = false;   // the parent is another process's span
  std::uint8_t trace_flags = 0;
  std::string_view trace_state{};
  SpanKind kind = SpanKind::server;
  std::uint64_t start_ns = 0, end_ns = 0;  // since 1970
};

// Writes one Span message, without the tag and length around it. Call the members in any order but
// the constructor first; strings must be valid UTF-8 (clean_text). Empty strings are written too.
class SpanEncoder {
 public:
  SpanEncoder(ProtoBuffer& out, const SpanHead& head);
  // "GET orders"; with an empty target just the method.
  void name(std::string_view method, std::string_view target);
  void attribute(std::string_view key, std::string_view value);
  void attribute(std::string_view key, std::int64_t value);
  void error();

 private:
  bool short_attribute(std::string_view key, std::string_view value);
  char* attribute_head(std::string_view key, std::size_t value_size);

  ProtoBuffer& out_;
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

// What stands before the spans in an export request, which is the same for all batches but for two
// lengths: resource, scope and their schema URLs.
class RequestPrefix {
 public:
  explicit RequestPrefix(const Attributes& resource);
  // No prefix is longer.
  [[nodiscard]] std::size_t max_size() const;
  // Writes the prefix for spans_size bytes of spans so that it ends at `end`; returns where it
  // begins. At least max_size() bytes before `end` must be free.
  char* write_before(char* end, std::size_t spans_size) const;

 private:
  std::string resource_fields_;  // of ResourceSpans, all but scope_spans
  std::string scope_fields_;     // of ScopeSpans, all but spans
};

// Size of a span in a batch: its bytes with tag and length.
[[nodiscard]] std::size_t span_field_size(std::size_t span_size);
void append_span(ProtoBuffer& batch, std::string_view span);
// Bytes of the first span of a batch that append_span() made.
[[nodiscard]] std::size_t first_span_size(std::string_view spans);

// What the collector says about a request that it accepted.
struct PartialSuccess {
  std::int64_t rejected_spans = 0;
  std::string_view message;
};
// Reads an ExportTraceServiceResponse; whatever isn't one is read as full success.
[[nodiscard]] PartialSuccess parse_response(std::string_view body);

}  // namespace otel
