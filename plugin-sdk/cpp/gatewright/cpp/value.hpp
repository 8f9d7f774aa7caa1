// SPDX-License-Identifier: Apache-2.0
// Values of the ABI in C++ clothes. A view's data() is null when the host says "absent", and is not
// when the value is merely empty; absent() and present() tell. Views are borrowed exactly as long
// as the gw_str they came from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gatewright/plugin.h"

namespace gw {

using view = std::string_view;
using hid = gw_hid;
using handle = gw_handle;
using milliseconds = std::chrono::milliseconds;

inline view to_view(gw_str s) { return s.p == nullptr ? view() : view(s.p, s.n); }
inline gw_str to_str(view v) { return gw_str{v.data(), v.size()}; }
inline bool absent(view v) { return v.data() == nullptr; }
inline bool present(view v) { return v.data() != nullptr; }

// Whether two names of header fields are the same: ASCII letters compare without case.
inline bool same_name(view a, view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

// The parts in one string. (Not operator+: g++ 12 warns wrongly of `"literal" + std::string`.)
template <class... Part>
std::string join(const Part&... parts) {
  std::string out;
  out.reserve((size_t{0} + ... + view(parts).size()));
  (out.append(view(parts)), ...);
  return out;
}

// What a phase function answers. A function that returns void answers `next`.
struct action {
  gw_action value;
  friend constexpr bool operator==(action a, action b) { return a.value == b.value; }
  friend constexpr bool operator!=(action a, action b) { return a.value != b.value; }
};
inline constexpr action next{GW_CONTINUE};
inline constexpr action pause{GW_PAUSE};  // after request::pause() gave a token
inline constexpr action fail{GW_FAIL};
inline constexpr action redispatch{GW_REDISPATCH};  // after request::redispatch() said yes

// A piece of a body; borrowed until the phase function returns.
struct chunk {
  view bytes;
  bool last;
  bool overflow;  // with GW_BODY_BUFFER: the body is longer than the limit, and goes by
};

// Thrown by a constructor that refuses its configuration; becomes the error of the entry.
class config_error : public std::runtime_error {
 public:
  // pointer: JSON pointer into config, "/key_names/0".
  config_error(const std::string& pointer, const std::string& text)
      : std::runtime_error(join(pointer, ": ", text)) {}
  explicit config_error(const std::string& text) : std::runtime_error(text) {}
};

}  // namespace gw
