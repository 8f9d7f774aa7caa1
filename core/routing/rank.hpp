// SPDX-License-Identifier: Apache-2.0
// Rank: which of two matching routes wins. A route is split into parts that compete singly, each
// with a rank of its own: one for each length among its prefixes, one for all its regexes, and
// these again for its hosts with a port and those without. So [/a, /a/b/c] is not stronger at /a
// for its longer path.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "config/entities.hpp"

namespace gw::routing {

// Compared from the first member to the last, greater first: Kong's traditional_compatible 64-bit
// priority (where regex_priority may also be negative), then host_port, which is ours. A tie that
// is left goes to the route that stands first in the file; in Kong to the one with the greater
// uuid.
struct Rank {
  std::uint8_t criteria = 0;        // how many of methods, hosts, headers, snis, paths are given
  bool plain_hosts = false;         // hosts are given, none with a `*`
  std::uint8_t header_names = 0;    // at most 255
  bool regex = false;               // the path is a regex: before any prefix
  std::int64_t regex_priority = 0;  // 0 unless regex
  std::uint32_t prefix_length = 0;  // 0 if regex
  bool host_port = false;           // the host names its port
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

struct Part {
  config::Index route = config::k_none;
  Rank rank;
  std::vector<std::uint32_t> paths;  // of the route; empty: it has none
  std::vector<std::uint32_t> hosts;  // of the route; empty: it has none
};

// The parts of all routes that are in force (those of disabled services are not), the first to be
// tried first.
std::vector<Part> rank_routes(const config::Entities& entities);

}  // namespace gw::routing
