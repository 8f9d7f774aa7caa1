// SPDX-License-Identifier: Apache-2.0
// The router as its rules are told: every part of every route gets Kong's 64-bit priority, and a
// request walks them all from the highest down. Slow and obvious; the judge of the indexed router.
// It shares with that one only Regex and the splitting of host and port.
#pragma once

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "request.hpp"
#include "routing/host.hpp"

namespace gw::routing::test {

class NaiveRouter {
 public:
  explicit NaiveRouter(const config::Entities& entities) {
    for (config::Index i = 0; i < entities.routes.size(); ++i) {
      const auto& route = entities.routes[i];
      if (route.service == config::k_none || entities.services[route.service].enabled)
        split(i, route);
    }
    std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
      return std::tie(a.priority, a.with_port) > std::tie(b.priority, b.with_port);
    });
  }

  // Fills what of a Match can be compared; the number of captures, not their places.
  Match match(const Request& request) const {
    for (const Part& part : parts_) {
      Match found;
      if (!criteria_hold(part, request) || !path_holds(part, request.path, found)) continue;
      found.route = part.index;
      return found;
    }
    return {};
  }

 private:
  struct Part {
    config::Index index;
    const config::Route* route;
    std::uint64_t priority;
    bool with_port;
    std::vector<std::string> hosts;
    std::vector<std::string> paths;
  };

  void split(config::Index index, const config::Route& route) {
    std::map<std::size_t, std::vector<std::string>> by_length;  // 0: regexes, or no paths at all
    if (route.paths.empty()) by_length[0] = {};
    for (const auto& path : route.paths)
      by_length[path[0] == '~' ? 0 : path.size()].push_back(path);
    std::map<bool, std::vector<std::string>> by_port;
    if (route.hosts.empty()) by_port[false] = {};
    for (const auto& host : route.hosts) by_port[split_host_port(host).port >= 0].push_back(host);
    for (const auto& [length, paths] : by_length)
      for (const auto& [with_port, hosts] : by_port)
        parts_.push_back({index, &route, priority(route, paths), with_port, hosts, paths});
  }

  static std::uint64_t priority(const config::Route& route, const std::vector<std::string>& paths) {
    const auto given = [](const auto& list) { return std::uint64_t(!list.empty()); };
    const bool regex = !paths.empty() && paths[0][0] == '~';
    bool plain = !route.hosts.empty();
    for (const auto& host : route.hosts) plain = plain && host.find('*') == host.npos;
    std::uint64_t out = given(route.methods) + given(route.hosts) + given(route.headers) +
                        given(route.snis) + given(route.paths);
    out = out << 1 | std::uint64_t(plain);
    out = out << 8 | std::min<std::uint64_t>(route.headers.size(), 255);
    out = out << 1 | std::uint64_t(regex);
    out = out << 32 | (regex ? std::uint64_t(route.regex_priority) : 0);
    return out << 19 | (regex || paths.empty() ? 0 : paths[0].size());
  }

  static bool wild(const std::string& pattern, const std::string& name, bool one_label) {
    if (pattern.find('*') == pattern.npos) return pattern == name;
    const bool left = pattern[0] == '*';
    const auto fixed = left ? pattern.substr(1) : pattern.substr(0, pattern.size() - 1);
    if (left ? !name.ends_with(fixed) : !name.starts_with(fixed)) return false;
    const auto star = left ? name.substr(0, name.size() - fixed.size()) : name.substr(fixed.size());
    return !one_label || (!star.empty() && star.find('.') == star.npos);
  }

  static bool host_holds(const std::string& wanted, const Request& request) {
    const auto pattern = split_host_port(wanted);
    const auto got = split_host_port(request.host);
    if (!wild(lower(pattern.host), lower(got.host), false)) return false;
    return pattern.port < 0 || pattern.port == (got.port < 0 ? request.port : got.port);
  }

  static bool value_holds(const std::string& wanted, const std::string& value) {
    if (!wanted.starts_with("~*")) return lower(wanted) == lower(value);
    auto regex = Regex::compile(wanted.substr(2), {false, true});
    std::size_t end = 0;
    return regex->match(value, end) == RegexOutcome::yes;
  }

  static bool header_holds(const config::HeaderMatch& wanted, const Request& request) {
    for (const auto& [name, value] : request.fields)
      if (lower(name) == lower(wanted.name))
        for (const auto& each : wanted.values)
          if (value_holds(each, value)) return true;
    return false;
  }

  static bool criteria_hold(const Part& part, const Request& request) {
    const auto any = [](const auto& list, auto&& holds) {
      return list.empty() || std::any_of(list.begin(), list.end(), holds);
    };
    const auto& route = *part.route;
    return any(route.methods, [&](auto& method) { return method == request.method; }) &&
           any(part.hosts, [&](auto& host) { return host_holds(host, request); }) &&
           (!request.tls || any(route.snis,
                                [&](auto& sni) {
                                  return wild(lower(split_host_port(sni).host), lower(request.sni),
                                              true);
                                })) &&
           std::all_of(route.headers.begin(), route.headers.end(),
                       [&](auto& header) { return header_holds(header, request); });
  }

  static bool path_holds(const Part& part, const std::string& path, Match& out) {
    for (const auto& wanted : part.paths) {
      if (wanted[0] != '~') {
        if (!path.starts_with(wanted)) continue;
        out.matched = wanted.size();
        return true;
      }
      auto regex = Regex::compile(wanted.substr(1));
      if (regex->match(path, out.matched) != RegexOutcome::yes) continue;
      out.capture_count = regex->groups();
      return true;
    }
    return part.paths.empty();
  }

  std::vector<Part> parts_;
};

}  // namespace gw::routing::test
