// SPDX-License-Identifier: Apache-2.0
// Fast random bytes for ids and sampling (xoshiro256**, seeded by the kernel). Not for keys.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gw {

class Random {
 public:
  Random();  // seeded by getrandom
  std::uint64_t next();
  void fill(void* out, std::size_t n);

 private:
  std::uint64_t state_[4];
};

// One per thread.
Random& thread_random();

}  // namespace gw
