// SPDX-License-Identifier: Apache-2.0
// Consumers, credentials and plugin entries of EntityReader.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/digest.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

// The member of Kong's credentials that names them, and so makes their ids.
struct CredentialKey {
  std::string_view collection;
  std::string_view member;
  bool with_consumer;  // unique among those of one consumer only
};
constexpr std::array<CredentialKey, 6> k_credential_keys{
    {{"keyauth_credentials", "key", false},
     {"basicauth_credentials", "username", false},
     {"hmacauth_credentials", "username", false},
     {"jwt_secrets", "key", false},
     {"acls", "group", true},
     {"oauth2_credentials", "client_id", false}}};

// Of what Kong does not know, or of what lacks its key, all that it holds.
std::string credential_key(std::string_view collection, const Value& fields,
                           const std::string& consumer) {
  for (const auto& known : k_credential_keys) {
    if (known.collection != collection) continue;
    const Value* key = fields.find(known.member);
    if (key == nullptr || !key->is(Kind::string)) break;
    return known.with_consumer ? cat(key->string, ":", consumer) : key->string;
  }
  return cat(consumer, ":", to_json(fields));
}

bool is_common(std::string_view name) {
  return name == "id" || name == "tags" || name == "consumer" || name == "created_at" ||
         name == "updated_at" || name == "_comment" || name == "_ignore";
}

}  // namespace

void EntityReader::read_consumer(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.consumers.size());
  Consumer consumer;
  base(reader, consumer);
  reader.string("username", consumer.username);
  unique(reader, "username", consumer.username, consumers_, index, "consumers");
  reader.string("custom_id", consumer.custom_id);
  unique(reader, "custom_id", consumer.custom_id, custom_ids_, index, "consumers");
  if (!reader.has("username") && !reader.has("custom_id"))
    reader.error("has neither username nor custom_id, expected at least one");
  add_id(consumer, "consumers", consumer.username.empty() ? consumer.custom_id : consumer.username,
         consumers_, index);
  all_.consumers.push_back(std::move(consumer));
  reader.each("plugins",
              [&](const Value& v, const Place& p) { read_plugin(v, p, k_none, k_none, index); });
  read_credentials(reader, index);
  reader.later("groups", "consumer groups", "[]");
  reader.finish();
}

void EntityReader::read_credential(const std::string& collection, const Value& value,
                                   const Place& place, Index consumer) {
  ObjectReader reader(value, place, out_);
  Credential credential;
  base(reader, credential);
  const Reference owner = reference(reader, "consumer", consumer,
                                    consumer != k_none ? all_.consumers[consumer].id : "");
  credential.fields = Value::make_object(value.where);
  for (const Member& member : reader.value().members)
    if (!is_common(member.name) && !member.value.is(Kind::null))
      credential.fields.members.push_back(member);
  if (credential.id.empty())
    credential.id = entity_id(collection, credential_key(collection, credential.fields, owner.key));
  auto& list = all_.credentials[collection];
  credential_owners_.push_back({collection, list.size(), owner});
  list.push_back(std::move(credential));
}

void EntityReader::read_plugin(const Value& value, const Place& place, Index service, Index route,
                               Index consumer) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.plugins.size());
  PluginEntry entry;
  base(reader, entry);
  reader.string("name", entry.name);
  if (!reader.has("name")) reader.error("has no name, expected the name of a plugin");
  reader.string("instance_name", entry.instance_name, rules::name);
  unique(reader, "instance_name", entry.instance_name, instance_names_, index, "plugins");
  reader.boolean("enabled", entry.enabled);
  std::vector<std::string> protocols;
  reader.choices(
      "protocols", protocols,
      {"http", "https", "ws", "wss", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough"});
  if (!protocols.empty()) {
    const auto has = [&](std::string_view p) {
      return std::find(protocols.begin(), protocols.end(), p) != protocols.end();
    };
    entry.http = has("http") || has("ws");
    entry.https = has("https") || has("wss");
  }
  const auto id = [](const auto& list, Index i) {
    return i != k_none ? list[i].id : std::string();
  };
  Scope scope{reference(reader, "service", service, id(all_.services, service)),
              reference(reader, "route", route, id(all_.routes, route)),
              reference(reader, "consumer", consumer, id(all_.consumers, consumer))};
  reader.later("consumer_group", "consumer groups");
  reader.later("ordering", "`ordering` of a plugin (gateway.phase_order orders all)");
  reader.later("condition", "`condition` of a plugin");
  reader.object("gateway", [&](ObjectReader& inner) {  // what Kong's plugins do not have
    std::string policy;
    inner.choice("on_failure", policy, {"closed", "open"});
    entry.fails_open = policy == "open";
  });
  entry.config = Value::make_object(value.where);
  if (const Value* config = reader.take("config")) {
    if (config->is(Kind::object))
      entry.config = *config;
    else
      reader.error(*config, "config", cat("is ", describe(*config), ", expected an object"));
  }
  reader.finish();
  const std::string key = entry.instance_name.empty()
                              ? cat("plugins:", entry.name, ":", scope.route.key, ":",
                                    scope.service.key, ":", scope.consumer.key)
                              : entry.instance_name;
  add_id(entry, "plugins", key, plugin_ids_, index);
  plugin_scopes_.push_back(std::move(scope));
  all_.plugins.push_back(std::move(entry));
}

}  // namespace gw::config
