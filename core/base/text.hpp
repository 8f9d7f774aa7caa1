// SPDX-License-Identifier: Apache-2.0
// Small functions on strings: joining, ASCII case, numbers, hex. Nothing here waits or throws.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

inline void append(std::string& out, std::string_view piece) { out.append(piece); }
inline void append(std::string& out, char piece) { out.push_back(piece); }
template <std::integral N>
requires(!std::same_as<N, char> && !std::same_as<N, bool>) void append(std::string& out, N number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

// The pieces (strings, characters, whole numbers) one behind the other.
template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string out;
  (append(out, pieces), ...);
  return out;
}

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; }
std::string lower(std::string_view text);
// A text of fewer than eight bytes as one word: of two texts of one size, equal words mean equal
// texts, and no byte of the word but zero is another than one of the text's.
inline std::uint64_t short_word(std::string_view text) {
  const char* p = text.data();
  const std::size_t n = text.size();
  if (n >= 4) {  // two halves that overlap
    std::uint32_t first, last;
    std::memcpy(&first, p, 4);
    std::memcpy(&last, p + n - 4, 4);
    return std::uint64_t{first} << 32 | last;
  }
  if (n == 0) return 0;
  const auto byte = [p](std::size_t i) { return std::uint64_t((unsigned char)p[i]); };
  return byte(0) << 16 | byte(n / 2) << 8 | byte(n - 1);
}
bool iequals(std::string_view a, std::string_view b);

// White space (SP, HTAB) cut off at both ends.
std::string_view trim(std::string_view text);
// Pieces between separators, each trimmed; empty ones are kept.
std::vector<std::string_view> split(std::string_view text, char separator);

// The whole text as a decimal number without sign or blanks.
std::optional<std::uint64_t> to_u64(std::string_view text);

// Lower-case hex of n bytes.
std::string hex(const void* bytes, std::size_t n);
void hex_into(char* out, const void* bytes, std::size_t n);

// Levenshtein distance, for did-you-mean.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The closest of the candidates if it is close enough to be meant; else empty.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& candidates);

// Bytes of the valid UTF-8 sequence at the start of text; 0: none. Not overlong, no surrogates.
// REQUIRES: text is not empty.
std::size_t utf8_length(std::string_view text);
// `text` as a JSON string with its quotes; control bytes escaped, invalid UTF-8 replaced by U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace gw
