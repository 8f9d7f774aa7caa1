// SPDX-License-Identifier: Apache-2.0
#include "admin/entity_list.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/entity_json.hpp"
#include "admin/upstream_health.hpp"
#include "base/text.hpp"

namespace gw::admin {

using config::Entities;
using config::Index;
using nlohmann::json;

namespace {

std::string_view argument(std::string_view query, std::string_view name) {
  for (const auto pair : split(query, '&')) {
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos)
      return pair.substr(equals + 1);
  }
  return {};
}

bool has_tag(const json& tags, std::string_view tag) {
  return tags.is_array() && std::find(tags.begin(), tags.end(), tag) != tags.end();
}

bool tags_match(const json& entity, std::string_view filter) {
  if (filter.empty()) return true;
  const json tags = entity.value("tags", json());
  const auto has = [&](std::string_view tag) { return has_tag(tags, tag); };
  if (filter.find('/') != std::string_view::npos) {
    const auto any = split(filter, '/');
    return std::any_of(any.begin(), any.end(), has);
  }
  const auto all = split(filter, ',');
  return std::all_of(all.begin(), all.end(), has);
}

// One page of a list.
json paged(const std::vector<json>& list, std::string_view query) {
  const std::size_t size =
      std::clamp<std::size_t>(to_u64(argument(query, "size")).value_or(100), 1, 1000);
  const std::size_t from = to_u64(argument(query, "offset")).value_or(0);
  const auto filter = argument(query, "tags");
  std::vector<json> matching;
  for (const auto& entity : list)
    if (tags_match(entity, filter)) matching.push_back(entity);
  json data = json::array();
  for (std::size_t i = from; i < matching.size() && i < from + size; ++i)
    data.push_back(matching[i]);
  json out{{"data", data}, {"next", nullptr}};
  if (from + size < matching.size()) out["offset"] = std::to_string(from + size);
  return out;
}

std::string_view name_of(const config::Service& e) { return e.name; }
std::string_view name_of(const config::Route& e) { return e.name; }
std::string_view name_of(const config::Upstream& e) { return e.name; }
std::string_view name_of(const config::Certificate&) { return {}; }
std::string_view name_of(const config::Sni& e) { return e.name; }
std::string_view name_of(const config::CaCertificate&) { return {}; }
std::string_view name_of(const config::Consumer& e) { return e.username; }
std::string_view name_of(const config::PluginEntry& e) { return e.instance_name; }

template <class T>
Index find(const std::vector<T>& list, std::string_view key) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].id == key || (!key.empty() && name_of(list[i]) == key)) return Index(i);
  return config::k_none;
}

template <class T, class Filter>
std::vector<json> list_of(const Entities& all, const std::vector<T>& list, Filter&& filter) {
  std::vector<json> out;
  for (const auto& entity : list)
    if (filter(entity)) out.push_back(to_json(all, entity));
  return out;
}

// The plugins of a route in the order in which they run, for each phase that one of them has.
json chain_of(const plugin::Generation& generation, Index route) {
  static constexpr std::string_view k_names[] = {
      "", "rewrite", "request", "request_body", "upstream", "response", "response_body", "log"};
  json out = json::object();
  const auto& chain = generation.chain(route);
  for (std::size_t phase = 1; phase < plugin::k_phases; ++phase) {
    json names = json::array();
    for (const auto& entry : chain.phase(plugin::Phase(phase)))
      names.push_back({{"name", entry.instance->plugin->name}, {"id", entry.instance->entry->id}});
    if (!names.empty()) out[std::string(k_names[phase])] = names;
  }
  return out;
}

struct Path {
  std::string_view kind, key, below;
};

bool services(const Entities& all, const Path& path, std::string_view query, json& out) {
  if (path.key.empty())
    return out = paged(list_of(all, all.services, [](auto&) { return true; }), query), true;
  const Index at = find(all.services, path.key);
  if (at == config::k_none) return false;
  const auto of_it = [at](const auto& e) { return e.service == at; };
  if (path.below.empty()) return out = to_json(all, all.services[at]), true;
  if (path.below == "routes") return out = paged(list_of(all, all.routes, of_it), query), true;
  if (path.below == "plugins") return out = paged(list_of(all, all.plugins, of_it), query), true;
  return false;
}

bool routes(const State& state, const Path& path, std::string_view query, json& out) {
  const Entities& all = state.snapshot->entities;
  if (path.key.empty())
    return out = paged(list_of(all, all.routes, [](auto&) { return true; }), query), true;
  const Index at = find(all.routes, path.key);
  if (at == config::k_none) return false;
  if (path.below.empty()) return out = to_json(all, all.routes[at]), true;
  if (path.below == "plugins")
    return out = paged(list_of(all, all.plugins, [at](auto& e) { return e.route == at; }), query),
           true;
  if (path.below == "chain") return out = chain_of(*state.generation, at), true;
  if (path.below == "service" && all.routes[at].service != config::k_none)
    return out = to_json(all, all.services[all.routes[at].service]), true;
  return false;
}

bool upstreams(const State& state, const Path& path, std::string_view query, json& out) {
  const Entities& all = state.snapshot->entities;
  if (path.key.empty())
    return out = paged(list_of(all, all.upstreams, [](auto&) { return true; }), query), true;
  const Index at = find(all.upstreams, path.key);
  if (at == config::k_none) return false;
  const auto& upstream = all.upstreams[at];
  if (path.below.empty()) return out = to_json(all, upstream), true;
  if (path.below == "targets" || path.below == "targets/all") {
    std::vector<json> targets;
    for (const auto& target : upstream.targets) targets.push_back(to_json(upstream, target));
    return out = paged(targets, query), true;
  }
  if (path.below != "health") return false;
  upstream::Balancer& balancer = *state.balancers[at];
  if (argument(query, "balancer_health") == "1")
    return out = upstream_health(upstream, balancer), true;
  return out = paged(target_health(upstream, balancer), query), true;
}

bool consumers(const Entities& all, const Path& path, std::string_view query, json& out) {
  if (path.key.empty())
    return out = paged(list_of(all, all.consumers, [](auto&) { return true; }), query), true;
  const Index at = find(all.consumers, path.key);
  if (at == config::k_none) return false;
  const auto of_it = [at](const auto& e) { return e.consumer == at; };
  if (path.below.empty()) return out = to_json(all, all.consumers[at]), true;
  if (path.below == "plugins") return out = paged(list_of(all, all.plugins, of_it), query), true;
  const auto collection = all.credentials.find(std::string(path.below));
  if (collection == all.credentials.end()) return false;
  return out = paged(list_of(all, collection->second, of_it), query), true;
}

// Entities that have nothing below them.
template <class T>
bool leaves(const Entities& all, const std::vector<T>& list, const Path& path,
            std::string_view query, json& out) {
  if (path.key.empty())
    return out = paged(list_of(all, list, [](auto&) { return true; }), query), true;
  const Index at = find(list, path.key);
  if (at == config::k_none || !path.below.empty()) return false;
  return out = to_json(all, list[at]), true;
}

}  // namespace

bool find_entities(std::string_view text, std::string_view query, const State& state, json& out) {
  Path path;
  text.remove_prefix(1);
  path.kind = text.substr(0, text.find('/'));
  text.remove_prefix(std::min(text.size(), path.kind.size() + 1));
  path.key = text.substr(0, text.find('/'));
  text.remove_prefix(std::min(text.size(), path.key.size() + 1));
  path.below = text;
  const Entities& all = state.snapshot->entities;
  if (path.kind == "services") return services(all, path, query, out);
  if (path.kind == "routes") return routes(state, path, query, out);
  if (path.kind == "upstreams") return upstreams(state, path, query, out);
  if (path.kind == "consumers") return consumers(all, path, query, out);
  if (path.kind == "plugins") return leaves(all, all.plugins, path, query, out);
  if (path.kind == "certificates") return leaves(all, all.certificates, path, query, out);
  if (path.kind == "snis") return leaves(all, all.snis, path, query, out);
  if (path.kind == "ca_certificates") return leaves(all, all.ca_certificates, path, query, out);
  if (path.kind == "chains" && path.key.empty())
    return out = chain_of(*state.generation, config::k_none), true;
  const auto collection = all.credentials.find(std::string(path.kind));
  if (collection == all.credentials.end() || !path.key.empty()) return false;
  return out = paged(list_of(all, collection->second, [](auto&) { return true; }), query), true;
}

}  // namespace gw::admin
