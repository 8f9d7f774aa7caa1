// SPDX-License-Identifier: Apache-2.0
#include "admin/dns_page.hpp"

#include <nlohmann/json.hpp>

namespace gw::admin {

namespace {

using nlohmann::json;

double seconds(std::uint64_t ms) { return double(ms) / 1000; }

json to_json(const net::Endpoint& endpoint) {
  json out = {{"address", endpoint.address.ip()}};
  if (endpoint.alternative) out["alternative"] = endpoint.alternative->ip();
  if (endpoint.address.port() != 0) out["port"] = endpoint.address.port();
  if (endpoint.weight != 0) out["weight"] = endpoint.weight;
  if (!endpoint.name.empty()) out["name"] = endpoint.name;
  return out;
}

}  // namespace

json dns_names(const net::Resolver& resolver) {
  json out = json::array();
  resolver.each([&](const net::KnownName& known) {
    json name = {{"name", known.name},
                 {"looking", known.looking},
                 {"lookups", known.lookups},
                 {"failures", known.failures},
                 {"addresses", json::array()}};
    for (const auto& endpoint : known.endpoints) name["addresses"].push_back(to_json(endpoint));
    if (!known.endpoints.empty())
      name.update({{"records", known.records},
                   {"age", seconds(known.age)},
                   {"ttl", seconds(known.ttl)},
                   {"stale", known.age >= known.ttl}});
    if (!known.error.empty()) name["error"] = known.error;
    out.push_back(std::move(name));
  });
  return out;
}

}  // namespace gw::admin
