// SPDX-License-Identifier: Apache-2.0
#include "routing/rank.hpp"

#include <algorithm>
#include <map>

#include "routing/host.hpp"

namespace gw::routing {

namespace {

using config::Route;

Rank common_rank(const Route& route) {
  Rank rank;
  rank.criteria = std::uint8_t(!route.methods.empty()) + std::uint8_t(!route.hosts.empty()) +
                  std::uint8_t(!route.headers.empty()) + std::uint8_t(!route.snis.empty()) +
                  std::uint8_t(!route.paths.empty());
  rank.plain_hosts = !route.hosts.empty() &&
                     std::none_of(route.hosts.begin(), route.hosts.end(),
                                  [](auto& host) { return host.find('*') != std::string::npos; });
  rank.header_names = std::uint8_t(std::min<std::size_t>(route.headers.size(), 255));
  return rank;
}

// One list of paths for each part, with that part's rank; one without paths if there are none.
std::vector<Part> split_paths(config::Index index, const Route& route) {
  const Rank common = common_rank(route);
  if (route.paths.empty()) return {{index, common, {}, {}}};
  std::map<Rank, Part> parts;
  for (std::uint32_t i = 0; i < route.paths.size(); ++i) {
    Rank rank = common;
    rank.regex = route.paths[i].starts_with('~');
    if (rank.regex)
      rank.regex_priority = route.regex_priority;
    else
      rank.prefix_length = std::uint32_t(route.paths[i].size());
    Part& part = parts[rank];
    part.route = index;
    part.rank = rank;
    part.paths.push_back(i);
  }
  std::vector<Part> out;
  for (auto& [rank, part] : parts) out.push_back(std::move(part));
  return out;
}

void split_hosts(const Route& route, const Part& part, std::vector<Part>& out) {
  for (const bool with_port : {true, false}) {
    Part made = part;
    made.rank.host_port = with_port;
    for (std::uint32_t i = 0; i < route.hosts.size(); ++i)
      if ((split_host_port(route.hosts[i]).port >= 0) == with_port) made.hosts.push_back(i);
    if (!made.hosts.empty()) out.push_back(std::move(made));
  }
  if (route.hosts.empty()) out.push_back(part);
}

}  // namespace

std::vector<Part> rank_routes(const config::Entities& entities) {
  std::vector<Part> out;
  for (config::Index i = 0; i < entities.routes.size(); ++i) {
    const Route& route = entities.routes[i];
    if (route.service != config::k_none && !entities.services[route.service].enabled) continue;
    for (const Part& part : split_paths(i, route)) split_hosts(route, part, out);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Part& a, const Part& b) { return a.rank > b.rank; });
  return out;
}

}  // namespace gw::routing
