// SPDX-License-Identifier: Apache-2.0
// Paths: the one normal form that is matched, authorised and forwarded, and how the upstream's path
// is made from it (Kong's path_handling v0 and v1). Pure functions.
#pragma once

#include <string_view>

#include "base/arena.hpp"

namespace gw::routing {

// Normal form by RFC 3986 6.2.2 and Kong: unreserved escapes decoded, reserved ones kept with
// upper-case hex, dot segments removed, `//` merged. The result is `path` itself when it is normal
// already, else in the arena. p == nullptr (empty view with null data) when a %-escape is broken or
// hides NUL. REQUIRES: path begins with '/'.
std::string_view normalize(std::string_view path, Arena& arena);

struct UpstreamPathRule {
  std::string_view service_path;  // empty: none
  bool strip_path = true;
  bool v1 = false;
};

// The path sent upstream. `matched` is what the route matched of the request's normalised path.
// The result is in the arena, or a part of what was given.
std::string_view upstream_path(const UpstreamPathRule& rule, std::string_view path,
                               std::size_t matched, Arena& arena);

}  // namespace gw::routing
