// SPDX-License-Identifier: Apache-2.0
// The rest of EntityReader: upstreams with their targets, and what can be decided only when all
// entities are read.
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "config/digest.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

// Kong's health check defaults do nothing. What would probe or count is refused until there is a
// prober: an interval, a threshold or a count above zero.
bool does_nothing(const Value& value) {
  if (value.is(Kind::object)) {
    for (const Member& member : value.members) {
      const std::string_view n = member.name;
      const bool counts = n == "interval" || n == "successes" || n == "threshold" ||
                          n.ends_with("failures") || n == "timeouts";
      if (counts && value.find(n)->is_number() && value.find(n)->number != 0) return false;
      if (!does_nothing(member.value)) return false;
    }
  }
  return true;
}

}  // namespace

void EntityReader::healthchecks(ObjectReader& reader) {
  const Value* value = reader.take("healthchecks");
  if (value == nullptr || does_nothing(*value)) return;
  reader.error(*value, "healthchecks", "asks for health checks, which are not supported yet",
               "remove it");
}

void EntityReader::read_upstream(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.upstreams.size());
  Upstream upstream;
  base(reader, upstream);
  name(reader, "name", upstream.name, upstreams_, index, "upstreams");
  if (upstream.name.empty()) reader.error("has no name, expected a host name");
  if (!upstream.name.empty()) check(reader, "name", upstream.name, rules::host(upstream.name));
  std::string algorithm = "round-robin";
  reader.choice("algorithm", algorithm,
                {"round-robin", "consistent-hashing", "least-connections", "latency"});
  if (algorithm != "round-robin") reader.later("algorithm", cat("the algorithm ", algorithm));
  reader.later("hash_on", "hashing", "\"none\"");
  reader.later("hash_fallback", "hashing", "\"none\"");
  reader.later("hash_on_cookie_path", "hashing", "\"/\"");
  for (const auto field :
       {"hash_on_header", "hash_fallback_header", "hash_on_cookie", "hash_on_query_arg",
        "hash_fallback_query_arg", "hash_on_uri_capture", "hash_fallback_uri_capture"})
    reader.later(field, "hashing");
  reader.integer("slots", upstream.slots, 10, 65536);
  reader.string("host_header", upstream.host_header);
  reader.later("client_certificate", "TLS to upstreams");
  reader.later("use_srv_name", "SRV names", "false");
  healthchecks(reader);
  all_.upstreams.push_back(upstream);
  each_target(reader, index);
  reader.finish();
  add_id(all_.upstreams[index], "upstreams", upstream.name, upstreams_, index);
}

void EntityReader::each_target(ObjectReader& reader, Index upstream) {
  const Value* list = reader.take("targets");
  if (list == nullptr) return;
  if (!list->is(Kind::array))
    return reader.error(*list, "targets", cat("is ", describe(*list), ", expected an array"));
  const Place place = reader.place().member("targets");
  for (std::size_t i = 0; i < list->items.size(); ++i)
    read_target(list->items[i], place.item(i), upstream);
}

void EntityReader::read_target(const Value& value, const Place& place, Index upstream) {
  ObjectReader reader(value, place, out_);
  Target target;
  base(reader, target);
  std::string text;
  reader.string("target", text);
  if (text.empty())
    reader.error("has no target, expected host:port");
  else if (!rules::split_target(text, target.host, target.port))
    reader.error(*reader.value().find("target"), "target",
                 cat("is \"", text, "\", expected host, host:port or [v6]:port"));
  reader.integer("weight", target.weight, 0, 65535);
  const Reference owner = reference(reader, "upstream", upstream);
  reader.finish();
  if (target.id.empty()) target.id = entity_id("targets", cat(place.text(), text));
  targets_.push_back({target, owner});
}

// --- references ---

EntityReader::Reference EntityReader::reference(ObjectReader& reader, std::string_view field,
                                                Index nested) {
  Reference out;
  out.value = reader.take(field);
  out.given = nested;
  out.path = reader.place().member(field).text();
  if (out.value != nullptr && nested != k_none) {
    reader.error(*out.value, field, "is given although the entity is nested in one", "remove it");
    out.value = nullptr;
  }
  return out;
}

Index EntityReader::resolve(const Reference& reference, const Ids& ids, std::string_view kind) {
  if (reference.value == nullptr) return reference.given;
  const Value* key = reference.value;
  if (key->is(Kind::object)) {
    for (const auto name : {"id", "name", "username"})
      if (const Value* member = reference.value->find(name)) key = member;
  }
  const auto fail = [&](std::string message) {
    out_.push_back(
        {Severity::error, reference.value->where, reference.path, std::move(message), ""});
    return k_none;
  };
  if (!key->is(Kind::string))
    return fail(cat("is ", describe(*reference.value), ", expected a name or an id"));
  for (const auto& candidate : {key->string, cat("name:", key->string)})
    if (const auto found = ids.find(candidate); found != ids.end()) return found->second;
  return fail(cat("invalid reference '", key->string, "' (no such entry in '", kind, "')"));
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
  for (const auto& owner : credential_owners_) {
    auto& credential = all_.credentials[owner.collection][owner.index];
    credential.consumer = resolve(owner.consumer, consumers_, "consumers");
    if (credential.consumer == k_none && owner.consumer.value == nullptr)
      out_.push_back({Severity::error, credential.where, owner.consumer.path,
                      "has no consumer, expected a name or an id", ""});
  }
  std::set<std::tuple<Index, std::string, std::uint16_t>> seen;
  for (const auto& owned : targets_) {
    const Index upstream = resolve(owned.upstream, upstreams_, "upstreams");
    if (upstream == k_none) {
      if (owned.upstream.value == nullptr)
        out_.push_back({Severity::error, owned.target.where, owned.upstream.path,
                        "has no upstream, expected a name or an id", ""});
      continue;
    }
    if (!seen.emplace(upstream, owned.target.host, owned.target.port).second)
      out_.push_back({Severity::error, owned.target.where, owned.upstream.path,
                      cat("uniqueness violation: target ", owned.target.host, ":",
                          owned.target.port, " already declared in its upstream"),
                      ""});
    all_.upstreams[upstream].targets.push_back(owned.target);
  }
  for (auto& service : all_.services)
    if (const auto found = upstreams_.find(cat("name:", service.host)); found != upstreams_.end())
      service.upstream = found->second;
}

// One entry of a plugin for each scope; several with instance names.
void EntityReader::check_plugins() {
  std::set<std::tuple<std::string, Index, Index, Index>> seen;
  for (std::size_t i = 0; i < all_.plugins.size(); ++i) {
    auto& entry = all_.plugins[i];
    const auto id_of = [](const auto& list, Index index) {
      return index == k_none ? std::string() : list[index].id;
    };
    const std::string key = cat(entry.name, ":", id_of(all_.routes, entry.route), ":",
                                id_of(all_.services, entry.service), ":",
                                id_of(all_.consumers, entry.consumer), ":", entry.instance_name);
    add_id(entry, "plugins", key, plugin_ids_, Index(i));
    if (!seen.emplace(entry.name, entry.service, entry.route, entry.consumer).second)
      out_.push_back({Severity::error, entry.where, cat("plugins[", entry.name, "]"),
                      cat("uniqueness violation: plugin '", entry.name,
                          "' is declared twice for the same service, route and consumer"),
                      ""});
  }
}

}  // namespace gw::config
