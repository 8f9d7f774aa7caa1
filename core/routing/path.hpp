// SPDX-License-Identifier: Apache-2.0
// Paths: the one normal form that is matched, authorised and forwarded, and how the upstream's path
// is made from it (Kong's path_handling v0 and v1). Pure functions: what comes out is the argument
// itself or lies in the arena. Queries are no part of a path and are never touched here.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "base/path_form.hpp"
#include "config/settings.hpp"

namespace gw::routing {

// base/path_form.hpp. The router's word for it.
inline std::string_view normalize(std::string_view path, Arena& arena) {
  return normalize_path(path, arena);
}

// What is in a path in normal form that origins may take apart differently: bits of
// config::PathTrait.
std::uint8_t path_traits(std::string_view normal);

struct UpstreamPathRule {
  std::string_view service_path;  // empty: as "/"
  bool strip_path = true;
  bool v1 = false;
};

// The path sent upstream. `matched` is what the route matched of the normalised `path`; 0 means the
// route has no path, and then there is nothing to strip. A prefix may end inside a segment; if the
// rest then begins with `./` or `../` (or is `.` or `..`) this is dropped, as are dots in front of
// a
// `;` or an encoded separator, so that stripping can't make a climb. REQUIRES: path begins with
// '/', matched <= path.size().
//
// With B the service's path and P what is left:      v0                          v1
//   B ends with /, strip, P empty     B if the path ends with /, else     B
//                                     B without its last slash; / stays
//   B ends with /, strip, P = /...    B without its last slash + P        the same
//   B ends with /, strip, else        B + P                               B + P
//   no slash at B's end, strip        B + P joined by one slash; P empty: B + P
//                                     B, and / if the path ends with it
//   no strip                          B + path joined by one slash;       B + path without its
//                                     path /: B                           first slash
std::string_view upstream_path(const UpstreamPathRule& rule, std::string_view path,
                               std::size_t matched, Arena& arena);

}  // namespace gw::routing
