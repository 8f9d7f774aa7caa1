// SPDX-License-Identifier: Apache-2.0
// json_writer: appends one JSON value to a byte_buffer.
//
//   json_writer json(out);
//   json.begin_object();
//   json.key("status");
//   json.integer(200);
//   json.end_object();
//   json.finish();
//
// Whatever bytes come in, what comes out is JSON in UTF-8: quotes, backslashes and control bytes
// are escaped, and each byte that belongs to no UTF-8 sequence (also of a lone surrogate, or of a
// longer form than need be) becomes U+FFFD. Texts are taken eight bytes at a time. The caller keeps
// the order of calls; nothing checks it.
#pragma once

#include <charconv>

#include "gatewright/byte_buffer.hpp"
#include "gatewright/json_escape.hpp"

namespace gw {

class json_writer {
 public:
  // Of one text: longer ones are cut there, on the border of a character, and end in "…(N bytes)",
  // N being the whole length.
  static constexpr size_t default_longest = 8192;

  explicit json_writer(byte_buffer& out, size_t longest = default_longest)
      : out_(out), longest_(longest) {}

  void begin_object() { put('{'); }
  void begin_array() { put('['); }
  void end_object() { close('}'); }
  void end_array() { close(']'); }
  // Takes the comma away that each value leaves behind. The last call.
  void finish() { out_.cut(out_.size() - 1); }

  // A member's name, written as it is: a literal that needs no escaping.
  template <size_t N>
  void key(const char (&name)[N]) {
    char* at = out_.reserve(N + 2);
    at[0] = '"';
    std::memcpy(at + 1, name, N - 1);
    std::memcpy(at + N, "\":", 2);
    out_.commit(N + 2);
  }
  // A member's name from outside.
  void key_text(view name) { quoted<false>(name), replace_comma(); }
  // … with ASCII letters in lower case.
  void key_lower(view name) { quoted<true>(name), replace_comma(); }

  void string(view text) { quoted<false>(text); }
  void integer(int64_t number) {
    char* at = out_.reserve(24);
    char* end = std::to_chars(at, at + 20, number).ptr;
    *end++ = ',';
    out_.commit(static_cast<size_t>(end - at));
  }
  void boolean(bool value) { value ? literal("true") : literal("false"); }
  // A piece of JSON as it is; a comma behind a value is the caller's.
  void fragment(view json) { out_.append(json); }

  template <size_t N>
  void member(const char (&name)[N], view text) {
    key(name), string(text);
  }
  template <size_t N>
  void member(const char (&name)[N], int64_t number) {
    key(name), integer(number);
  }

  // One string out of several texts: open_string, add…, close_string.
  void open_string() { put('"'); }
  void add(view text) { inside<false>(text); }
  void add_lower(view text) { inside<true>(text); }
  void add_integer(int64_t number) {
    char* at = out_.reserve(20);
    out_.commit(static_cast<size_t>(std::to_chars(at, at + 20, number).ptr - at));
  }
  void close_string() {
    std::memcpy(out_.reserve(2), "\",", 2);
    out_.commit(2);
  }

 private:
  template <size_t N>
  void literal(const char (&text)[N]) {
    char* at = out_.reserve(N);
    std::memcpy(at, text, N - 1);
    at[N - 1] = ',';
    out_.commit(N);
  }
  void put(char c) {
    *out_.reserve(1) = c;
    out_.commit(1);
  }
  void close(char c) {
    if (out_.back() == ',')
      out_.back() = c;
    else
      put(c);
    put(',');
  }
  void replace_comma() { out_.back() = ':'; }

  template <bool lower>
  void quoted(view text) {
    if (text.size() > longest_) return open_string(), inside<lower>(text), close_string();
    char* const start = out_.reserve(json_room(text.size()) + 3);
    *start = '"';
    char* end = json_escape<lower>(text, start + 1);
    std::memcpy(end, "\",", 2);
    out_.commit(static_cast<size_t>(end + 2 - start));
  }
  template <bool lower>
  void inside(view text) {
    const size_t n = text.size() > longest_ ? json_cut(text, longest_) : text.size();
    char* at = out_.reserve(json_room(n));
    out_.commit(static_cast<size_t>(json_escape<lower>(text.substr(0, n), at) - at));
    if (n < text.size()) add_length(text.size());
  }
  void add_length(size_t n) {
    static constexpr char k_before[] = "\u2026(", k_after[] = " bytes)";
    char* const start = out_.reserve(48);
    char* at = start;
    std::memcpy(at, k_before, sizeof k_before - 1);
    at += sizeof k_before - 1;
    at = std::to_chars(at, at + 20, n).ptr;
    std::memcpy(at, k_after, sizeof k_after - 1);
    out_.commit(static_cast<size_t>(at - start) + sizeof k_after - 1);
  }

  byte_buffer& out_;
  size_t longest_;
};

}  // namespace gw
