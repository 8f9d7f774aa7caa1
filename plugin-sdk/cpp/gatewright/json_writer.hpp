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
// longer form than need be) becomes U+FFFD. Texts are taken sixteen bytes at a time. The caller
// keeps the order of calls; nothing checks it.
//
// What is always the same in a value can be put together as one literal, and the values between
// added without their quotes: json.literal(R"("status":)"), json.add_integer(200).
#pragma once

#include <charconv>

#include "gatewright/byte_buffer.hpp"
#include "gatewright/json_escape.hpp"

namespace gw {

// Decimal digits, at most 20 bytes; answers their end.
inline char* write_integer(int64_t number, char* to) {
  if (number < 0 || number > 9) return std::to_chars(to, to + 20, number).ptr;
  *to = static_cast<char>('0' + number);
  return to + 1;
}

class json_writer {
 public:
  // Of one text: longer ones are cut there, on the border of a character, and end in "…(N bytes)",
  // N being the whole length.
  static constexpr size_t default_longest = 8192;

  explicit json_writer(byte_buffer& out, size_t longest = default_longest)
      : out_(out), at_(out.reserve(0)), end_(at_ + out.room()), longest_(longest) {}
  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  void begin_object() { literal("{"); }
  void begin_array() { literal("["); }
  void end_object() { close('}'); }
  void end_array() { close(']'); }
  // Takes the comma away that each value leaves behind, and makes all of it part of the buffer. The
  // last call.
  void finish() {
    --at_;
    commit();
  }

  // A member's name: a literal that needs no escaping.
  template <size_t N>
  void key(const char (&name)[N]) {
    make_room(N + 2);
    *at_ = '"';
    std::memcpy(at_ + 1, name, N - 1);
    std::memcpy(at_ + N, "\":", 2);
    at_ += N + 2;
  }
  // A member's name from outside.
  void key_text(view name) { quoted<false>(name), at_[-1] = ':'; }
  // … with ASCII letters in lower case.
  void key_lower(view name) { quoted<true>(name), at_[-1] = ':'; }

  void string(view text) { quoted<false>(text); }
  void integer(int64_t number) { add_integer(number), literal(","); }
  void boolean(bool value) { value ? literal("true,") : literal("false,"); }
  template <size_t N>
  void member(const char (&name)[N], view text) {
    key(name), string(text);
  }
  template <size_t N>
  void member(const char (&name)[N], int64_t number) {
    key(name), integer(number);
  }

  // JSON as it is: punctuation, commas behind values included, is the caller's.
  template <size_t N>
  void literal(const char (&json)[N]) {
    make_room(N - 1);
    std::memcpy(at_, json, N - 1);
    at_ += N - 1;
  }
  void fragment(view json) {
    make_room(json.size());
    std::memcpy(at_, json.data(), json.size());
    at_ += json.size();
  }
  // The inside of a string.
  void add(view text) { inside<false>(text); }
  void add_lower(view text) { inside<true>(text); }
  void add_integer(int64_t number) {
    make_room(20);
    at_ = write_integer(number, at_);
  }
  // What stands behind a text that was cut; it takes at most cut_mark_room bytes.
  static constexpr size_t cut_mark_room = 32;
  static char* add_cut_mark(size_t whole, char* to) {
    std::memcpy(to, "\u2026(", 4);
    to = write_integer(static_cast<int64_t>(whole), to + 4);
    std::memcpy(to, " bytes)", 7);
    return to + 7;
  }
  // For bytes that the caller puts down himself: room for n of them, then their end.
  char* room(size_t n) {
    make_room(n);
    return at_;
  }
  void wrote(char* end) { at_ = end; }
  // A name and a text as a member of an object; as key_lower() and string() would.
  void lower_member(view name, view text) {
    if (name.size() > longest_ || text.size() > longest_) {
      key_lower(name);
      return string(text);
    }
    make_room(json_room(name.size() + text.size()) + 6);
    char* at = at_;
    *at = '"';
    at = json_escape<true>(name, at + 1);
    std::memcpy(at, "\":\"", 3);
    at = json_escape<false>(text, at + 3);
    std::memcpy(at, "\",", 2);
    at_ = at + 2;
  }

 private:
  void make_room(size_t n) {
    if (__builtin_expect(static_cast<size_t>(end_ - at_) < n, 0)) grow(n);
  }
  __attribute__((noinline)) void grow(size_t n) {
    commit();
    at_ = out_.reserve(n);
    end_ = at_ + out_.room();
  }
  void commit() { out_.commit(static_cast<size_t>(at_ - out_.reserve(0))); }

  void close(char c) {
    make_room(2);
    if (at_[-1] == ',') --at_;
    at_[0] = c;
    at_[1] = ',';
    at_ += 2;
  }

  template <bool lower>
  void quoted(view text) {
    if (text.size() > longest_) {
      literal("\"");
      inside<lower>(text);
      return literal("\",");
    }
    make_room(json_room(text.size()) + 3);
    *at_ = '"';
    char* end = json_escape<lower>(text, at_ + 1);
    std::memcpy(end, "\",", 2);
    at_ = end + 2;
  }
  template <bool lower>
  void inside(view text) {
    if (__builtin_expect(text.size() > longest_, 0)) return cut_inside<lower>(text);
    make_room(json_room(text.size()));
    at_ = json_escape<lower>(text, at_);
  }
  template <bool lower>
  __attribute__((noinline)) void cut_inside(view text) {
    const size_t n = json_cut(text, longest_);
    make_room(json_room(n));
    at_ = json_escape<lower>(text.substr(0, n), at_);
    make_room(cut_mark_room);
    at_ = add_cut_mark(text.size(), at_);
  }

  byte_buffer& out_;
  char *at_, *end_;  // in its memory, behind what is committed
  size_t longest_;
};

}  // namespace gw
