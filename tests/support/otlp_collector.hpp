// SPDX-License-Identifier: Apache-2.0
// What a collector makes of an OTLP/HTTP export: a pure function from the bytes of an
// ExportTraceServiceRequest to plain structs. Written for tests alone and strictly, from the .proto
// files and not from the exporter: a field that the messages don't have, a wrong wire type, a
// length over the end, text that is not UTF-8 and an id of the wrong size all throw.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace otlp {

using Value = std::variant<std::string, bool, std::int64_t, double>;
// Keys are unique in OTLP: a second one throws too.
using Attributes = std::map<std::string, Value>;

struct Span {
  std::string trace_id, span_id, parent_span_id;  // lower-case hex; empty: none
  std::string trace_state, name;
  std::uint32_t flags = 0;
  int kind = 0;  // 2 SERVER, 3 CLIENT
  std::uint64_t start_ns = 0, end_ns = 0;
  Attributes attributes;
  int status = 0;  // 0 unset, 1 ok, 2 error
  std::string status_message;

  [[nodiscard]] bool has(const std::string& key) const { return attributes.count(key) != 0; }
  // Throw when the attribute is absent or of another type.
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] std::int64_t number(const std::string& key) const;
};

struct Export {
  Attributes resource;
  std::string resource_schema_url, scope_name, scope_schema_url;
  std::vector<Span> spans;
};

struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The resource and scope of the request, which must be one each, and all of its spans.
[[nodiscard]] Export decode(std::string_view request);

// The answer of a collector that rejected some: ExportTraceServiceResponse.
[[nodiscard]] std::string encode_partial_success(std::uint64_t rejected,
                                                 const std::string& message);

}  // namespace otlp
