// SPDX-License-Identifier: Apache-2.0
// The one normal form of a request's path: what the router matches, plugins see and upstreams get,
// and what routes of a configuration have to be written in. A pure function.
#pragma once

#include <string_view>

#include "base/arena.hpp"

namespace gw {

// Normal form by RFC 3986 6.2.2, so that two spellings of one path are one path to the router, to
// the plugins and to the upstream:
// - escapes of unreserved characters (letters, digits, - . _ ~) are decoded, all others are kept
//   with upper-case hex, so `%2F` never becomes a separator;
// - bytes that a path can't hold as they are (blank, quotes, < > \ ^ ` { | }, and all from 0x80)
//   are escaped;
// - `.` and `..` segments, plain or escaped, are resolved and never climb above the root;
// - `//` is merged, as Kong does before it resolves `..`.
// The result is `path` itself when it is normal already, else in the arena. Null data (an empty
// view) when the path must be refused: a broken escape (`%4`, `%zz`), `%00`, a control byte, or a
// raw `#` or `?`. REQUIRES: path begins with '/'.
std::string_view normalize_path(std::string_view path, Arena& arena);

}  // namespace gw
