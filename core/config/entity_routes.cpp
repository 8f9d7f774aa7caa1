// SPDX-License-Identifier: Apache-2.0
// Routes of EntityReader.
#include <algorithm>
#include <array>

#include "base/path_form.hpp"
#include "base/text.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"
#include "config/settings.hpp"

namespace gw::config {

namespace {

bool is_alnum(char c) {
  return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9');
}

// The normal form; the text itself where it has none.
std::string normal_path(const std::string& path) {
  if (!path.starts_with('/')) return path;
  BlockPool pool(1024, 1);
  Arena arena(pool);
  const auto normal = normalize_path(path, arena);
  return normal.data() != nullptr ? std::string(normal) : path;
}

// What formats before 3.0 may escape in a regex: decoded where requests are matched decoded.
std::string decoded_regex(std::string_view regex) {
  std::string out;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    unsigned code = 0;
    const auto digits = regex.substr(i + 1 < regex.size() ? i + 1 : i, 2);
    const bool escape =
        regex[i] == '%' && digits.size() == 2 &&
        std::from_chars(digits.data(), digits.data() + 2, code, 16).ptr == digits.data() + 2;
    if (!escape) {
      out += regex[i];
      continue;
    }
    const char c = char(code);
    if (is_alnum(c) || c == '_' || c == '~')
      out += c;
    else if (c == '.' || c == '-')
      out += cat('\\', c);
    else
      for (const char digit : regex.substr(i, 3)) out += digit >= 'a' ? char(digit - 32) : digit;
    i += 2;
  }
  return out;
}

// Formats 1.1 and 2.1: what looks like a plain path is one, all else is a regex.
std::string converted_path(const std::string& path) {
  if (path.empty() || path.starts_with("~/")) return path;
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return is_alnum(c) || std::string_view{"._~/%-"}.find(c) != std::string_view::npos;
  });
  return plain ? normal_path(path) : "~" + decoded_regex(path);
}

// What a route without a name is known by: all that it matches.
std::string content_key(const Route& route, const std::string& service) {
  std::string key = cat(service, "\n");
  for (const auto* list : {&route.methods, &route.hosts, &route.paths, &route.snis}) {
    for (const auto& text : *list) key += cat(text, "\n");
    key += "\n";
  }
  for (const auto& header : route.headers) {
    key += cat(header.name, "\n");
    for (const auto& text : header.values) key += cat(text, "\n");
  }
  return key;
}

}  // namespace

void EntityReader::read_protocols(ObjectReader& reader, Route& route) {
  if (!reader.has("protocols")) return;
  std::vector<std::string> protocols;
  const std::size_t before = out_.size();
  reader.choices(
      "protocols", protocols,
      {"http", "https", "ws", "wss", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough"});
  if (out_.size() > before) return;
  const Value& at = *reader.value().find("protocols");
  route.http = route.https = false;
  for (const auto& protocol : protocols) {
    if (protocol == "http" || protocol == "ws")
      route.http = true;
    else if (protocol == "https" || protocol == "wss")
      route.https = true;
    else
      reader.error(at, "protocols",
                   cat("holds \"", protocol,
                       "\": only http and https are supported so far, a later version brings it"));
  }
  if (protocols.empty()) reader.error(at, "protocols", "is empty, expected http, https");
}

void EntityReader::read_route_paths(ObjectReader& reader, Route& route) {
  const std::size_t before = out_.size();
  reader.strings("paths", route.paths);
  const Value* list = reader.value().find("paths");
  if (list == nullptr || out_.size() > before) return;
  for (std::size_t i = 0; i < route.paths.size(); ++i) {
    auto& path = route.paths[i];
    route.path_places.push_back(list->items[i].where);
    if (old_paths_) path = converted_path(path);
    std::string expected = rules::route_path(path), hint;
    // Requests are matched in normal form, so no other prefix could ever match.
    if (path.starts_with('/'))
      if (const auto normal = normal_path(path); normal != path) {
        expected = "a path in normal form, as requests are matched";
        hint = cat("write \"", normal, "\"");
      }
    if (!expected.empty())
      out_.push_back({Severity::error, list->items[i].where,
                      reader.place().member("paths").item(i).text(),
                      cat("is ", describe(list->items[i]), ", expected ", expected), hint});
  }
}

void EntityReader::read_route_headers(ObjectReader& reader, Route& route) {
  reader.object("headers", [&](ObjectReader& inner) {
    for (const Member& member : inner.value().members) {
      const std::size_t before = out_.size();
      HeaderMatch match;
      match.name = member.name;
      inner.strings(member.name, match.values);
      std::string expected;
      if (iequals(member.name, "host"))
        expected = "the field `hosts` for the Host header";
      else if (const auto rule = rules::header_name(member.name); !rule.empty())
        expected = cat("a header's name: ", rule);
      else if (inner.has(member.name) && match.values.empty() && out_.size() == before)
        expected = "at least one value";
      if (!expected.empty())
        out_.push_back({Severity::error, member.where, inner.place().member(member.name).text(),
                        cat("expected ", expected), ""});
      if (!member.value.is(Kind::null)) route.headers.push_back(std::move(match));
    }
  });
}

// What Kong's routes do not have.
void EntityReader::read_route_gateway(ObjectReader& reader, Route& route) {
  route_authorities_.emplace_back();
  reader.object("gateway", [&](ObjectReader& inner) {
    for (const auto& [trait, name] : k_path_traits) {
      std::string word;
      inner.choice(name, word, {"keep", "refuse"});
      if (word == "keep") route.kept_path_traits |= trait;
      if (word == "refuse") route.refused_path_traits |= trait;
    }
    route_authorities_.back() = read_verify_client(inner, route.verify_client);
    if (route.verify_client && !route.https)
      inner.error(*inner.value().find("verify_client"), "verify_client",
                  "needs the protocol https");
  });
}

void EntityReader::read_route_match(ObjectReader& reader, Route& route) {
  const std::size_t before = out_.size();
  reader.strings("methods", route.methods, rules::method);
  reader.strings("hosts", route.hosts, rules::route_host);
  read_route_paths(reader, route);
  reader.strings("snis", route.snis, rules::sni);
  if (!route.snis.empty() && !route.https)
    reader.error(*reader.value().find("snis"), "snis", "needs the protocol https");
  read_route_headers(reader, route);
  for (const auto field : {"sources", "destinations"}) reader.later(field, "matching by it", "[]");
  for (const auto field : {"expression", "priority"}) reader.later(field, "matching by it");
  const bool none = route.methods.empty() && route.hosts.empty() && route.paths.empty() &&
                    route.headers.empty() && route.snis.empty();
  if (none && out_.size() == before)
    reader.error(cat("matches nothing, expected at least one of methods, hosts, headers, paths",
                     route.https ? ", snis" : ""));
}

void EntityReader::read_route(const Value& value, const Place& place, Index service) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.routes.size());
  Route route;
  base(reader, route);
  reader.string("name", route.name, rules::name);
  unique(reader, "name", route.name, routes_, index, "routes");
  read_protocols(reader, route);
  if (value.is(Kind::object)) read_route_match(reader, route);
  reader.integer("regex_priority", route.regex_priority, INT32_MIN, INT32_MAX);
  reader.boolean("strip_path", route.strip_path);
  reader.boolean("preserve_host", route.preserve_host);
  reader.boolean("request_buffering", route.request_buffering);
  reader.boolean("response_buffering", route.response_buffering);
  std::string handling = "v0";
  reader.choice("path_handling", handling, {"v0", "v1"});
  route.path_handling_v1 = handling == "v1";
  read_route_gateway(reader, route);
  reader.integer("https_redirect_status_code", route.https_redirect_status_code, 301, 426);
  constexpr std::array k_codes{301, 302, 307, 308, 426};
  if (std::find(k_codes.begin(), k_codes.end(), route.https_redirect_status_code) == k_codes.end())
    reader.error(
        *reader.value().find("https_redirect_status_code"), "https_redirect_status_code",
        cat("is ", route.https_redirect_status_code, ", expected 426, 301, 302, 307 or 308"));
  const std::string parent = service != k_none ? all_.services[service].id : "";
  route_services_.push_back(reference(reader, "service", service, parent));
  add_id(route, "routes",
         route.name.empty() ? content_key(route, route_services_.back().key) : route.name, routes_,
         index);
  all_.routes.push_back(std::move(route));
  reader.each("plugins",
              [&](const Value& v, const Place& p) { read_plugin(v, p, k_none, index, k_none); });
  reader.finish();
}

}  // namespace gw::config
