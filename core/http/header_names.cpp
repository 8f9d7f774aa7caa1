// SPDX-License-Identifier: Apache-2.0
#include "http/header_names.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gw::http {

namespace {

constexpr std::array k_known{
    std::string_view{},
    std::string_view{"Host"},
    std::string_view{"Connection"},
    std::string_view{"Content-Length"},
    std::string_view{"Transfer-Encoding"},
    std::string_view{"TE"},
    std::string_view{"Trailer"},
    std::string_view{"Upgrade"},
    std::string_view{"Keep-Alive"},
    std::string_view{"Proxy-Connection"},
    std::string_view{"Proxy-Authenticate"},
    std::string_view{"HTTP2-Settings"},
    std::string_view{"Proxy"},
    std::string_view{"Expect"},
    std::string_view{"Via"},
    std::string_view{"Date"},
    std::string_view{"Server"},
    std::string_view{"X-Forwarded-For"},
    std::string_view{"X-Forwarded-Proto"},
    std::string_view{"X-Forwarded-Host"},
    std::string_view{"X-Forwarded-Port"},
    std::string_view{"X-Forwarded-Path"},
    std::string_view{"X-Forwarded-Prefix"},
    std::string_view{"X-Real-IP"},
    std::string_view{"X-Kong-Request-Id"},
    std::string_view{"X-Kong-Upstream-Latency"},
    std::string_view{"X-Kong-Proxy-Latency"},
    std::string_view{"X-Kong-Response-Latency"},
    std::string_view{"X-Kong-Upstream-Status"},
    std::string_view{"Accept"},
    std::string_view{"Content-Type"},
    std::string_view{"Origin"},
    std::string_view{"Access-Control-Request-Method"},
    std::string_view{"Location"},
    std::string_view{"Retry-After"},
    std::string_view{"Allow"},
    std::string_view{"User-Agent"},
    std::string_view{"Accept-Encoding"},
    std::string_view{"Accept-Language"},
    std::string_view{"Authorization"},
    std::string_view{"Cookie"},
    std::string_view{"Referer"},
    std::string_view{"Cache-Control"},
    std::string_view{"ETag"},
    std::string_view{"Last-Modified"},
    std::string_view{"Set-Cookie"},
    std::string_view{"Vary"},
    std::string_view{"Content-Encoding"},
    std::string_view{"traceparent"},
    std::string_view{"tracestate"},
    std::string_view{"Max-Forwards"},
};
static_assert(k_known.size() == std::size_t(HeaderId::known_count));

constexpr std::size_t k_max_name = 256;
constexpr std::size_t k_max_names = 4000;

constexpr std::uint64_t k_fold = 0x2020202020202020;

std::uint64_t load8(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

// Case folded: letters differ only in bit 5. Names that fold alike without being equal only meet in
// one slot.
std::uint32_t hash_name(std::string_view name) {
  const char* p = name.data();
  const std::size_t n = name.size();
  std::uint64_t a = 0, b = 0;
  if (n >= 8) {
    a = load8(p);
    b = load8(p + n - 8);
  } else {
    a = short_word(name);
  }
  std::uint64_t h = (a | k_fold) * 0x9E3779B97F4A7C15 + (b | k_fold) * 0xC2B2AE3D27D4EB4F + n;
  return std::uint32_t((h ^ (h >> 29)) * 0xBF58476D1CE4E5B9 >> 40);
}

// Open addressing over the names; never shrinks.
class Table {
 public:
  Table() : slots_(1024, 0) {
    views_.reserve(k_max_names + 1);  // they are read where they stand
    names_.emplace_back();
    views_.emplace_back();
    for (std::size_t i = 1; i < k_known.size(); ++i) add(k_known[i]);
  }

  std::uint16_t find(std::string_view name) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash_name(name) & mask;; at = (at + 1) & mask) {
      const std::uint16_t id = slots_[at];
      if (id == 0) return 0;
      const std::string& candidate = *names_[id];
      if (candidate.size() == name.size() && iequals(candidate, name)) return id;
    }
  }

  std::uint16_t add(std::string_view name) {
    if (names_.size() > k_max_names) return 0;
    names_.push_back(std::make_unique<std::string>(name));
    views_.push_back(*names_.back());
    g_header_table = {views_.data(), std::uint16_t(views_.size())};
    if (names_.size() * 2 > slots_.size()) {
      slots_.assign(slots_.size() * 2, 0);
      for (std::size_t id = 1; id < names_.size(); ++id) place(std::uint16_t(id));
    } else {
      place(std::uint16_t(names_.size() - 1));
    }
    return std::uint16_t(names_.size() - 1);
  }

 private:
  void place(std::uint16_t id) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_name(*names_[id]) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = id;
  }

  std::vector<std::unique_ptr<std::string>> names_;  // by id; addresses are stable
  std::vector<std::string_view> views_;              // of them
  std::vector<std::uint16_t> slots_;
};

Table& table() {
  static Table the_table;
  return the_table;
}

constexpr std::array<bool, 256> make_token_bytes() {
  std::array<bool, 256> out{};
  for (int c = '0'; c <= '9'; ++c) out[std::size_t(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) out[std::size_t(c)] = out[std::size_t(c - 32)] = true;
  for (const unsigned char c : std::string_view{"!#$%&'*+-.^_`|~"}) out[std::size_t(c)] = true;
  return out;
}
constexpr auto k_token_bytes = make_token_bytes();

// A byte of 8 that is below 0x20 or is 0x7F; HTAB counts too, the caller looks again.
bool has_control(std::uint64_t w) {
  constexpr std::uint64_t k_ones = 0x0101010101010101;
  constexpr std::uint64_t k_tops = 0x8080808080808080;
  const std::uint64_t below = (w - k_ones * 0x20) & ~w;
  const std::uint64_t del = w ^ (k_ones * 0x7F);
  return ((below | ((del - k_ones) & ~del)) & k_tops) != 0;
}

#if defined(__SSE2__)
// The same of all bytes of a text of at least 16.
bool has_controls(const char* p, std::size_t n) {
  const __m128i del = _mm_set1_epi8(0x7F), last = _mm_set1_epi8(0x1F);
  const auto marks = [&](const char* at) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    return _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(x, last), x), _mm_cmpeq_epi8(x, del));
  };
  __m128i all = marks(p + n - 16);
  for (std::size_t i = 0; i + 16 < n; i += 16) all = _mm_or_si128(all, marks(p + i));
  return _mm_movemask_epi8(all) != 0;
}
#else
bool has_controls(const char* p, std::size_t n) {
  bool controls = has_control(load8(p + n - 8));
  for (std::size_t i = 0; i + 8 < n; i += 8) controls |= has_control(load8(p + i));
  return controls;
}
#endif

bool has_allowed_bytes(std::string_view bytes) {
  for (const char c : bytes)
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7F) return false;
  return true;
}

}  // namespace

// The well-known names are there before anybody has looked for one.
constinit HeaderTable g_header_table{k_known.data(), std::uint16_t(k_known.size())};

HeaderId find_header(std::string_view name) { return HeaderId(table().find(name)); }

HeaderId intern_header(std::string_view name) {
  if (!is_token(name) || name.size() > k_max_name) return HeaderId::none;
  const std::uint16_t found = table().find(name);
  return HeaderId(found != 0 ? found : table().add(name));
}

std::size_t token_size(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && k_token_bytes[(unsigned char)text[n]]) ++n;
  return n;
}

bool is_token(std::string_view text) { return !text.empty() && token_size(text) == text.size(); }

// Many bytes at a time: it sees each value that comes in, and each that a plugin sets.
bool is_field_value(std::string_view text) {
  const char* p = text.data();
  const std::size_t n = text.size();
  if (n >= 16) return !has_controls(p, n) || has_allowed_bytes(text);
  if (n >= 8) {
    const bool controls = has_control(load8(p)) || has_control(load8(p + n - 8));
    return !controls || has_allowed_bytes(text);
  }
  if (n == 0) return true;
  // Of fewer than four bytes the word has some that are none.
  const std::uint64_t all = n >= 4 ? short_word(text) : short_word(text) | k_fold << 24;
  return !has_control(all) || has_allowed_bytes(text);
}

}  // namespace gw::http
