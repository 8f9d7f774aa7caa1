// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace gw {

namespace {

// Letters in lower case, of eight bytes at once.
std::uint64_t lower8(std::uint64_t word) {
  constexpr std::uint64_t k_each = 0x0101010101010101, k_tops = 0x80 * k_each;
  const std::uint64_t low = word & ~k_tops;
  const std::uint64_t from_a = low + (0x80 - 'A') * k_each, beyond_z = low + (0x7F - 'Z') * k_each;
  return word | ((from_a ^ beyond_z) & ~word & k_tops) >> 2;
}

bool iequal8(const char* a, const char* b) {
  std::uint64_t one, other;
  std::memcpy(&one, a, 8);
  std::memcpy(&other, b, 8);
  return one == other || lower8(one) == lower8(other);
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  if (n >= 8) {
    for (std::size_t i = 0; i + 8 < n; i += 8)
      if (!iequal8(a.data() + i, b.data() + i)) return false;
    return iequal8(a.data() + n - 8, b.data() + n - 8);
  }
  const std::uint64_t one = short_word(a), other = short_word(b);
  return one == other || lower8(one) == lower8(other);
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto at = text.find(separator);
    out.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> to_u64(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [ptr, ec] = std::from_chars(text.data(), end, value);
  if (text.empty() || ec != std::errc{} || ptr != end) return std::nullopt;
  return value;
}

void hex_into(char* out, const void* bytes, std::size_t n) {
  static constexpr char k_digits[] = "0123456789abcdef";
  const auto* in = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < n; ++i) {
    out[2 * i] = k_digits[in[i] >> 4];
    out[2 * i + 1] = k_digits[in[i] & 15];
  }
}

std::string hex(const void* bytes, std::size_t n) {
  std::string out(2 * n, '\0');
  hex_into(out.data(), bytes, n);
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view closest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::size_t utf8_length(std::string_view text) {
  const auto lead = std::uint8_t(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < n) return 0;
  std::uint32_t code = lead & (0x7F >> n);
  for (std::size_t i = 1; i < n; ++i) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    code = code << 6 | (text[i] & 0x3F);
  }
  constexpr std::uint32_t k_least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < k_least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  return n;
}

namespace {

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex(&c, 1);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // start of what can be copied as it is
  for (std::size_t i = 0; i < text.size();) {
    const auto c = (unsigned char)text[i];
    const std::size_t n = c < 0x80 ? 1 : utf8_length(text.substr(i));
    if (n > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
      i += n;
      continue;
    }
    out.append(text.substr(plain, i - plain));
    if (n == 0)
      out += "\xEF\xBF\xBD";
    else
      append_escape(out, text[i]);
    plain = ++i;
  }
  out.append(text.substr(plain));
  out += '"';
}

}  // namespace gw
