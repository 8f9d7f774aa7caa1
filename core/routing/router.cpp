// SPDX-License-Identifier: Apache-2.0
#include "routing/router.hpp"

#include <algorithm>

#include "routing/route_table.hpp"

namespace gw::routing {

struct Router::Impl {
  // A look-up in progress. best: the place of what was found; k_none: nothing found yet.
  struct Search {
    const Query& query;
    std::string_view host;
    std::int32_t port;
    std::uint32_t best = config::k_none;
    Match match{};
    const Entry* regex = nullptr;  // what was found, if its captures are still to be told
  };

  void collect(std::uint32_t bucket, std::string_view path);
  void collect_hosts(const Search& search);
  RegexOutcome admits(const Candidate& candidate, const Search& search);
  RegexOutcome path_outcome(const Candidate& candidate, std::string_view path) const;
  void scan(Span range, Search& search);
  void scan_plain(PrefixForest::Hit hit, Search& search);
  Match finish(const Search& search, Arena& arena) const;

  RouteTable table;
  std::vector<PrefixForest::Hit> found;  // the deepest nodes of the buckets that the host names
};

namespace {

bool has_method(const RouteTable& table, Span methods, std::string_view method) {
  if (methods.begin == methods.end) return true;
  for (auto i = methods.begin; i < methods.end; ++i)
    if (table.methods[i] == method) return true;
  return false;
}

bool has_sni(const RouteTable& table, Span snis, const Query& query) {
  if (snis.begin == snis.end || !query.tls) return true;
  for (auto i = snis.begin; i < snis.end; ++i)
    if (matches_sni(table.snis[i], query.sni)) return true;
  return false;
}

}  // namespace

void Router::Impl::collect(std::uint32_t bucket, std::string_view path) {
  if (bucket == FoldMap::k_absent) return;
  const auto hit = table.forest.find(bucket, path);
  if (hit.node != PrefixForest::k_none) found.push_back(hit);
}

void Router::Impl::collect_hosts(const Search& search) {
  const auto host = search.host;
  const auto path = search.query.path;
  found.clear();
  collect(table.exact_hosts.find(host), path);
  if (!table.suffix_hosts.empty())
    for (auto dot = host.find('.'); dot != host.npos; dot = host.find('.', dot + 1))
      collect(table.suffix_hosts.find(host.substr(dot)), path);
  if (!table.prefix_hosts.empty()) {
    const auto most = table.prefix_hosts.longest();
    for (auto dot = host.find('.'); dot < most; dot = host.find('.', dot + 1))
      collect(table.prefix_hosts.find(host.substr(0, dot + 1)), path);
  }
  collect(RouteTable::k_any_host, path);
}

RegexOutcome Router::Impl::path_outcome(const Candidate& candidate, std::string_view path) const {
  if (candidate.path == Candidate::k_path_known) return RegexOutcome::yes;
  std::size_t end = 0;
  if (candidate.path != Candidate::k_search_path)
    return table.regexes[candidate.path].match(path, end);
  const Entry& entry = candidate.entry;
  if (!entry.regex) {
    const auto* first = table.prefixes.data() + entry.paths.begin;
    const auto* last = table.prefixes.data() + entry.paths.end;
    const bool found = std::binary_search(first, last, path.substr(0, entry.prefix_length));
    return found ? RegexOutcome::yes : RegexOutcome::no;
  }
  for (auto i = entry.paths.begin; i < entry.paths.end; ++i)
    if (const auto outcome = table.regexes[i].match(path, end); outcome != RegexOutcome::no)
      return outcome;
  return RegexOutcome::no;
}

RegexOutcome Router::Impl::admits(const Candidate& candidate, const Search& search) {
  const Entry& entry = candidate.entry;
  if (candidate.port >= 0 && candidate.port != search.port) return RegexOutcome::no;
  if (!has_method(table, entry.methods, search.query.method)) return RegexOutcome::no;
  if (!has_sni(table, entry.snis, search.query)) return RegexOutcome::no;
  auto headers = RegexOutcome::yes;
  if (entry.headers.begin != entry.headers.end)
    headers = table.headers.check(entry.headers, search.query);
  if (headers == RegexOutcome::no) return headers;
  // A path's regex that gave up is judged in finish(), after those that stand before it.
  const auto path = path_outcome(candidate, search.query.path);
  return path == RegexOutcome::no ? path : headers;
}

void Router::Impl::scan(Span range, Search& search) {
  for (auto i = range.begin; i < range.end; ++i) {
    const Candidate& candidate = table.forest.candidates()[i];
    if (candidate.place >= search.best) return;
    const auto outcome = admits(candidate, search);
    if (outcome == RegexOutcome::no) continue;
    const Entry& entry = candidate.entry;
    search.best = candidate.place;
    search.regex = entry.regex ? &entry : nullptr;
    if (outcome == RegexOutcome::gave_up)
      search.match = {.gave_up = true, .undecided = entry.route};
    else
      search.match = {.route = entry.route, .matched = entry.prefix_length};
    return;
  }
}

void Router::Impl::scan_plain(PrefixForest::Hit hit, Search& search) {
  for (auto index = hit.node; index != PrefixForest::k_none;) {
    const auto& node = table.forest.node(index);
    if (node.best_plain >= search.best) return;
    if (index == hit.node && node.sure_route != config::k_none) {
      search.best = node.best_plain;
      search.regex = nullptr;
      search.match = {.route = node.sure_route, .matched = hit.depth};
      return;
    }
    scan(node.plain(), search);
    index = node.up;
  }
}

// The first regex of the route that matches, in the order of the file, tells the captures.
Match Router::Impl::finish(const Search& search, Arena& arena) const {
  Match match = search.match;
  if (search.regex == nullptr || match.gave_up) return match;
  const Entry& entry = *search.regex;
  for (auto i = entry.paths.begin; i < entry.paths.end; ++i) {
    const Regex& regex = table.regexes[i];
    auto* captures = arena.array<Capture>(regex.groups());
    const auto outcome = regex.capture(search.query.path, captures);
    if (outcome == RegexOutcome::no) continue;
    if (outcome == RegexOutcome::gave_up) return {.gave_up = true, .undecided = entry.route};
    const auto whole = captures[0].value;
    match.matched = std::size_t(whole.data() + whole.size() - search.query.path.data());
    match.captures = captures;
    match.capture_count = regex.groups();
    return match;
  }
  return match;
}

Router::Router() : impl_(std::make_unique<Impl>()) {}
Router::~Router() = default;

std::unique_ptr<Router> Router::compile(const config::Entities& entities,
                                        std::vector<config::Diagnostic>& out) {
  std::unique_ptr<Router> router(new Router);
  std::vector<config::Diagnostic> diagnostics;
  RouteTable& table = router->impl_->table;
  table.build(entities, diagnostics);
  const bool failed = config::has_errors(diagnostics);
  out.insert(out.end(), diagnostics.begin(), diagnostics.end());
  if (failed) return nullptr;
  // One for each length that a wildcard can have, the literal host, and any host.
  router->impl_->found.reserve(table.suffix_hosts.longest() + table.prefix_hosts.longest() + 2);
  return router;
}

// Plain prefixes are looked at before regexes: what they find spares the regexes that rank lower.
Match Router::match(const Query& query, Arena& arena) const {
  Impl& impl = *impl_;
  const auto [host, port] = split_host_port(query.host);
  Impl::Search search{query, host, port >= 0 ? port : std::int32_t(query.port)};
  impl.table.headers.start_request();
  impl.collect_hosts(search);
  const auto& forest = impl.table.forest;
  for (const auto hit : impl.found) impl.scan_plain(hit, search);
  for (const auto hit : impl.found)
    for (auto index = hit.node; index != PrefixForest::k_none; index = forest.node(index).up) {
      const auto& node = forest.node(index);
      if (node.best_regex >= search.best) break;
      impl.scan(node.regex(), search);
    }
  return impl.finish(search, arena);
}

std::vector<config::Index> Router::order() const {
  std::vector<config::Index> out;
  std::vector<bool> seen;
  for (const config::Index route : impl_->table.order) {
    if (route >= seen.size()) seen.resize(route + 1);
    if (!seen[route]) out.push_back(route);
    seen[route] = true;
  }
  return out;
}

}  // namespace gw::routing
