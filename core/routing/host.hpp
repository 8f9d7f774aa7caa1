// SPDX-License-Identifier: Apache-2.0
// Host names as routes and requests write them. Ours, where Kong compares bytes: names are compared
// without case (RFC 3986 3.2.2) and one trailing dot is dropped, since `a.example.` is the same
// name as `a.example`. IPv6 addresses may stand with or without brackets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::routing {

struct HostPort {
  std::string_view host;   // without brackets and trailing dot
  std::int32_t port = -1;  // -1: none, or empty
};

// A port that is no number up to 65535 is left in the host, which then matches nothing.
HostPort split_host_port(std::string_view text);

// One value of a route's `hosts` or `snis`.
struct HostPattern {
  // suffix: `*.x`, text is ".x"; prefix: `x.*`, text is "x."
  enum class Kind : std::uint8_t { exact, suffix, prefix };
  Kind kind = Kind::exact;
  std::string text;        // lower case
  std::int32_t port = -1;  // -1: any
};
HostPattern parse_host_pattern(std::string_view text);

// The rule for SNI, which is that for certificates: `*` stands for exactly one label.
bool matches_sni(const HostPattern& pattern, std::string_view name);

}  // namespace gw::routing
