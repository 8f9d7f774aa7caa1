// SPDX-License-Identifier: Apache-2.0
// Services of EntityReader.
#include "base/text.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::string_view k_url_form = "http[s]://host[:port][/path]";

// A WebSocket begins as a request and goes on as its tunnel: ws is http.
std::string_view without_socket(std::string_view protocol) {
  return protocol == "ws" ? "http" : protocol == "wss" ? "https" : protocol;
}

// What a service without a name is known by.
std::string content_key(const Service& service) {
  const std::string_view scheme = service.protocol == Protocol::https ? "https://" : "http://";
  return cat(scheme, service.host, ":", service.port, service.path);
}

}  // namespace

// Fills what the url says. Members that say the same again are fine, others are a contradiction.
void EntityReader::read_url(ObjectReader& reader, Service& service) {
  const Value* value = reader.take("url");
  if (value == nullptr) return;
  std::string text;
  reader.string("url", text);
  if (text.empty()) return;
  const auto refuse = [&](std::string_view expected) {
    reader.error(*value, "url", cat("is \"", text, "\", expected ", expected));
  };
  std::string_view rest = text;
  std::string_view scheme = "http";
  const auto scheme_end = text.find("://");
  if (scheme_end != std::string::npos) {
    scheme = without_socket(rest.substr(0, scheme_end));
    rest.remove_prefix(scheme_end + 3);
  }
  const auto slash = rest.find('/');
  const auto authority = rest.substr(0, slash);
  // Kong takes the port for a scheme where there is none.
  if (scheme_end == std::string::npos && authority.ends_with(":443")) scheme = "https";
  if (scheme != "http" && scheme != "https") return refuse(k_url_form);
  service.protocol = scheme == "https" ? Protocol::https : Protocol::http;
  service.port = scheme == "https" ? 443 : 80;
  if (!rules::split_target(authority, service.host, service.port)) return refuse(k_url_form);
  if (slash == std::string_view::npos) return;
  service.path = rest.substr(slash);
  if (const auto expected = rules::path(service.path); !expected.empty()) refuse(expected);
}

void EntityReader::read_service(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.services.size());
  Service service;
  base(reader, service);
  reader.string("name", service.name, rules::name);
  unique(reader, "name", service.name, services_, index, "services");
  read_url(reader, service);
  const Service from_url = service;
  std::string protocol = service.protocol == Protocol::https ? "https" : "http";
  reader.choice(
      "protocol", protocol,
      {"http", "https", "ws", "wss", "grpc", "grpcs", "tcp", "tls", "tls_passthrough", "udp"});
  protocol = without_socket(protocol);
  if (protocol != "http" && protocol != "https")
    reader.later("protocol", cat("the protocol ", protocol, " to upstreams"));
  service.protocol = protocol == "https" ? Protocol::https : Protocol::http;
  reader.string("host", service.host, rules::host);
  reader.integer("port", service.port, 0, 65535);
  reader.string("path", service.path, rules::path);
  if (!from_url.host.empty() &&
      (service.protocol != from_url.protocol || service.host != from_url.host ||
       service.port != from_url.port || (reader.has("path") && service.path != from_url.path)))
    reader.error(*reader.value().find("url"), "url",
                 "says something else than protocol, host, port or path beside it",
                 "keep the url, or protocol, host, port and path");
  if (!reader.has("host") && !reader.has("url"))
    reader.error("has no host, expected `host` or `url`");
  reader.integer("retries", service.retries, 0, 32767);
  constexpr std::int64_t k_max_ms = 2147483646;
  reader.integer("connect_timeout", service.connect_timeout, 1, k_max_ms);
  reader.integer("write_timeout", service.write_timeout, 1, k_max_ms);
  reader.integer("read_timeout", service.read_timeout, 1, k_max_ms);
  reader.boolean("enabled", service.enabled);
  read_service_tls(reader, service);
  add_id(service, "services", service.name.empty() ? content_key(service) : service.name, services_,
         index);
  all_.services.push_back(std::move(service));
  reader.each("routes", [&](const Value& v, const Place& p) { read_route(v, p, index); });
  reader.each("plugins",
              [&](const Value& v, const Place& p) { read_plugin(v, p, index, k_none, k_none); });
  reader.finish();
}

}  // namespace gw::config
