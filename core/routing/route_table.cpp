// SPDX-License-Identifier: Apache-2.0
#include "routing/route_table.hpp"

#include <algorithm>
#include <deque>

#include "base/text.hpp"
#include "routing/path.hpp"
#include "routing/regex_syntax.hpp"

namespace gw::routing {

namespace {

using config::Route;
using config::Severity;

class Builder {
 public:
  Builder(RouteTable& table, const config::Entities& entities, std::vector<config::Diagnostic>& out)
      : table_(table), entities_(entities), out_(out) {}

  void run() {
    for (const Route& route : entities_.routes) add_route(route);
    for (const Part& part : rank_routes(entities_)) add_part(part);
    table_.forest.build(std::move(items_), table_.buckets);
  }

 private:
  // What all parts of a route have in common.
  struct Shared {
    Span methods;
    Span snis;
    Span headers;
    Span regexes;
  };

  void add_route(const Route& route);
  Span add_regexes(const Route& route);
  void check_prefix(const Route& route, std::size_t path);
  void add_part(const Part& part);
  Span add_prefixes(const Part& part);
  std::uint32_t bucket_of(const HostPattern& pattern);
  void add_items(std::uint32_t bucket, std::int32_t port, const Entry& entry, bool search);
  void report(Severity severity, const Route& route, std::string place, std::string message,
              std::string hint = {}, std::size_t path = std::string::npos);

  RouteTable& table_;
  const config::Entities& entities_;
  std::vector<config::Diagnostic>& out_;
  std::vector<Shared> shared_;        // by route
  std::deque<std::string> literals_;  // of regexes; addresses stay
  std::vector<PrefixForest::Item> items_;
  BlockPool pool_{4096, 1};
};

template <class T>
std::uint32_t count(const std::vector<T>& items) {
  return std::uint32_t(items.size());
}

// `path`: which of its paths, or npos for the route itself.
void Builder::report(Severity severity, const Route& route, std::string place, std::string message,
                     std::string hint, std::size_t path) {
  const std::string name = !route.place.empty()
                               ? route.place
                               : cat("routes.", route.name.empty() ? route.id : route.name);
  const auto where = path < route.path_places.size() ? route.path_places[path] : route.where;
  out_.push_back({severity, where, cat(name, ".", place), std::move(message), std::move(hint)});
}

void Builder::add_route(const Route& route) {
  Shared shared;
  shared.methods.begin = count(table_.methods);
  table_.methods.insert(table_.methods.end(), route.methods.begin(), route.methods.end());
  shared.methods.end = count(table_.methods);
  shared.snis.begin = count(table_.snis);
  for (const auto& sni : route.snis) table_.snis.push_back(parse_host_pattern(sni));
  shared.snis.end = count(table_.snis);
  auto headers = table_.headers.add(route.headers);
  if (headers)
    shared.headers = *headers;
  else
    report(Severity::error, route, "headers", headers.error().text);
  shared.regexes = add_regexes(route);
  for (std::size_t i = 0; i < route.paths.size(); ++i)
    if (!route.paths[i].starts_with('~')) check_prefix(route, i);
  shared_.push_back(shared);
}

Span Builder::add_regexes(const Route& route) {
  Span out{count(table_.regexes), 0};
  for (std::size_t i = 0; i < route.paths.size(); ++i) {
    if (!route.paths[i].starts_with('~')) continue;
    const auto pattern = std::string_view(route.paths[i]).substr(1);
    auto regex = Regex::compile(pattern);
    if (!regex) {
      report(Severity::error, route, cat("paths[", i, "]"), regex.error().text, "", i);
      continue;
    }
    if (std::any_of(pattern.begin(), pattern.end(), [](unsigned char c) { return c >= 0x80; }))
      report(Severity::warning, route, cat("paths[", i, "]"),
             cat("\"", pattern,
                 "\" holds bytes that are not ASCII, but paths are matched with "
                 "these escaped, in upper-case hex (as %C3%A9)"),
             "", i);
    literals_.push_back(literal_prefix(pattern));
    table_.regexes.push_back(std::move(regex.value()));
  }
  out.end = count(table_.regexes);
  return out;
}

void Builder::check_prefix(const Route& route, std::size_t path) {
  Arena arena(pool_);
  const std::string& text = route.paths[path];
  const auto normal = text.starts_with('/') ? normalize(text, arena) : std::string_view();
  if (normal.data() == nullptr)
    report(Severity::error, route, cat("paths[", path, "]"),
           cat("\"", text,
               "\" can't begin a path, which begins with / and has whole escapes, no "
               "%00, no control bytes, no ? and no #"),
           "", path);
  else if (normal != text)
    report(Severity::error, route, cat("paths[", path, "]"),
           cat("\"", text, "\" never matches, since requests are matched in normal form"),
           cat("write \"", normal, "\""), path);
}

void Builder::add_part(const Part& part) {
  const Shared& shared = shared_[part.route];
  Entry entry{part.route,
              part.rank.prefix_length,
              part.rank.regex,
              shared.methods,
              shared.snis,
              shared.headers,
              {}};
  entry.paths = part.rank.regex ? shared.regexes : add_prefixes(part);
  table_.order.push_back(part.route);
  if (part.hosts.empty()) return add_items(RouteTable::k_any_host, -1, entry, false);
  const bool search =
      part.paths.size() > 1 && part.hosts.size() * part.paths.size() > RouteTable::k_most_pairs;
  for (const auto host : part.hosts) {
    const auto pattern = parse_host_pattern(entities_.routes[part.route].hosts[host]);
    add_items(bucket_of(pattern), pattern.port, entry, search);
  }
}

Span Builder::add_prefixes(const Part& part) {
  Span out{count(table_.prefixes), 0};
  for (const auto path : part.paths)
    table_.prefixes.push_back(entities_.routes[part.route].paths[path]);
  std::sort(table_.prefixes.begin() + out.begin, table_.prefixes.end());
  out.end = count(table_.prefixes);
  return out;
}

std::uint32_t Builder::bucket_of(const HostPattern& pattern) {
  using Kind = HostPattern::Kind;
  FoldMap& map = pattern.kind == Kind::exact    ? table_.exact_hosts
                 : pattern.kind == Kind::suffix ? table_.suffix_hosts
                                                : table_.prefix_hosts;
  const auto bucket = map.insert(pattern.text, table_.buckets);
  if (bucket == table_.buckets) ++table_.buckets;
  return bucket;
}

void Builder::add_items(std::uint32_t bucket, std::int32_t port, const Entry& entry, bool search) {
  const auto place = count(table_.order) - 1;
  if (search) {
    items_.push_back({bucket, {}, entry.regex, {place, port, Candidate::k_search_path, entry}});
    return;
  }
  for (auto i = entry.paths.begin; i < entry.paths.end; ++i) {
    if (entry.regex)
      items_.push_back({bucket, literals_[i], true, {place, port, i, entry}});
    else
      items_.push_back(
          {bucket, table_.prefixes[i], false, {place, port, Candidate::k_path_known, entry}});
  }
  if (entry.paths.begin == entry.paths.end)
    items_.push_back({bucket, {}, false, {place, port, Candidate::k_path_known, entry}});
}

}  // namespace

void RouteTable::build(const config::Entities& entities, std::vector<config::Diagnostic>& out) {
  Builder(*this, entities, out).run();
}

}  // namespace gw::routing
