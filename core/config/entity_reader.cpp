// SPDX-License-Identifier: Apache-2.0
#include "config/entity_reader.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "config/digest.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_later_entities[] = {
    "certificates", "snis",          "ca_certificates", "vaults",   "keys",
    "key_sets",     "filter_chains", "consumer_groups", "licenses", "partials"};

bool is_collection(std::string_view name) {
  return name.ends_with("_credentials") || name.ends_with("_secrets") || name == "acls";
}

}  // namespace

// --- the document ---

template <class F>
void EntityReader::each(ObjectReader& reader, std::string_view name, F&& f) {
  const Value* list = reader.take(name);
  if (list == nullptr) return;
  if (!list->is(Kind::array))
    return reader.error(*list, name, cat("is ", describe(*list), ", expected an array"));
  const Place place = reader.place().member(name);
  for (std::size_t i = 0; i < list->items.size(); ++i) f(list->items[i], place.item(i));
}

void EntityReader::read(const Value& root) {
  const Place place{""};
  ObjectReader reader(root, place, out_);
  reader.take("gateway");
  for (const auto name : {"_info", "_workspace", "_konnect"}) reader.take(name);
  reader.boolean("_transform", all_.transform);
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
  read_top(reader);
  reader.finish();
  resolve_all();
  check_plugins();
}

void EntityReader::read_top(ObjectReader& reader) {
  each(reader, "upstreams", [this](const Value& v, const Place& p) { read_upstream(v, p); });
  each(reader, "targets", [this](const Value& v, const Place& p) { read_target(v, p, k_none); });
  each(reader, "services", [this](const Value& v, const Place& p) { read_service(v, p); });
  each(reader, "routes", [this](const Value& v, const Place& p) { read_route(v, p, k_none); });
  each(reader, "consumers", [this](const Value& v, const Place& p) { read_consumer(v, p); });
  each(reader, "plugins",
       [this](const Value& v, const Place& p) { read_plugin(v, p, k_none, k_none, k_none); });
  read_credentials(reader, k_none);
  for (const auto name : k_later_entities) reader.later(name, "this entity", "[]");
  reader.later("_plugin_configs", "deck's _plugin_configs");
}

void EntityReader::read_credentials(ObjectReader& reader, Index consumer) {
  for (const Member& member : reader.value().members) {
    if (!is_collection(member.name)) continue;
    all_.credentials[member.name];
    each(reader, member.name,
         [&](const Value& v, const Place& p) { read_credential(member.name, v, p, consumer); });
  }
}

// --- what entities have in common ---

void EntityReader::base(ObjectReader& reader, Entity& entity) {
  entity.where = reader.value().where;
  reader.string("id", entity.id);
  if (!entity.id.empty() && !is_uuid(entity.id))
    reader.error(*reader.value().find("id"), "id", cat("is \"", entity.id, "\", expected a UUID"));
  reader.strings("tags", entity.tags);
  check_each(reader, "tags", entity.tags, rules::tag);
  reader.integer("created_at", entity.created_at, 0, INT64_MAX);
  reader.integer("updated_at", entity.updated_at, 0, INT64_MAX);
}

void EntityReader::check(ObjectReader& reader, std::string_view field, const std::string& text,
                         const std::string& expected) {
  const Value* value = reader.value().find(field);
  if (!expected.empty() && value != nullptr)
    reader.error(*value, field, cat("is \"", text, "\", expected ", expected));
}

void EntityReader::check_each(ObjectReader& reader, std::string_view field,
                              const std::vector<std::string>& list,
                              std::string (*rule)(std::string_view)) {
  const Value* value = reader.value().find(field);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string expected = rule(list[i]);
    if (expected.empty()) continue;
    const Value& at =
        value != nullptr && i < value->items.size() ? value->items[i] : reader.value();
    reader.error(at, cat(field, "[", i, "]"), cat("is \"", list[i], "\", expected ", expected));
  }
}

void EntityReader::name(ObjectReader& reader, std::string_view field, std::string& into, Ids& ids,
                        Index index, std::string_view kind) {
  reader.string(field, into);
  if (!reader.has(field)) return;
  if (!ids.emplace(cat("name:", into), index).second)
    reader.error(*reader.value().find(field), field,
                 cat("uniqueness violation: '", kind, "' entity with ", field, " set to '", into,
                     "' already declared"));
}

void EntityReader::add_id(Entity& entity, std::string_view collection, const std::string& key,
                          Ids& ids, Index index) {
  if (entity.id.empty()) entity.id = entity_id(collection, key);
  if (!ids.emplace(entity.id, index).second)
    out_.push_back({Severity::error, entity.where, std::string(collection),
                    cat("uniqueness violation: '", collection, "' entity with id '", entity.id,
                        "' already declared"),
                    ""});
}

// --- services ---

void EntityReader::url(ObjectReader& reader, Service& service) {
  const Value* value = reader.take("url");
  if (value == nullptr) return;
  std::string text;
  reader.string("url", text);
  const auto scheme_end = text.find("://");
  std::string_view rest = text;
  std::string_view scheme = "http";
  if (scheme_end != std::string::npos) {
    scheme = rest.substr(0, scheme_end);
    rest.remove_prefix(scheme_end + 3);
  }
  if (scheme == "https" || (scheme_end == std::string::npos && rest.ends_with(":443")))
    return reader.error(*value, "url",
                        cat("is \"", text, "\": https to upstreams is not supported yet"));
  if (scheme != "http")
    return reader.error(*value, "url",
                        cat("is \"", text, "\", expected http://host[:port][/path]"));
  const auto slash = rest.find('/');
  service.port = 80;
  if (!rules::split_target(rest.substr(0, slash), service.host, service.port))
    return reader.error(*value, "url",
                        cat("is \"", text, "\", expected http://host[:port][/path]"));
  if (slash != std::string_view::npos) {
    service.path = rest.substr(slash);
    check(reader, "url", text, rules::path(service.path));
  }
}

void EntityReader::read_service(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.services.size());
  Service service;
  base(reader, service);
  name(reader, "name", service.name, services_, index, "services");
  check(reader, "name", service.name, reader.has("name") ? rules::name(service.name) : "");
  url(reader, service);
  std::string protocol = "http";
  reader.choice("protocol", protocol,
                {"http", "https", "grpc", "grpcs", "tcp", "tls", "tls_passthrough", "udp"});
  if (protocol != "http") reader.later("protocol", cat("the protocol ", protocol, " to upstreams"));
  reader.string("host", service.host);
  if (service.host.empty())
    reader.error("has no host, expected `host` or `url`");
  else if (reader.has("host"))
    check(reader, "host", service.host, rules::host(service.host));
  reader.integer("port", service.port, 0, 65535);
  reader.string("path", service.path);
  if (reader.has("path")) check(reader, "path", service.path, rules::path(service.path));
  reader.integer("retries", service.retries, 0, 32767);
  constexpr std::int64_t k_max_ms = 2147483646;
  reader.integer("connect_timeout", service.connect_timeout, 1, k_max_ms);
  reader.integer("write_timeout", service.write_timeout, 1, k_max_ms);
  reader.integer("read_timeout", service.read_timeout, 1, k_max_ms);
  reader.boolean("enabled", service.enabled);
  for (const auto field :
       {"client_certificate", "tls_verify", "tls_verify_depth", "ca_certificates", "tls_sans"})
    reader.later(field, "TLS to upstreams");
  all_.services.push_back(service);
  each(reader, "routes", [&](const Value& v, const Place& p) { read_route(v, p, index); });
  each(reader, "plugins",
       [&](const Value& v, const Place& p) { read_plugin(v, p, index, k_none, k_none); });
  reader.finish();
  add_id(all_.services[index], "services", service.name, services_, index);
}

// --- routes ---

std::string EntityReader::converted_path(const std::string& path) const {
  if (!old_paths_ || path.starts_with('~')) return path;
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view{"._~/%-"}.find(c) != std::string_view::npos;
  });
  return plain ? path : "~" + path;
}

void EntityReader::route_protocols(ObjectReader& reader, Route& route) {
  std::vector<std::string> protocols;
  reader.strings("protocols", protocols);
  if (!reader.has("protocols")) return;
  route.http = route.https = false;
  if (protocols.empty())
    reader.error(*reader.value().find("protocols"), "protocols", "is empty, expected http, https");
  for (const auto& protocol : protocols) {
    if (protocol == "http")
      route.http = true;
    else if (protocol == "https")
      route.https = true;
    else
      reader.error(*reader.value().find("protocols"), "protocols",
                   cat("holds \"", protocol, "\": only http and https are supported so far"));
  }
}

void EntityReader::route_match(ObjectReader& reader, Route& route) {
  reader.strings("methods", route.methods);
  check_each(reader, "methods", route.methods, rules::method);
  reader.strings("hosts", route.hosts);
  check_each(reader, "hosts", route.hosts, rules::route_host);
  reader.strings("paths", route.paths);
  for (auto& path : route.paths) path = converted_path(path);
  check_each(reader, "paths", route.paths, rules::route_path);
  reader.strings("snis", route.snis);
  if (!route.snis.empty() && !route.https)
    reader.error(*reader.value().find("snis"), "snis", "needs the protocol https");
  if (const Value* headers = reader.take("headers")) {
    const Place place = reader.place().member("headers");
    ObjectReader inner(*headers, place, out_);
    for (const Member& member : inner.value().members) {
      HeaderMatch match;
      match.name = member.name;
      inner.strings(member.name, match.values);
      check(inner, member.name, member.name,
            iequals(member.name, "host") ? "the field `hosts` for the Host header"
                                         : rules::header_name(member.name));
      route.headers.push_back(std::move(match));
    }
    inner.finish();
  }
  for (const auto field : {"sources", "destinations", "expression", "priority"})
    reader.later(field, "matching by it");
  if (route.methods.empty() && route.hosts.empty() && route.paths.empty() &&
      route.headers.empty() && route.snis.empty())
    reader.error(
        "matches nothing, expected at least one of methods, hosts, headers, paths (or snis with "
        "https)");
}

void EntityReader::read_route(const Value& value, const Place& place, Index service) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.routes.size());
  Route route;
  base(reader, route);
  name(reader, "name", route.name, routes_, index, "routes");
  check(reader, "name", route.name, reader.has("name") ? rules::name(route.name) : "");
  route_protocols(reader, route);
  route_match(reader, route);
  reader.integer("regex_priority", route.regex_priority, INT32_MIN, INT32_MAX);
  reader.boolean("strip_path", route.strip_path);
  reader.boolean("preserve_host", route.preserve_host);
  reader.boolean("request_buffering", route.request_buffering);
  reader.boolean("response_buffering", route.response_buffering);
  std::string handling = "v0";
  reader.choice("path_handling", handling, {"v0", "v1"});
  route.path_handling_v1 = handling == "v1";
  reader.integer("https_redirect_status_code", route.https_redirect_status_code, 301, 426);
  constexpr std::array k_codes{301, 302, 307, 308, 426};
  if (std::find(k_codes.begin(), k_codes.end(), route.https_redirect_status_code) == k_codes.end())
    reader.error(
        *reader.value().find("https_redirect_status_code"), "https_redirect_status_code",
        cat("is ", route.https_redirect_status_code, ", expected 426, 301, 302, 307 or 308"));
  route_services_.push_back(reference(reader, "service", service));
  all_.routes.push_back(route);
  each(reader, "plugins",
       [&](const Value& v, const Place& p) { read_plugin(v, p, k_none, index, k_none); });
  reader.finish();
  add_id(all_.routes[index], "routes", route.name.empty() ? place.text() : route.name, routes_,
         index);
}

// --- consumers, credentials, plugins ---

void EntityReader::read_consumer(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.consumers.size());
  Consumer consumer;
  base(reader, consumer);
  name(reader, "username", consumer.username, consumers_, index, "consumers");
  reader.string("custom_id", consumer.custom_id);
  if (consumer.username.empty() && consumer.custom_id.empty())
    reader.error("has neither username nor custom_id, expected at least one");
  if (!consumer.custom_id.empty() &&
      !consumers_.emplace(cat("custom:", consumer.custom_id), index).second)
    reader.error(cat("uniqueness violation: 'consumers' entity with custom_id set to '",
                     consumer.custom_id, "' already declared"));
  all_.consumers.push_back(consumer);
  each(reader, "plugins",
       [&](const Value& v, const Place& p) { read_plugin(v, p, k_none, k_none, index); });
  read_credentials(reader, index);
  reader.later("groups", "consumer groups", "[]");
  reader.finish();
  add_id(all_.consumers[index], "consumers",
         consumer.username.empty() ? consumer.custom_id : consumer.username, consumers_, index);
}

void EntityReader::read_credential(const std::string& collection, const Value& value,
                                   const Place& place, Index consumer) {
  ObjectReader reader(value, place, out_);
  Credential credential;
  base(reader, credential);
  credential_owners_.push_back(
      {collection, all_.credentials[collection].size(), reference(reader, "consumer", consumer)});
  credential.fields = Value::make_object(value.where);
  std::string key;
  for (const Member& member : reader.value().members) {
    const std::string_view n = member.name;
    const bool own = n == "id" || n == "tags" || n == "consumer" || n == "created_at" ||
                     n == "updated_at" || n == "_comment" || n == "_ignore";
    if (own) continue;
    credential.fields.set(n, member.value);
    if (member.value.is(Kind::string)) key += member.value.string;
  }
  if (credential.id.empty())
    credential.id = entity_id(collection, key.empty() ? place.text() : key);
  all_.credentials[collection].push_back(std::move(credential));
}

void EntityReader::read_plugin(const Value& value, const Place& place, Index service, Index route,
                               Index consumer) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.plugins.size());
  PluginEntry entry;
  base(reader, entry);
  reader.string("name", entry.name);
  if (entry.name.empty()) reader.error("has no name, expected the name of a plugin");
  name(reader, "instance_name", entry.instance_name, instance_names_, index, "plugins");
  reader.boolean("enabled", entry.enabled);
  std::vector<std::string> protocols;
  reader.strings("protocols", protocols);
  for (const auto& protocol : protocols) {
    static constexpr std::array<std::string_view, 8> k_known{
        "http", "https", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough"};
    if (std::find(k_known.begin(), k_known.end(), protocol) == k_known.end())
      reader.error(*reader.value().find("protocols"), "protocols",
                   cat("holds \"", protocol, "\", expected protocols such as http, https"));
  }
  if (!protocols.empty()) {
    const auto has = [&](std::string_view p) {
      return std::find(protocols.begin(), protocols.end(), p) != protocols.end();
    };
    entry.http = has("http");
    entry.https = has("https");
  }
  plugin_scopes_.push_back({reference(reader, "service", service),
                            reference(reader, "route", route),
                            reference(reader, "consumer", consumer)});
  reader.later("consumer_group", "consumer groups");
  reader.later("ordering", "`ordering` of a plugin (gateway.phase_order orders all)");
  reader.later("condition", "`condition` of a plugin");
  entry.config = Value::make_object(value.where);
  if (const Value* config = reader.take("config")) {
    if (config->is(Kind::object))
      entry.config = *config;
    else
      reader.error(*config, "config", cat("is ", describe(*config), ", expected an object"));
  }
  reader.finish();
  all_.plugins.push_back(std::move(entry));
}

}  // namespace gw::config
