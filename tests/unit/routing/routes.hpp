// SPDX-License-Identifier: Apache-2.0
// Route sets in a few words, for the tests of the router.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "request.hpp"

namespace gw::routing::test {

// Makes a router of routes named by the test and asks it.
class World {
 public:
  World() { entities.routes.reserve(64); }  // what add() returned stays where it is
  config::Route& add(std::string name) {
    config::Route& route = entities.routes.emplace_back();
    route.name = std::move(name);
    return route;
  }
  const Router& router() {
    if (!router_) {
      router_ = Router::compile(entities, diagnostics);
      REQUIRE(router_ != nullptr);
    }
    return *router_;
  }
  Match match(const Request& request) { return router().match(request.query(), arena); }
  // The route's name, "" for none.
  std::string at(const Request& request) {
    const auto found = match(request);
    return found.route == config::k_none ? "" : entities.routes[found.route].name;
  }

  config::Entities entities;
  std::vector<config::Diagnostic> diagnostics;
  BlockPool pool{16384, 4};
  Arena arena{pool};

 private:
  std::unique_ptr<Router> router_;
};

}  // namespace gw::routing::test
