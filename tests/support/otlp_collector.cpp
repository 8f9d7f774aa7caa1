// SPDX-License-Identifier: Apache-2.0
#include "support/otlp_collector.hpp"

#include <cstring>

namespace otlp {
namespace {

enum class Wire { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

[[noreturn]] void refuse(const std::string& what) { throw DecodeError(what); }

// Reads the fields of one message, one after the other.
class Message {
 public:
  Message(std::string_view bytes, std::string name) : rest_(bytes), name_(std::move(name)) {}

  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t tag = take_varint();
    number = int(tag >> 3);
    wire_ = Wire(tag & 7);
    if (number == 0) refuse(name_ + ": field number 0");
    return true;
  }

  std::uint64_t varint() {
    expect(Wire::varint);
    return take_varint();
  }
  std::uint64_t fixed64() { return fixed<std::uint64_t>(Wire::fixed64); }
  std::uint32_t fixed32() { return fixed<std::uint32_t>(Wire::fixed32); }
  std::string_view bytes() {
    expect(Wire::bytes);
    return take(take_varint());
  }
  std::string text();
  std::string hex(std::size_t size);
  [[noreturn]] void unknown() const { refuse(name_ + ": no field " + std::to_string(number)); }

  int number = 0;

 private:
  void expect(Wire wire) const {
    if (wire_ != wire) refuse(name_ + ": wrong wire type of field " + std::to_string(number));
  }
  template <typename T>
  T fixed(Wire wire) {
    expect(wire);
    T value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint64_t take_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift <= 63; shift += 7) {
      const auto byte = std::uint8_t(take(1)[0]);
      value |= std::uint64_t(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    refuse(name_ + ": a varint of more than ten bytes");
  }
  std::string_view take(std::uint64_t n) {
    if (n > rest_.size()) refuse(name_ + ": ends in the middle of field " + std::to_string(number));
    const std::string_view taken = rest_.substr(0, std::size_t(n));
    rest_.remove_prefix(std::size_t(n));
    return taken;
  }

  std::string_view rest_;
  std::string name_;
  Wire wire_ = Wire::varint;
};

// Decodes to code points, so that overlong forms, surrogates and stray bytes show.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = std::uint8_t(text[i]);
    const std::size_t n = first < 0x80           ? 1
                          : (first >> 5) == 0x06 ? 2
                          : (first >> 4) == 0x0e ? 3
                          : (first >> 3) == 0x1e ? 4
                                                 : 0;
    if (n == 0 || i + n > text.size()) return false;
    std::uint32_t point = n == 1 ? first : first & (0x7fU >> n);
    for (std::size_t k = 1; k < n; ++k) {
      const auto byte = std::uint8_t(text[i + k]);
      if ((byte >> 6) != 2) return false;
      point = point << 6 | (byte & 0x3fU);
    }
    constexpr std::uint32_t k_lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < k_lowest[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      return false;
    }
    i += n;
  }
  return true;
}

std::string Message::text() {
  std::string value(bytes());
  if (!is_utf8(value)) refuse(name_ + ": field " + std::to_string(number) + " is not UTF-8");
  return value;
}

std::string Message::hex(std::size_t size) {
  const std::string_view id = bytes();
  if (id.size() != size) refuse(name_ + ": an id of " + std::to_string(id.size()) + " bytes");
  std::string out;
  for (const char c : id) {
    out += "0123456789abcdef"[std::uint8_t(c) >> 4];
    out += "0123456789abcdef"[std::uint8_t(c) & 15];
  }
  if (out.find_first_not_of('0') == std::string::npos) refuse(name_ + ": an id of zeroes");
  return out;
}

Value any_value(std::string_view bytes) {
  Message m(bytes, "AnyValue");
  if (!m.next()) refuse("AnyValue: empty");
  Value value;
  switch (m.number) {
    case 1:
      value = m.text();
      break;
    case 2:
      value = m.varint() != 0;
      break;
    case 3:
      value = std::int64_t(m.varint());
      break;
    case 4: {
      const std::uint64_t bits = m.fixed64();
      double number = 0;
      std::memcpy(&number, &bits, sizeof number);
      value = number;
      break;
    }
    default:
      m.unknown();
  }
  if (m.next()) refuse("AnyValue: more than one value");
  return value;
}

void key_value(std::string_view bytes, Attributes& to) {
  Message m(bytes, "KeyValue");
  std::string key;
  std::string_view value;
  while (m.next()) {
    if (m.number == 1) {
      key = m.text();
    } else if (m.number == 2) {
      value = m.bytes();
    } else {
      m.unknown();
    }
  }
  if (key.empty()) refuse("KeyValue: no key");
  if (!to.emplace(key, any_value(value)).second) refuse("KeyValue: " + key + " stands twice");
}

void status(std::string_view bytes, Span& span) {
  Message m(bytes, "Status");
  while (m.next()) {
    if (m.number == 2) {
      span.status_message = m.text();
    } else if (m.number == 3) {
      span.status = int(m.varint());
    } else {
      m.unknown();
    }
  }
}

void span_field(Message& m, Span& span) {
  switch (m.number) {
    case 1:
      span.trace_id = m.hex(16);
      break;
    case 2:
      span.span_id = m.hex(8);
      break;
    case 3:
      span.trace_state = m.text();
      break;
    case 4:
      span.parent_span_id = m.hex(8);
      break;
    case 5:
      span.name = m.text();
      break;
    case 6:
      span.kind = int(m.varint());
      break;
    case 7:
      span.start_ns = m.fixed64();
      break;
    case 8:
      span.end_ns = m.fixed64();
      break;
    case 9:
      key_value(m.bytes(), span.attributes);
      break;
    case 15:
      status(m.bytes(), span);
      break;
    case 16:
      span.flags = m.fixed32();
      break;
    default:
      m.unknown();
  }
}

Span decode_span(std::string_view bytes) {
  Message m(bytes, "Span");
  Span span;
  while (m.next()) span_field(m, span);
  if (span.trace_id.empty() || span.span_id.empty() || span.name.empty()) {
    refuse("Span: without ids or name");
  }
  return span;
}

void scope_spans(std::string_view bytes, Export& out) {
  Message m(bytes, "ScopeSpans");
  while (m.next()) {
    if (m.number == 1) {
      Message scope(m.bytes(), "InstrumentationScope");
      while (scope.next()) {
        if (scope.number != 1) scope.unknown();
        out.scope_name = scope.text();
      }
    } else if (m.number == 2) {
      out.spans.push_back(decode_span(m.bytes()));
    } else if (m.number == 3) {
      out.scope_schema_url = m.text();
    } else {
      m.unknown();
    }
  }
}

void resource_spans(std::string_view bytes, Export& out) {
  Message m(bytes, "ResourceSpans");
  int scopes = 0;
  while (m.next()) {
    if (m.number == 1) {
      Message resource(m.bytes(), "Resource");
      while (resource.next()) {
        if (resource.number != 1) resource.unknown();
        key_value(resource.bytes(), out.resource);
      }
    } else if (m.number == 2) {
      scope_spans(m.bytes(), out);
      ++scopes;
    } else if (m.number == 3) {
      out.resource_schema_url = m.text();
    } else {
      m.unknown();
    }
  }
  if (scopes != 1) refuse("ResourceSpans: not one ScopeSpans");
}

template <typename T>
const T& get(const Attributes& attributes, const std::string& key) {
  const auto at = attributes.find(key);
  if (at == attributes.end()) refuse("no attribute " + key);
  const T* value = std::get_if<T>(&at->second);
  if (value == nullptr) refuse("attribute " + key + " is of another type");
  return *value;
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value > 0x7f; value >>= 7) out += char(value | 0x80);
  out += char(value);
}

}  // namespace

std::string Span::text(const std::string& key) const { return get<std::string>(attributes, key); }

std::int64_t Span::number(const std::string& key) const {
  return get<std::int64_t>(attributes, key);
}

Export decode(std::string_view request) {
  Message m(request, "ExportTraceServiceRequest");
  Export out;
  int resources = 0;
  while (m.next()) {
    if (m.number != 1) m.unknown();
    resource_spans(m.bytes(), out);
    ++resources;
  }
  if (resources != 1) refuse("ExportTraceServiceRequest: not one ResourceSpans");
  return out;
}

std::string encode_partial_success(std::uint64_t rejected, const std::string& message) {
  std::string partial = "\x08";
  put_varint(partial, rejected);
  partial += '\x12';
  put_varint(partial, message.size());
  partial += message;
  std::string response = "\x0a";
  put_varint(response, partial.size());
  return response + partial;
}

}  // namespace otlp
