// SPDX-License-Identifier: Apache-2.0
#include "config/entity_reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/digest.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_later_entities[] = {
    "vaults",          "keys",     "key_sets",        "licenses", "filter_chains",
    "consumer_groups", "partials", "degraphql_routes"};
// What plugins of Kong keep in its database while they run.
constexpr std::string_view k_runtime_entities[] = {"oauth2_tokens", "oauth2_authorization_codes",
                                                   "sessions", "acme_storage"};

bool is_collection(std::string_view name) {
  return name.ends_with("_credentials") || name.ends_with("_secrets") || name == "acls";
}

std::string lower_uuid(const std::string& id) { return is_uuid(id) ? lower(id) : id; }

}  // namespace

// --- the document ---

void EntityReader::read(const Value& root) {
  const Place place{""};
  ObjectReader reader(root, place, out_);
  reader.take("gateway");
  read_meta(reader);
  // In the order of the file, which is the last word between routes of one rank.
  for (const Member& member : reader.value().members) read_list(reader, member.name);
  // Known where the file has them not, so that typing errors are told of them.
  for (const auto name : {"services", "routes", "upstreams", "targets", "consumers", "plugins",
                          "certificates", "snis", "ca_certificates"})
    reader.take(name);
  for (const auto name : k_later_entities) reader.later(name, "this entity", "[]");
  for (const auto name : k_runtime_entities)
    if (const Value* value = reader.take(name); value != nullptr && !value->items.empty())
      reader.error(*value, name, "is what Kong keeps in a database while it runs", "remove it");
  reader.later("_plugin_configs", "deck's _plugin_configs");
  reader.finish();
  resolve_all();
  check_plugins();
}

void EntityReader::check(std::string_view list, const Value& value, const Place& place,
                         std::vector<Diagnostic>& out) {
  Entities scratch;
  EntityReader reader(scratch, out);
  if (list == "services") return reader.read_service(value, place);
  if (list == "routes") return reader.read_route(value, place, k_none);
  if (list == "upstreams") return reader.read_upstream(value, place);
  reader.read_target(value, place, k_none);
}

void EntityReader::read_meta(ObjectReader& reader) {
  std::string text;
  reader.string("_workspace", text);
  reader.take("_konnect");
  reader.boolean("_transform", all_.transform);
  reader.object("_info", [&](ObjectReader& info) {
    info.strings("select_tags", tags_, rules::tag);
    info.take("defaults");  // deck_defaults.cpp
    info.later("default_lookup_tags", "decK's default_lookup_tags");
  });
  const Value* version = reader.take("_format_version");
  if (version == nullptr) {
    reader.error("has no _format_version, expected \"3.0\" (or \"2.1\", \"1.1\")",
                 "add _format_version: \"3.0\"");
  } else if (!version->is(Kind::string)) {
    reader.error(*version, "_format_version",
                 cat("is ", describe(*version), ", expected the string \"3.0\""),
                 "put it in quotes");
  } else if (version->string != "3.0" && version->string != "2.1" && version->string != "1.1") {
    reader.error(*version, "_format_version",
                 cat("is \"", version->string, "\", expected \"1.1\", \"2.1\" or \"3.0\""));
  } else {
    old_paths_ = version->string != "3.0";
  }
}

bool EntityReader::read_list(ObjectReader& reader, std::string_view name) {
  const auto each = [&](auto&& f) { return reader.each(name, f), true; };
  using V = const Value&;
  using P = const Place&;
  if (name == "upstreams") return each([this](V v, P p) { read_upstream(v, p); });
  if (name == "targets") return each([this](V v, P p) { read_target(v, p, k_none); });
  if (name == "services") return each([this](V v, P p) { read_service(v, p); });
  if (name == "routes") return each([this](V v, P p) { read_route(v, p, k_none); });
  if (name == "consumers") return each([this](V v, P p) { read_consumer(v, p); });
  if (name == "certificates") return each([this](V v, P p) { read_certificate(v, p); });
  if (name == "snis") return each([this](V v, P p) { read_sni(v, p, k_none); });
  if (name == "ca_certificates") return each([this](V v, P p) { read_ca_certificate(v, p); });
  if (name == "plugins")
    return each([this](V v, P p) { read_plugin(v, p, k_none, k_none, k_none); });
  if (!is_collection(name)) return false;
  all_.credentials[std::string(name)];
  return each([&](V v, P p) { read_credential(std::string(name), v, p, k_none); });
}

void EntityReader::read_credentials(ObjectReader& reader, Index consumer) {
  for (const Member& member : reader.value().members) {
    if (!is_collection(member.name)) continue;
    all_.credentials[member.name];
    reader.each(member.name, [&](const Value& v, const Place& p) {
      read_credential(member.name, v, p, consumer);
    });
  }
}

// --- what entities have in common ---

void EntityReader::base(ObjectReader& reader, Entity& entity) {
  entity.where = reader.value().where;
  entity.place = reader.place().text();
  reader.string("id", entity.id,
                [](std::string_view text) { return std::string(is_uuid(text) ? "" : "a UUID"); });
  entity.id = lower_uuid(entity.id);
  reader.strings("tags", entity.tags, rules::tag);
  for (const auto& tag : tags_)
    if (std::find(entity.tags.begin(), entity.tags.end(), tag) == entity.tags.end())
      entity.tags.push_back(tag);
  // Kong writes those of targets with a fraction.
  constexpr double k_latest = 1e12;
  double created = 0, updated = 0;
  reader.number("created_at", created, 0, k_latest);
  reader.number("updated_at", updated, 0, k_latest);
  entity.created_at = std::int64_t(created);
  entity.updated_at = std::int64_t(updated);
}

void EntityReader::report_second(const Entity& entity, std::string_view field, std::string message,
                                 Location first) {
  out_.push_back({Severity::error, entity.where,
                  field.empty() ? entity.place : cat(entity.place, ".", field), std::move(message),
                  cat("the first is in line ", first.line, ", column ", first.column)});
}

void EntityReader::unique(ObjectReader& reader, std::string_view field, const std::string& text,
                          Ids& ids, Index index, std::string_view kind) {
  const Value* value = reader.value().find(field);
  if (text.empty() || value == nullptr) return;
  const auto [known, added] = ids.emplace(cat("name:", text), Known{index, value->where});
  if (added) return;
  Entity at;
  at.where = value->where;
  at.place = reader.place().text();
  report_second(at, field,
                cat("uniqueness violation: '", kind, "' entity with ", field, " set to '", text,
                    "' already declared"),
                known->second.where);
}

void EntityReader::add_id(Entity& entity, std::string_view collection, const std::string& key,
                          Ids& ids, Index index) {
  const Known mine{index, entity.where};
  if (!entity.id.empty()) {
    const auto [known, added] = ids.emplace(entity.id, mine);
    if (!added)
      report_second(entity, "id",
                    cat("uniqueness violation: '", collection, "' entity with id set to '",
                        entity.id, "' already declared"),
                    known->second.where);
    return;
  }
  entity.id = entity_id(collection, key);
  for (int n = 2; !ids.emplace(entity.id, mine).second; ++n)
    entity.id = entity_id(collection, cat(key, "#", n));
}

EntityReader::Reference EntityReader::reference(ObjectReader& reader, std::string_view field,
                                                Index nested, std::string_view parent_id) {
  Reference out;
  out.value = reader.take(field);
  out.given = nested;
  out.key = parent_id;
  out.path = reader.place().member(field).text();
  if (out.value == nullptr) return out;
  if (nested != k_none) {
    reader.error(*out.value, field, "is given although the entity is nested in one", "remove it");
    out.value = nullptr;
    return out;
  }
  const Value* key = out.value;
  if (key->is(Kind::object)) {
    for (const auto name : {"username", "name", "id"})
      if (const Value* member = out.value->find(name)) key = member;
  }
  if (!key->is(Kind::string))
    reader.error(*key, field, cat("is ", describe(*key), ", expected a name or an id"),
                 key->is_number() ? "put it in quotes" : "");
  out.value = key->is(Kind::string) ? key : nullptr;
  out.key = lower_uuid(key->string);
  return out;
}

}  // namespace gw::config
