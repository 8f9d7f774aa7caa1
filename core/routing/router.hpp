// SPDX-License-Identifier: Apache-2.0
// Router: which route a request belongs to, by Kong's traditional_compatible rules. Compiled once
// from a snapshot, immutable, used by one worker's thread (matching uses scratch memory of its
// own). A lookup's cost does not grow with the number of routes that have literal hosts or plain
// prefixes.
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

struct Capture {
  std::string_view name;  // empty for numbered ones
  std::string_view value;
};

struct Match {
  config::Index route = config::k_none;
  std::size_t matched =
      0;  // bytes of the path that the route's path matched (0: the route has none)
  const Capture* captures = nullptr;  // in the arena; of a regex path
  std::uint32_t capture_count = 0;
};

class Router {
 public:
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // The entities must outlive the router. Regexes that do not compile are diagnostics (config
  // checks them too, with check_regex); then the result is null.
  static std::unique_ptr<Router> compile(const config::Entities& entities,
                                         std::vector<config::Diagnostic>& out);

  // route == k_none: no route matches. Captures are allocated in the arena.
  Match match(const Query& query, Arena& arena) const;
  // Routes in the order in which they would be tried, for the admin side.
  std::vector<config::Index> order() const;

 private:
  Router();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::routing
