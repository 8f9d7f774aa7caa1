// SPDX-License-Identifier: Apache-2.0
// A text as the inside of a JSON string. Most texts hold nothing that needs escaping: they are
// copied sixteen bytes at a time and looked at on the way, and only one that does is gone through
// byte by byte.
#pragma once

#include "gatewright/cpp/sixteen.hpp"
#include "gatewright/cpp/value.hpp"

namespace gw {

// Bytes that json_escape may write for n: "\u00XX" for each.
constexpr size_t json_room(size_t n) { return n * 6; }

namespace detail {

// Length of the UTF-8 sequence at the start (RFC 3629), 0 if there is none.
inline size_t utf8_length(view text) {
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](size_t i) { return (at(i) & 0xC0u) == 0x80u; };
  const unsigned lead = at(0);
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool longer_form = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) > 0x9F;
    return tail(1) && tail(2) && !longer_form && !surrogate ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  return (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F) ? 0 : 4;
}

inline char* escape_ascii(unsigned char c, char* to) {
  static constexpr char k_hex[] = "0123456789abcdef";
  const char letter = c == '"' || c == '\\' ? static_cast<char>(c)
                      : c == '\n'           ? 'n'
                      : c == '\r'           ? 'r'
                      : c == '\t'           ? 't'
                                            : 'u';
  *to++ = '\\';
  *to++ = letter;
  if (letter != 'u') return to;
  *to++ = '0';
  *to++ = '0';
  *to++ = k_hex[c >> 4];
  *to++ = k_hex[c & 15];
  return to;
}

template <bool lower>
__attribute__((noinline)) char* escape_bytes(view text, char* to) {
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    size_t taken = 1;
    if (c >= 0x80) {
      const size_t n = utf8_length(text);
      taken = n > 0 ? n : 1;
      std::memcpy(to, n > 0 ? text.data() : "\xEF\xBF\xBD", n > 0 ? n : 3);
      to += n > 0 ? n : 3;
    } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
      to = escape_ascii(c, to);
    } else {
      *to++ = static_cast<char>(lower && c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    text.remove_prefix(taken);
  }
  return to;
}

// Copies n bytes (1 to 15) by two loads that overlap. False: some need escaping.
template <class Word, bool lower>
inline bool copy_plain_ends(const char* from, size_t n, char* to) {
  Word first, last;
  std::memcpy(&first, from, sizeof(Word));
  std::memcpy(&last, from + n - sizeof(Word), sizeof(Word));
  sixteen both(first, last);
  if (both.special().any()) return false;
  if (lower) {
    both.to_lower();
    first = static_cast<Word>(both.first());
    last = static_cast<Word>(both.last());
  }
  std::memcpy(to, &first, sizeof(Word));
  std::memcpy(to + n - sizeof(Word), &last, sizeof(Word));
  return true;
}

template <bool lower>
inline bool copy_plain(view text, char* to) {
  const char* from = text.data();
  const size_t n = text.size();
  if (n < 16) {
    if (n >= 8) return copy_plain_ends<uint64_t, lower>(from, n, to);
    if (n >= 4) return copy_plain_ends<uint32_t, lower>(from, n, to);
    if (n >= 2) return copy_plain_ends<uint16_t, lower>(from, n, to);
    return n == 0 || copy_plain_ends<uint8_t, lower>(from, n, to);
  }
  sixteen end(from + n - 16);
  auto found = end.special();
  for (size_t at = 0; at + 16 < n; at += 16) {
    sixteen part(from + at);
    found = found | part.special();
    if (lower) part.to_lower();
    part.store(to + at);
  }
  if (lower) end.to_lower();
  end.store(to + n - 16);
  return !found.any();
}

}  // namespace detail

// Writes the inside of the string to `to`, which has room for json_room(text.size()) bytes, and
// answers its end. `lower`: with ASCII letters in lower case.
template <bool lower>
inline char* json_escape(view text, char* to) {
  if (__builtin_expect(detail::copy_plain<lower>(text, to), 1)) return to + text.size();
  return detail::escape_bytes<lower>(text, to);
}

// The most bytes of text, at most `limit`, that end with a whole character. REQUIRES: text is
// longer than limit.
inline size_t json_cut(view text, size_t limit) {
  size_t n = limit;
  while (n > 0 && limit - n < 3 && (static_cast<unsigned char>(text[n]) & 0xC0u) == 0x80u) --n;
  return n;
}

}  // namespace gw
