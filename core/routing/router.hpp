// SPDX-License-Identifier: Apache-2.0
// Router: which route a request belongs to, by Kong's traditional_compatible rules. Compiled once
// from a snapshot, immutable, used by one worker's thread (matching uses scratch memory of its
// own). A lookup's cost does not grow with the number of routes that differ in host or in the
// literal beginning of their path; it allocates nothing (what a regex engine does: regex.hpp).
//
// All criteria that a route gives must hold, in each any value suffices:
// - methods: exact; paths: a plain prefix without regard to segments, or `~` and a regex that must
//   match from the path's start on (all its alternatives);
// - hosts: host.hpp; without a port every port matches, with one only it, which is the Host
//   header's or else Query.port; `*.x` and `x.*` stand for any number of labels;
// - headers: header_matcher.hpp; snis: on TLS connections only, on others they are not looked at.
// Protocols are no criterion: an http route serves TLS, an https-only one demands it afterwards.
// Among those that match the highest rank wins (rank.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "config/diagnostic.hpp"
#include "config/entities.hpp"
#include "routing/regex.hpp"

namespace gw::routing {

struct Header {
  std::string_view name;
  std::string_view value;
};

// What of a request the router looks at. Borrowed for the call.
struct Query {
  std::string_view method;
  std::string_view host;    // Host header as received, with its port if it has one
  std::uint16_t port = 80;  // the port that the client believes to talk to (port_maps applied)
  std::string_view path;    // normalised (path.hpp), without query
  bool tls = false;
  std::string_view sni;  // of a TLS connection, without trailing dot
  // Fields of the request, asked for only when some route has `headers`. May be null.
  void (*each_header)(void* context, void (*visit)(void*, Header), void* visitor) = nullptr;
  void* context = nullptr;
};

struct Match {
  config::Index route = config::k_none;
  std::size_t matched =
      0;  // bytes of the path that the route's path matched (0: the route has none)
  // Of a regex path, in the arena: the whole match, then each group, empty if it took no part.
  // Values are parts of the path, names live as long as the router.
  const Capture* captures = nullptr;
  std::uint32_t capture_count = 0;
  // A backtracking regex reached its limit, so that what ranks below must not answer in its place:
  // route is k_none, `undecided` the route whose regex it was, and the request is to be refused.
  bool gave_up = false;
  config::Index undecided = config::k_none;
};

class Router {
 public:
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // The entities must outlive the router. Null if there are errors among what is added to `out`:
  // regexes that do not compile, prefixes that are not in normal form and so could never match.
  static std::unique_ptr<Router> compile(const config::Entities& entities,
                                         std::vector<config::Diagnostic>& out);

  // route == k_none: no route matches. Captures are allocated in the arena.
  Match match(const Query& query, Arena& arena) const;
  // Routes in the order in which they would be tried, for the admin side; one whose parts compete
  // apart stands where its best part does.
  std::vector<config::Index> order() const;

 private:
  Router();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::routing
