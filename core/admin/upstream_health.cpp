// SPDX-License-Identifier: Apache-2.0
#include "admin/upstream_health.hpp"

#include <nlohmann/json.hpp>

#include "admin/entity_json.hpp"
#include "base/text.hpp"

namespace gw::admin {

using nlohmann::json;

namespace {

bool is_watched(const config::Upstream& upstream) {
  const auto& checks = upstream.healthchecks;
  return checks.active.probes() || checks.passive.watches() || upstream.ejection.watches();
}

std::string_view health_text(const upstream::Peer& peer, bool watched) {
  if (!peer.up) return "UNHEALTHY";
  return watched ? "HEALTHY" : "HEALTHCHECKS_OFF";
}

json address_of(const upstream::Peer& peer, bool watched, std::uint64_t now_ms) {
  json out{{"ip", peer.address.ip()},
           {"port", peer.address.port()},
           {"weight", peer.weight},
           {"health", health_text(peer, watched)}};
  if (peer.health != nullptr && upstream::is_ejected(*peer.health, now_ms))
    out["ejected_for_ms"] = peer.health->ejected_until_ms.load() - now_ms;
  return out;
}

struct HealthPath {
  std::string_view upstream, target, address;
  upstream::Health health;
};

bool parse(std::string_view path, HealthPath& out) {
  const auto parts = split(path, '/');  // "", upstreams, U, targets, T, [address], healthy
  const bool fits = (parts.size() == 6 || parts.size() == 7) && parts[0].empty() &&
                    parts[1] == "upstreams" && parts[3] == "targets";
  if (!fits || (parts.back() != "healthy" && parts.back() != "unhealthy")) return false;
  out = {parts[2], parts[4], parts.size() == 7 ? parts[5] : std::string_view{},
         parts.back() == "healthy" ? upstream::Health::healthy : upstream::Health::unhealthy};
  return true;
}

bool is_target(const config::Target& target, std::string_view key) {
  const bool v6 = target.host.find(':') != std::string::npos;
  const std::string name =
      v6 ? cat("[", target.host, "]:", target.port) : cat(target.host, ":", target.port);
  return key == target.id || key == name || (key == target.host && target.port == 8000);
}

Page not_found() {
  return {404, "application/json; charset=utf-8", R"({"message":"Not found"})", {}};
}

}  // namespace

std::vector<json> target_health(const config::Upstream& upstream, upstream::Balancer& balancer) {
  balancer.update();
  const bool watched = is_watched(upstream);
  std::vector<json> out;
  for (std::size_t i = 0; i < upstream.targets.size(); ++i) {
    const auto& target = upstream.targets[i];
    json addresses = json::array();
    std::uint64_t available = 0, all = 0;
    for (const upstream::Peer* peer : balancer.peers()) {
      if (peer->target_index != i) continue;
      addresses.push_back(address_of(*peer, watched, balancer.now_ms()));
      all += peer->weight;
      available += peer->up ? peer->weight : 0;
    }
    json entry = to_json(upstream, target);
    const bool down = available == 0 && all > 0;
    entry["health"] = addresses.empty()            ? "DNS_ERROR"
                      : down                       ? "UNHEALTHY"
                      : watched || available < all ? "HEALTHY"
                                                   : "HEALTHCHECKS_OFF";
    entry["data"] = {
        {"host", target.host},
        {"port", target.port},
        {"nodeWeight", target.weight},
        {"addresses", addresses},
        {"weight", {{"total", all}, {"available", available}, {"unavailable", all - available}}}};
    out.push_back(entry);
  }
  return out;
}

json upstream_health(const config::Upstream& upstream, upstream::Balancer& balancer) {
  balancer.update();
  bool up = false;
  for (const upstream::Peer* peer : balancer.peers()) up |= peer->up && peer->weight > 0;
  const std::string_view health = !up || balancer.below_threshold() ? "UNHEALTHY"
                                  : is_watched(upstream)            ? "HEALTHY"
                                                                    : "HEALTHCHECKS_OFF";
  return {{"data", {{"id", upstream.id}, {"name", upstream.name}, {"health", health}}}};
}

bool is_health_change(std::string_view path) {
  HealthPath parsed;
  return parse(path, parsed);
}

Page change_health(std::string_view path, const State& state) {
  HealthPath wanted;
  if (!state.snapshot || !parse(path, wanted)) return not_found();
  const auto& upstreams = state.snapshot->entities.upstreams;
  for (std::size_t u = 0; u < upstreams.size() && u < state.balancers.size(); ++u) {
    if (upstreams[u].id != wanted.upstream && upstreams[u].name != wanted.upstream) continue;
    for (std::size_t t = 0; t < upstreams[u].targets.size(); ++t)
      if (is_target(upstreams[u].targets[t], wanted.target) &&
          state.balancers[u]->set_health(std::uint32_t(t), wanted.address, wanted.health))
        return {204, "application/json; charset=utf-8", "", {}};
  }
  return not_found();
}

}  // namespace gw::admin
