// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <cstdio>

namespace request_termination {
namespace {

// Length of the UTF-8 sequence at the front (RFC 3629), 0 if it is none.
std::size_t sequence_length(std::string_view s) {
  const auto byte = [s](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char first = byte(0);
  const std::size_t n = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                                       : 4;
  if (n == 0 || first > 0xF4 || s.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
  if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
  return n;
}

}  // namespace

void append_string(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    const char c = bytes.front();
    const std::size_t n = sequence_length(bytes);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
    } else if (n == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += bytes.substr(0, n);
    }
    bytes.remove_prefix(n == 0 ? 1 : n);
  }
  out += '"';
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (text_.size() > 1) text_ += ',';
  append_string(text_, name);
  text_ += ':';
  text_ += value;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  std::string quoted;
  append_string(quoted, value);
  return json(name, quoted);
}

std::string to_json(const Multimap& values) {
  JsonObject out;
  for (const auto& [name, all] : values) {
    std::string list = all.size() == 1 ? all.front() : "[";
    for (std::size_t i = 0; all.size() > 1 && i < all.size(); ++i) {
      if (i > 0) list += ',';
      list += all[i];
    }
    if (all.size() > 1) list += ']';
    out.json(name, list);
  }
  return out.take();
}

}  // namespace request_termination
