// SPDX-License-Identifier: Apache-2.0
// SipHash-1-3: a keyed hash of bytes. Keys of stores come from clients (addresses, credentials);
// without a secret key somebody could aim them all at one stripe and push others' counters out.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gw::shared {

struct HashKey {
  std::uint64_t k0;
  std::uint64_t k1;
};

namespace detail {

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace detail

inline std::uint64_t sip_hash(HashKey key, std::string_view bytes) {
  detail::SipState state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
                         key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    state.take(word);
  }
  std::uint64_t last = 0;
  if (left != 0) std::memcpy(&last, at, left);
  state.take(last | std::uint64_t(bytes.size()) << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace gw::shared
