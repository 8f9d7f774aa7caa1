// SPDX-License-Identifier: Apache-2.0
// A request as the router sees it, in a few words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "routing/router.hpp"

namespace gw::routing::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string path = "/";
  std::string host = "any.example";
  std::string method = "GET";
  Fields fields = {};
  bool tls = false;
  std::string sni = {};
  std::uint16_t port = 80;

  // Borrows from *this. Counts in asked how often the fields were asked for.
  Query query() const {
    Query out{method, host, port, path, tls, sni, visit_fields, const_cast<Request*>(this)};
    return out;
  }
  mutable int asked = 0;

 private:
  static void visit_fields(void* self, void (*visit)(void*, Header), void* visitor) {
    const auto& request = *static_cast<const Request*>(self);
    ++request.asked;
    for (const auto& [name, value] : request.fields) visit(visitor, {name, value});
  }
};

}  // namespace gw::routing::test
