// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share. A target is LLVMFuzzerTestOneInput; what must hold is said with
// require(), which ends the process so that the fuzzer keeps the input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Places at which to cut an input, from the input itself: the same input is cut in the same way.
class Cuts {
 public:
  explicit Cuts(std::string_view input) {
    for (const char c : input) state_ = (state_ ^ std::uint8_t(c)) * 1099511628211u;
  }
  // 1 to most.
  std::size_t next(std::size_t most) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const std::size_t limit = state_ % 3 == 0 ? most : most < 4 ? most : 4;
    return 1 + std::size_t(state_ >> 20) % limit;
  }

 private:
  std::uint64_t state_ = 14695981039346656037u;
};

}  // namespace fuzz
