// SPDX-License-Identifier: Apache-2.0
#include "otlp_encoder.hpp"

#include <cstring>

namespace otel {
namespace {

constexpr std::string_view k_schema_url = "https://opentelemetry.io/schemas/1.37.0";
constexpr std::string_view k_scope_name = "gatewright/opentelemetry";

// Field numbers, by message.
namespace request {
constexpr std::uint32_t resource_spans = 1;
}
namespace resource_spans {
constexpr std::uint32_t resource = 1, scope_spans = 2, schema_url = 3;
}
namespace scope_spans {
constexpr std::uint32_t scope = 1, spans = 2, schema_url = 3;
}
namespace scope {
constexpr std::uint32_t name = 1;
}
namespace resource {
constexpr std::uint32_t attributes = 1;
}
namespace key_value {
constexpr std::uint32_t key = 1, value = 2;
}
namespace any_value {
constexpr std::uint32_t string = 1, integer = 3;
}
namespace status {
constexpr std::uint32_t code = 3;
}
namespace span {
constexpr std::uint32_t trace_id = 1, span_id = 2, trace_state = 3, parent_span_id = 4, name = 5,
                        kind = 6, start_time = 7, end_time = 8, attributes = 9, status = 15,
                        flags = 16;
}
namespace response {
constexpr std::uint32_t partial_success = 1;
}
namespace partial {
constexpr std::uint32_t rejected_spans = 1, error_message = 2;
}

// Span.flags above the trace flags: whether it is known that the parent is remote, and that it is.
constexpr std::uint32_t k_has_is_remote = 0x100;
constexpr std::uint32_t k_is_remote = 0x200;
constexpr std::uint64_t k_status_error = 2;

template <std::size_t N>
std::string_view bytes_of(const std::array<std::uint8_t, N>& id) {
  return {reinterpret_cast<const char*>(id.data()), N};
}

std::size_t string_value_size(std::size_t n) {
  return ProtoBuffer::field_size(any_value::string, n);
}

std::size_t key_value_size(std::string_view key, std::size_t value_size) {
  return ProtoBuffer::field_size(key_value::key, key.size()) +
         ProtoBuffer::field_size(key_value::value, value_size);
}

// A KeyValue up to the content of its AnyValue.
char* put_key(char* at, std::string_view key, std::size_t value_size) {
  at = ProtoBuffer::put(ProtoBuffer::put_head(at, key_value::key, key.size()), key);
  return ProtoBuffer::put_head(at, key_value::value, value_size);
}

char* put_string_value(char* at, std::string_view value) {
  return ProtoBuffer::put(ProtoBuffer::put_head(at, any_value::string, value.size()), value);
}

// One pass over the fields of a message. Returns false at its end, or where it is no message.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  // of a varint
  std::string_view bytes;   // of a length-delimited field
};

bool read_varint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = std::uint8_t(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool read_field(std::string_view& in, Field& field) {
  std::uint64_t tag = 0;
  if (!read_varint(in, tag)) return false;
  field = {std::uint32_t(tag >> 3), 0, {}};
  const auto wire_type = tag & 7;
  if (wire_type == 0) return read_varint(in, field.value);
  std::uint64_t size = wire_type == 1 ? 8 : 4;
  if (wire_type == 2 ? !read_varint(in, size) : wire_type != 1 && wire_type != 5) return false;
  if (size > in.size()) return false;
  field.bytes = in.substr(0, std::size_t(size));
  in.remove_prefix(std::size_t(size));
  return true;
}

}  // namespace

SpanEncoder::SpanEncoder(ProtoBuffer& out, const SpanHead& head) : out_(out) {
  out_.bytes_field(span::trace_id, bytes_of(head.trace_id));
  out_.bytes_field(span::span_id, bytes_of(head.span_id));
  if (!head.trace_state.empty()) out_.bytes_field(span::trace_state, head.trace_state);
  if (head.parent != nullptr) out_.bytes_field(span::parent_span_id, bytes_of(*head.parent));
  out_.fixed32_field(
      span::flags, head.trace_flags | k_has_is_remote | (head.parent_is_remote ? k_is_remote : 0));
  out_.varint_field(span::kind, std::uint64_t(head.kind));
  out_.fixed64_field(span::start_time, head.start_ns);
  out_.fixed64_field(span::end_time, head.end_ns);
}

void SpanEncoder::name(std::string_view method, std::string_view target) {
  const std::size_t size = method.size() + (target.empty() ? 0 : 1 + target.size());
  char* at = out_.grow(ProtoBuffer::field_size(span::name, size));
  at = ProtoBuffer::put(ProtoBuffer::put_head(at, span::name, size), method);
  if (target.empty()) return;
  *at++ = ' ';
  ProtoBuffer::put(at, target);
}

char* SpanEncoder::attribute_head(std::string_view key, std::size_t value_size) {
  const std::size_t size = key_value_size(key, value_size);
  char* at = out_.grow(ProtoBuffer::field_size(span::attributes, size));
  return put_key(ProtoBuffer::put_head(at, span::attributes, size), key, value_size);
}

// Most attributes are so short that each of their four lengths is one byte.
bool SpanEncoder::short_attribute(std::string_view key, std::string_view value) {
  const std::size_t string_size = 2 + value.size();
  const std::size_t size = 2 + key.size() + 2 + string_size;
  if (size > 0x7f) return false;
  const auto head = [](char* at, std::uint32_t field, std::size_t n) {
    *at++ = char(field << 3 | 2);
    *at++ = char(n);
    return at;
  };
  char* at = head(out_.grow(2 + size), span::attributes, size);
  at = ProtoBuffer::put(head(at, key_value::key, key.size()), key);
  at = head(at, key_value::value, string_size);
  ProtoBuffer::put(head(at, any_value::string, value.size()), value);
  return true;
}

void SpanEncoder::attribute(std::string_view key, std::string_view value) {
  if (short_attribute(key, value)) return;
  put_string_value(attribute_head(key, string_value_size(value.size())), value);
}

void SpanEncoder::attribute(std::string_view key, std::int64_t value) {
  const auto bits = std::uint64_t(value);
  char* at = attribute_head(key, 1 + ProtoBuffer::varint_size(bits));
  ProtoBuffer::put_varint(ProtoBuffer::put_varint(at, any_value::integer << 3), bits);
}

void SpanEncoder::error() {
  constexpr std::size_t k_size = 2;
  char* at = out_.grow(ProtoBuffer::field_size(span::status, k_size));
  at = ProtoBuffer::put_head(at, span::status, k_size);
  ProtoBuffer::put_varint(ProtoBuffer::put_varint(at, status::code << 3), k_status_error);
}

RequestPrefix::RequestPrefix(const Attributes& resource) {
  ProtoBuffer attributes;
  for (const auto& [key, value] : resource) {
    const std::size_t value_size = string_value_size(value.size());
    const std::size_t size = key_value_size(key, value_size);
    char* at = attributes.grow(ProtoBuffer::field_size(resource::attributes, size));
    at = put_key(ProtoBuffer::put_head(at, resource::attributes, size), key, value_size);
    put_string_value(at, value);
  }
  ProtoBuffer out;
  out.bytes_field(resource_spans::resource, attributes.view());
  out.bytes_field(resource_spans::schema_url, k_schema_url);
  resource_fields_ = out.view();

  ProtoBuffer scope;
  scope.bytes_field(scope::name, k_scope_name);
  out.clear();
  out.bytes_field(scope_spans::scope, scope.view());
  out.bytes_field(scope_spans::schema_url, k_schema_url);
  scope_fields_ = out.view();
}

std::size_t RequestPrefix::max_size() const {
  constexpr std::size_t k_head = 1 + 10;
  return 2 * k_head + resource_fields_.size() + scope_fields_.size();
}

char* RequestPrefix::write_before(char* end, std::size_t spans_size) const {
  const std::size_t scope_size = scope_fields_.size() + spans_size;
  const std::size_t resource_size =
      resource_fields_.size() + ProtoBuffer::field_size(resource_spans::scope_spans, scope_size);
  const std::size_t whole = ProtoBuffer::field_size(request::resource_spans, resource_size);
  char* begin = end - (whole - spans_size);
  char* at = ProtoBuffer::put_head(begin, request::resource_spans, resource_size);
  at = ProtoBuffer::put(at, resource_fields_);
  at = ProtoBuffer::put_head(at, resource_spans::scope_spans, scope_size);
  ProtoBuffer::put(at, scope_fields_);
  return begin;
}

std::size_t span_field_size(std::size_t span_size) {
  return ProtoBuffer::field_size(scope_spans::spans, span_size);
}

void append_span(ProtoBuffer& batch, std::string_view span) {
  batch.bytes_field(scope_spans::spans, span);
}

std::size_t first_span_size(std::string_view spans) {
  std::string_view rest = spans;
  Field field;
  return read_field(rest, field) ? spans.size() - rest.size() : spans.size();
}

PartialSuccess parse_response(std::string_view body) {
  PartialSuccess result;
  Field field;
  while (read_field(body, field)) {
    if (field.number != response::partial_success) continue;
    std::string_view inner = field.bytes;
    while (read_field(inner, field)) {
      if (field.number == partial::rejected_spans)
        result.rejected_spans = std::int64_t(field.value);
      if (field.number == partial::error_message) result.message = field.bytes;
    }
  }
  return result;
}

}  // namespace otel
