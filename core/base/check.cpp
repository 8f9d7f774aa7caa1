// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace gw {

void check_failed(const char* file, int line) noexcept {
  std::fprintf(stderr, "gatewright: check failed at %s:%d\n", file, line);
  std::abort();
}

}  // namespace gw
