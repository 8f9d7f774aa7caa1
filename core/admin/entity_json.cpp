// SPDX-License-Identifier: Apache-2.0
#include "admin/entity_json.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "config/settings.hpp"

namespace gw::admin {

using nlohmann::json;

namespace {

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

template <class List>
json or_null(const List& list) {
  return list.empty() ? json() : json(list);
}

template <class T>
json reference(const std::vector<T>& all, config::Index index) {
  return index == config::k_none ? json() : json{{"id", all[index].id}};
}

json base(const config::Entity& entity) {
  json out{{"id", entity.id}, {"tags", or_null(entity.tags)}};
  if (entity.created_at != 0) out["created_at"] = entity.created_at;
  if (entity.updated_at != 0) out["updated_at"] = entity.updated_at;
  return out;
}

json protocols(bool http, bool https) {
  json out = json::array();
  if (http) out.push_back("http");
  if (https) out.push_back("https");
  return out;
}

json statuses(const config::Statuses& set) {
  json out = json::array();
  for (std::size_t status = 100; status < set.size(); ++status)
    if (set[status]) out.push_back(status);
  return out;
}

json healthy(const config::Check& check) {
  return {{"http_statuses", statuses(check.healthy_statuses)}, {"successes", check.successes}};
}

json unhealthy(const config::Check& check) {
  return {{"http_statuses", statuses(check.unhealthy_statuses)},
          {"tcp_failures", check.tcp_failures},
          {"timeouts", check.timeouts},
          {"http_failures", check.http_failures}};
}

json healthchecks(const config::Healthchecks& checks) {
  const config::ActiveCheck& a = checks.active;
  json headers;
  for (const auto& header : a.headers) headers[header.name] = header.values;
  json active{{"type", config::to_text(a.type)},
              {"timeout", double(a.timeout) / 1000},
              {"concurrency", a.concurrency},
              {"http_path", a.path},
              {"https_sni", or_null(a.sni)},
              {"https_verify_certificate", a.verify},
              {"headers", headers},
              {"healthy", healthy(a)},
              {"unhealthy", unhealthy(a)}};
  active["healthy"]["interval"] = double(a.healthy_interval) / 1000;
  active["unhealthy"]["interval"] = double(a.unhealthy_interval) / 1000;
  return {{"threshold", checks.threshold},
          {"active", active},
          {"passive",
           {{"type", config::to_text(checks.passive.type)},
            {"healthy", healthy(checks.passive)},
            {"unhealthy", unhealthy(checks.passive)}}}};
}

// The field that names what is hashed: hash_on_header, …; hash_on_cookie is of both.
void add_hash_name(json& out, const std::string& field, const config::HashOn& on) {
  if (on.name.empty()) return;
  const bool cookie = on.input == config::HashInput::cookie;
  out[cookie ? "hash_on_cookie" : cat(field, "_", config::to_text(on.input))] = on.name;
}

// What is not as it is without the field.
json upstream_gateway(const config::Upstream& u) {
  json out = json::object();
  const auto ms = [](std::uint64_t value) { return cat(value, "ms"); };
  if (u.slow_start > 0) out["slow_start"] = ms(u.slow_start);
  if (u.try_timeout > 0) out["try_timeout"] = ms(u.try_timeout);
  if (u.ejection.watches())
    out["ejection"] = {{"failures", u.ejection.failures}, {"success_rate", u.ejection.success_rate},
                       {"volume", u.ejection.volume},     {"interval", ms(u.ejection.interval)},
                       {"time", ms(u.ejection.time)},     {"most_time", ms(u.ejection.most_time)},
                       {"most", u.ejection.most}};
  const auto& limits = u.limits;
  if (limits.connections + limits.requests + limits.pending > 0)
    out["limits"] = {{"connections", limits.connections},
                     {"requests", limits.requests},
                     {"pending", limits.pending}};
  if (u.retry_budget.percent >= 0)
    out["retry_budget"] = {{"percent", u.retry_budget.percent}, {"least", u.retry_budget.least}};
  return out;
}

json client_check(const config::Entities& all, const config::ClientCheck& check) {
  json out{{"depth", check.depth}, {"required", check.required}};
  for (const auto index : check.ca_certificates)
    out["ca_certificates"].push_back(all.ca_certificates[index].id);
  return out;
}

}  // namespace

json to_json(const config::Entities& all, const config::Service& s) {
  json out = base(s);
  out.update({{"name", or_null(s.name)},
              {"protocol", s.protocol == config::Protocol::http ? "http" : "https"},
              {"host", s.host},
              {"port", s.port},
              {"path", or_null(s.path)},
              {"retries", s.retries},
              {"connect_timeout", s.connect_timeout},
              {"write_timeout", s.write_timeout},
              {"read_timeout", s.read_timeout},
              {"enabled", s.enabled},
              {"tls_verify", s.tls_verify ? json(*s.tls_verify) : json()},
              {"tls_verify_depth", s.tls_verify_depth ? json(*s.tls_verify_depth) : json()},
              {"client_certificate", reference(all.certificates, s.client_certificate)}});
  out["ca_certificates"] = nullptr;
  for (const auto index : s.ca_certificates)
    out["ca_certificates"].push_back(all.ca_certificates[index].id);
  if (s.verify_client) out["gateway"]["verify_client"] = client_check(all, *s.verify_client);
  return out;
}

json to_json(const config::Entities& all, const config::Route& r) {
  json out = base(r);
  json headers;
  for (const auto& header : r.headers) headers[header.name] = header.values;
  out.update({{"name", or_null(r.name)},
              {"protocols", protocols(r.http, r.https)},
              {"methods", or_null(r.methods)},
              {"hosts", or_null(r.hosts)},
              {"paths", or_null(r.paths)},
              {"headers", headers},
              {"snis", or_null(r.snis)},
              {"regex_priority", r.regex_priority},
              {"strip_path", r.strip_path},
              {"preserve_host", r.preserve_host},
              {"path_handling", r.path_handling_v1 ? "v1" : "v0"},
              {"request_buffering", r.request_buffering},
              {"response_buffering", r.response_buffering},
              {"https_redirect_status_code", r.https_redirect_status_code},
              {"service", reference(all.services, r.service)}});
  for (const auto& [trait, name] : config::k_path_traits)
    if (((r.kept_path_traits | r.refused_path_traits) & trait) != 0)
      out["gateway"][std::string(name)] = (r.kept_path_traits & trait) != 0 ? "keep" : "refuse";
  if (r.verify_client) out["gateway"]["verify_client"] = client_check(all, *r.verify_client);
  return out;
}

json to_json(const config::Entities& all, const config::Upstream& u) {
  json out = base(u);
  out.update({{"name", u.name},
              {"algorithm", config::to_text(u.algorithm)},
              {"hash_on", config::to_text(u.hash_on.input)},
              {"hash_fallback", config::to_text(u.hash_fallback.input)},
              {"hash_on_cookie_path", u.hash_cookie_path},
              {"healthchecks", healthchecks(u.healthchecks)},
              {"slots", u.slots},
              {"host_header", or_null(u.host_header)},
              {"use_srv_name", u.use_srv_name},
              {"client_certificate", reference(all.certificates, u.client_certificate)}});
  add_hash_name(out, "hash_on", u.hash_on);
  add_hash_name(out, "hash_fallback", u.hash_fallback);
  if (const json own = upstream_gateway(u); !own.empty()) out["gateway"] = own;
  return out;
}

json to_json(const config::Upstream& upstream, const config::Target& t) {
  json out = base(t);
  const bool v6 = t.host.find(':') != std::string::npos;
  out.update({{"target", v6 ? cat("[", t.host, "]:", t.port) : cat(t.host, ":", t.port)},
              {"weight", t.weight},
              {"upstream", {{"id", upstream.id}}}});
  return out;
}

json to_json(const config::Entities& all, const config::Certificate& c) {
  json out = base(c);
  json names = json::array();
  for (const auto& sni : all.snis)
    if (sni.certificate == config::Index(&c - all.certificates.data())) names.push_back(sni.name);
  out.update({{"cert", c.cert},
              {"key", "REDACTED"},
              {"cert_alt", or_null(c.cert_alt)},
              {"key_alt", c.key_alt.empty() ? json() : json("REDACTED")},
              {"snis", names}});
  if (!c.ocsp.empty()) out["gateway"]["ocsp"] = c.ocsp;
  return out;
}

json to_json(const config::Entities& all, const config::Sni& s) {
  json out = base(s);
  out.update({{"name", s.name}, {"certificate", reference(all.certificates, s.certificate)}});
  return out;
}

json to_json(const config::Entities&, const config::CaCertificate& c) {
  json out = base(c);
  out["cert"] = c.cert;
  return out;
}

json to_json(const config::Entities&, const config::Consumer& c) {
  json out = base(c);
  out.update({{"username", or_null(c.username)}, {"custom_id", or_null(c.custom_id)}});
  return out;
}

json to_json(const config::Entities& all, const config::PluginEntry& p) {
  json out = base(p);
  out.update({{"name", p.name},
              {"instance_name", or_null(p.instance_name)},
              {"enabled", p.enabled},
              {"protocols", protocols(p.http, p.https)},
              {"service", reference(all.services, p.service)},
              {"route", reference(all.routes, p.route)},
              {"consumer", reference(all.consumers, p.consumer)},
              {"config", json::parse(config::to_json(p.config, config::Secrets::hidden))}});
  if (p.fails_open) out["gateway"]["on_failure"] = "open";
  return out;
}

json to_json(const config::Entities& all, const config::Credential& c) {
  json out = base(c);
  for (const auto& member : c.fields.members) out[member.name] = "REDACTED";
  out["consumer"] = reference(all.consumers, c.consumer);
  return out;
}

}  // namespace gw::admin
