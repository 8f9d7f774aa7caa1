// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include <sys/random.h>

#include <bit>
#include <cstring>

#include "base/check.hpp"

namespace gw {

Random::Random() {
  check(getrandom(state_, sizeof state_, 0) == ssize_t(sizeof state_));
  state_[0] |= 1;  // the all-zero state would stay zero
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void Random::fill(void* out, std::size_t n) {
  auto* p = static_cast<char*>(out);
  while (n > 0) {
    const std::uint64_t word = next();
    const std::size_t part = n < sizeof word ? n : sizeof word;
    std::memcpy(p, &word, part);
    p += part;
    n -= part;
  }
}

Random& thread_random() {
  static thread_local Random random;
  return random;
}

}  // namespace gw
