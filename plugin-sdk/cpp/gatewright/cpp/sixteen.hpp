// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes at once, for json_escape.hpp: one SSE2 register where there is one (all x86-64),
// two numbers elsewhere.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gw::detail {

#if defined(__SSE2__)

class sixteen {
 public:
  explicit sixteen(const char* from)
      : x_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}
  // Bytes above those of a shorter word are letters.
  template <class Word>
  sixteen(Word first, Word last)
      : x_(_mm_set_epi64x(static_cast<long long>(filled(last)),
                          static_cast<long long>(filled(first)))) {}

  // What stands out: control bytes, quotes, backslashes, DEL and what is no ASCII.
  struct specials {
    __m128i marks;
    bool any() const { return _mm_movemask_epi8(marks) != 0; }
    friend specials operator|(specials a, specials b) { return {_mm_or_si128(a.marks, b.marks)}; }
  };
  specials special() const {
    // Signed, and with one added: DEL and what is no ASCII is less than a space too.
    const __m128i low = _mm_cmplt_epi8(_mm_add_epi8(x_, _mm_set1_epi8(1)), _mm_set1_epi8(0x21));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(x_, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(x_, _mm_set1_epi8('\\')));
    return {_mm_or_si128(low, marks)};
  }
  // REQUIRES: ASCII only.
  void to_lower() {
    const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(x_, _mm_set1_epi8('A' - 1)),
                                        _mm_cmplt_epi8(x_, _mm_set1_epi8('Z' + 1)));
    x_ = _mm_add_epi8(x_, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
  }
  void store(char* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), x_); }
  uint64_t first() const { return static_cast<uint64_t>(_mm_cvtsi128_si64(x_)); }
  uint64_t last() const {
    return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(x_, x_)));
  }

 private:
  __m128i x_;

#else

class sixteen {
 public:
  explicit sixteen(const char* from) {
    std::memcpy(&a_, from, 8);
    std::memcpy(&b_, from + 8, 8);
  }
  template <class Word>
  sixteen(Word first, Word last) : a_(filled(first)), b_(filled(last)) {}

  struct specials {
    uint64_t marks;
    bool any() const { return marks != 0; }
    friend specials operator|(specials a, specials b) { return {a.marks | b.marks}; }
  };
  specials special() const { return {special(a_) | special(b_)}; }
  void to_lower() { a_ = lower(a_), b_ = lower(b_); }
  void store(char* to) const {
    std::memcpy(to, &a_, 8);
    std::memcpy(to + 8, &b_, 8);
  }
  uint64_t first() const { return a_; }
  uint64_t last() const { return b_; }

 private:
  static constexpr uint64_t every = 0x0101010101010101, high = every * 0x80;
  // Not 0 exactly if one byte is special; borrows only follow one that is.
  static uint64_t special(uint64_t x) {
    const auto is = [x](unsigned char c) {
      const uint64_t y = x ^ (every * c);
      return (y - every) & ~y;
    };
    return (((x - every * 0x20) & ~x) | is('"') | is('\\') | is(0x7F) | x) & high;
  }
  static uint64_t lower(uint64_t x) {
    return x | (((x + every * (0x80 - 'A')) & ~(x + every * (0x7F - 'Z')) & high) >> 2);
  }
  uint64_t a_, b_;

#endif

 private:
  template <class Word>
  static uint64_t filled(Word word) {
    if constexpr (sizeof(Word) == 8)
      return word;
    else
      return uint64_t{0x6161616161616161} << (sizeof(Word) * 8) | word;
  }
};

}  // namespace gw::detail
