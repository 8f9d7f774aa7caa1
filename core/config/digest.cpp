// SPDX-License-Identifier: Apache-2.0
#include "config/digest.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.hpp"

namespace gw::config {

namespace {

// Both digests pad alike: 0x80, zeros, the length in bits, to a multiple of 64 bytes. They differ
// in the byte order of the length.
std::string padded(std::string_view data, bool big_endian) {
  std::string out(data);
  out += char(0x80);
  out.resize((out.size() + 8 + 63) / 64 * 64 - 8);
  const std::uint64_t bits = std::uint64_t(data.size()) * 8;
  for (int i = 0; i < 8; ++i) out += char(bits >> (big_endian ? 56 - 8 * i : 8 * i));
  return out;
}

std::uint32_t word_at(const char* p, bool big_endian) {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i)
    word |= std::uint32_t(std::uint8_t(p[i])) << (big_endian ? 24 - 8 * i : 8 * i);
  return word;
}

// MD5's constants are floor(2^32 * |sin(i + 1)|) (RFC 1321, 3.4).
const std::array<std::uint32_t, 64>& md5_constants() {
  static const auto k_table = [] {
    std::array<std::uint32_t, 64> table{};
    for (unsigned i = 0; i < 64; ++i)
      table[i] = std::uint32_t(std::fabs(std::sin(double(i + 1))) * 4294967296.0);
    return table;
  }();
  return k_table;
}

void md5_block(std::array<std::uint32_t, 4>& state, const char* block) {
  static constexpr int k_shift[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  const auto& constants = md5_constants();
  auto [a, b, c, d] = state;
  for (unsigned i = 0; i < 64; ++i) {
    std::uint32_t f;
    unsigned g;
    switch (i / 16) {
      case 0:
        f = (b & c) | (~b & d);
        g = i;
        break;
      case 1:
        f = (d & b) | (~d & c);
        g = (5 * i + 1) % 16;
        break;
      case 2:
        f = b ^ c ^ d;
        g = (3 * i + 5) % 16;
        break;
      default:
        f = c ^ (b | ~d);
        g = (7 * i) % 16;
    }
    f += a + constants[i] + word_at(block + std::size_t(4) * g, false);
    a = d;
    d = c;
    c = b;
    b += std::rotl(f, k_shift[i / 16][i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

void sha1_block(std::array<std::uint32_t, 5>& state, const char* block) {
  std::array<std::uint32_t, 80> w;
  for (unsigned i = 0; i < 16; ++i) w[i] = word_at(block + std::size_t(4) * i, true);
  for (unsigned i = 16; i < 80; ++i)
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = state;
  for (unsigned i = 0; i < 80; ++i) {
    std::uint32_t f;
    if (i < 20)
      f = ((b & c) | (~b & d)) + 0x5A827999;
    else if (i < 40)
      f = (b ^ c ^ d) + 0x6ED9EBA1;
    else if (i < 60)
      f = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    else
      f = (b ^ c ^ d) + 0xCA62C1D6;
    const std::uint32_t next = std::rotl(a, 5) + f + e + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

template <std::size_t N>
std::array<std::uint8_t, 4 * N> bytes_of(const std::array<std::uint32_t, N>& state, bool big) {
  std::array<std::uint8_t, 4 * N> out;
  for (std::size_t i = 0; i < 4 * N; ++i)
    out[i] = std::uint8_t(state[i / 4] >> (big ? 24 - 8 * (i % 4) : 8 * (i % 4)));
  return out;
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view data) {
  std::array<std::uint32_t, 4> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  const std::string text = padded(data, false);
  for (std::size_t at = 0; at < text.size(); at += 64) md5_block(state, text.data() + at);
  return bytes_of(state, false);
}

std::array<std::uint8_t, 20> sha1(std::string_view data) {
  std::array<std::uint32_t, 5> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const std::string text = padded(data, true);
  for (std::size_t at = 0; at < text.size(); at += 64) sha1_block(state, text.data() + at);
  return bytes_of(state, true);
}

Uuid uuid_v5(const Uuid& space, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(space.data()), space.size());
  input += name;
  const auto digest = sha1(input);
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  uuid[6] = std::uint8_t((uuid[6] & 0x0F) | 0x50);
  uuid[8] = std::uint8_t((uuid[8] & 0x3F) | 0x80);
  return uuid;
}

std::string uuid_text(const Uuid& uuid) {
  std::string text = hex(uuid.data(), uuid.size());
  for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = to_lower(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

std::string entity_id(std::string_view collection, std::string_view key) {
  static constexpr Uuid k_kong{0xfd, 0x02, 0x80, 0x1f, 0x09, 0x57, 0x4a, 0x15,
                               0xa5, 0x5a, 0xc8, 0xd9, 0x60, 0x6f, 0x30, 0xb5};
  return uuid_text(uuid_v5(uuid_v5(k_kong, collection), key));
}

}  // namespace gw::config
