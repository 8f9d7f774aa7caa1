// SPDX-License-Identifier: Apache-2.0
// RouteTable: the routes as the router asks them. Parts of routes in the order of their rank, and
// an index of them by host (literal, `*.x`, `x.*`, any), then by path prefix or by the literal
// beginning of a regex. The index proposes candidates; what it has not compared (methods, headers,
// snis, ports, the rest of a regex) stands in their entries.
#pragma once

#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "routing/fold_map.hpp"
#include "routing/header_matcher.hpp"
#include "routing/host.hpp"
#include "routing/prefix_forest.hpp"
#include "routing/rank.hpp"
#include "routing/regex.hpp"

namespace gw::routing {

struct RouteTable {
  // Hosts times paths of one part, above which it is indexed by its hosts alone and its paths are
  // searched, so that long lists cost their sum and not their product.
  static constexpr std::size_t k_most_pairs = 1024;
  static constexpr std::uint32_t k_any_host = 0;  // bucket of parts without hosts

  // Adds what is wrong with the routes to `out`.
  void build(const config::Entities& entities, std::vector<config::Diagnostic>& out);

  std::vector<config::Index> order;  // the route of each part, the first to be tried first
  std::vector<std::string_view> methods;
  std::vector<HostPattern> snis;
  std::vector<std::string_view> prefixes;
  std::vector<Regex> regexes;
  HeaderMatcher headers;
  FoldMap exact_hosts;   // to buckets of the forest
  FoldMap suffix_hosts;  // ".x"
  FoldMap prefix_hosts;  // "x."
  PrefixForest forest;
  std::uint32_t buckets = 1;
};

}  // namespace gw::routing
