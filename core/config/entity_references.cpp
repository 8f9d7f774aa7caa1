// SPDX-License-Identifier: Apache-2.0
// The rest of EntityReader: what can be decided only when all entities are read.
#include <map>
#include <tuple>

#include "base/text.hpp"
#include "config/entity_reader.hpp"

namespace gw::config {

namespace {

// The nearest name among those that are known, for a reference that leads nowhere.
template <class Ids>
std::string near_name(std::string_view name, const Ids& ids) {
  constexpr std::string_view k_prefix = "name:";
  std::vector<std::string_view> names;
  for (const auto& [key, known] : ids)
    if (key.starts_with(k_prefix)) names.push_back(std::string_view(key).substr(k_prefix.size()));
  const auto near = closest(name, names);
  return near.empty() ? "" : cat("did you mean \"", near, "\"?");
}

}  // namespace

Index EntityReader::resolve(const Reference& reference, const Ids& ids, std::string_view kind) {
  if (reference.value == nullptr) return reference.given;
  const auto& text = reference.value->string;
  for (const auto& candidate : {reference.key, cat("name:", text)})
    if (const auto found = ids.find(candidate); found != ids.end()) return found->second.index;
  out_.push_back({Severity::error, reference.value->where, reference.path,
                  cat("invalid reference '", text, "' (no such entry in '", kind, "')"),
                  near_name(text, ids)});
  return k_none;
}

void EntityReader::resolve_all() {
  for (std::size_t i = 0; i < all_.routes.size(); ++i)
    all_.routes[i].service = resolve(route_services_[i], services_, "services");
  for (std::size_t i = 0; i < all_.plugins.size(); ++i) {
    auto& entry = all_.plugins[i];
    entry.service = resolve(plugin_scopes_[i].service, services_, "services");
    entry.route = resolve(plugin_scopes_[i].route, routes_, "routes");
    entry.consumer = resolve(plugin_scopes_[i].consumer, consumers_, "consumers");
  }
  resolve_credentials();
  resolve_targets();
  resolve_certificates();
  for (auto& service : all_.services)
    if (const auto found = upstreams_.find(cat("name:", service.host)); found != upstreams_.end())
      service.upstream = found->second.index;
}

void EntityReader::resolve_credentials() {
  std::map<std::string, Ids> seen;
  for (const auto& owner : credential_owners_) {
    auto& credential = all_.credentials[owner.collection][owner.index];
    credential.consumer = resolve(owner.consumer, consumers_, "consumers");
    if (credential.consumer == k_none && owner.consumer.value == nullptr)
      out_.push_back({Severity::error, credential.where, owner.consumer.path,
                      "has no consumer, expected a name or an id", ""});
    const auto [known, added] =
        seen[owner.collection].emplace(credential.id, Known{0, credential.where});
    // The key itself may be a secret, and so may the id that is made of it.
    if (!added)
      report_second(credential, "",
                    cat("uniqueness violation: '", owner.collection,
                        "' entity with the same key, or the same id, already declared"),
                    known->second.where);
  }
}

void EntityReader::resolve_targets() {
  std::map<std::tuple<Index, std::string, std::uint16_t>, Location> seen;
  for (const auto& owned : targets_) {
    const Target& target = owned.target;
    const Index upstream = resolve(owned.upstream, upstreams_, "upstreams");
    if (upstream == k_none) {
      if (owned.upstream.value == nullptr)
        out_.push_back({Severity::error, target.where, owned.upstream.path,
                        "has no upstream, expected a name or an id", ""});
      continue;
    }
    const auto [first, added] =
        seen.emplace(std::tuple(upstream, target.host, target.port), target.where);
    if (!added && !target.host.empty())
      report_second(target, "",
                    cat("uniqueness violation: target ", target.host, ":", target.port,
                        " already declared in its upstream"),
                    first->second);
    all_.upstreams[upstream].targets.push_back(target);
  }
}

// One entry of a plugin for each scope.
void EntityReader::check_plugins() {
  std::map<std::tuple<std::string, Index, Index, Index>, Location> seen;
  for (std::size_t i = 0; i < all_.plugins.size(); ++i) {
    const auto& entry = all_.plugins[i];
    const auto& scope = plugin_scopes_[i];
    // A reference that leads nowhere says nothing of the scope.
    const bool known = (entry.service != k_none || scope.service.value == nullptr) &&
                       (entry.route != k_none || scope.route.value == nullptr) &&
                       (entry.consumer != k_none || scope.consumer.value == nullptr);
    if (entry.name.empty() || !known) continue;
    const auto [first, added] = seen.emplace(
        std::tuple(entry.name, entry.service, entry.route, entry.consumer), entry.where);
    if (!added)
      report_second(entry, "",
                    cat("uniqueness violation: plugin '", entry.name,
                        "' is declared twice for the same service, route and consumer"),
                    first->second);
  }
}

}  // namespace gw::config
