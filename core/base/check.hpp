// SPDX-License-Identifier: Apache-2.0
// check(): an assertion that stays in release builds. A failed one ends the process: a worker is
// replaced by the supervisor, and going on with broken state is worse.
#pragma once

namespace gw {

[[noreturn]] void check_failed(const char* file, int line) noexcept;

inline void check(bool condition, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) noexcept {
  if (!condition) [[unlikely]]
    check_failed(file, line);
}

}  // namespace gw
