// SPDX-License-Identifier: Apache-2.0
#include "proxy/runtime.hpp"

#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "base/text.hpp"
#include "http/writer.hpp"
#include "plugin/tls_hooks.hpp"

namespace gw::proxy {

namespace {

http::ErrorFormat to_format(config::ErrorType type) {
  switch (type) {
    case config::ErrorType::json:
      return http::ErrorFormat::json;
    case config::ErrorType::html:
      return http::ErrorFormat::html;
    case config::ErrorType::xml:
      return http::ErrorFormat::xml;
    case config::ErrorType::problem_json:
      return http::ErrorFormat::problem_json;
    case config::ErrorType::plain:
      break;
  }
  return http::ErrorFormat::plain;
}

std::vector<upstream::Target> targets_of(const config::Upstream& entity) {
  std::vector<upstream::Target> out;
  for (const auto& target : entity.targets)
    out.push_back({target.host, target.port, target.weight});
  return out;
}

}  // namespace

std::shared_ptr<Runtime> Runtime::make(std::shared_ptr<const config::Snapshot> snapshot,
                                       std::shared_ptr<plugin::Generation> plugins,
                                       std::string_view ticket_secret,
                                       std::vector<config::Diagnostic>& out) {
  std::shared_ptr<Runtime> runtime(new Runtime);
  runtime->snapshot_ = std::move(snapshot);
  runtime->plugins_ = std::move(plugins);
  const auto& entities = runtime->snapshot_->entities;
  runtime->router_ = routing::Router::compile(entities, out);
  if (!runtime->router_) return nullptr;
  // Services point at theirs.
  runtime->target_sets_.reserve(entities.upstreams.size() + entities.services.size());
  for (const auto& entity : entities.upstreams)
    runtime->add_targets(targets_of(entity), &entity, entity.name);
  for (const auto& service : entities.services) runtime->add_service(service);
  if (!runtime->make_tls(ticket_secret, out) || !runtime->add_certificate_headers(out))
    return nullptr;
  runtime->add_routes();
  for (const auto& block : runtime->settings().trusted_ips) runtime->trusted_.add(block);
  runtime->always_refused_ = runtime->settings().refused_path_traits;
  for (const auto& route : runtime->routes_) runtime->always_refused_ &= route.refused_path_traits;
  runtime->error_format_ = to_format(runtime->settings().error_default_type);
  runtime->real_ip_header_ = http::intern_header(runtime->settings().real_ip_header);
  return runtime;
}

bool Runtime::make_tls(std::string_view ticket_secret, std::vector<config::Diagnostic>& out) {
  check_certificates(snapshot_->entities, out);
  if (config::has_errors(out)) return false;
  const auto has_ssl = [](const auto& listens) {
    return std::any_of(listens.begin(), listens.end(), [](const auto& l) { return l.ssl; });
  };
  const auto& s = settings();
  client_rules_ = make_client_rules(*snapshot_, out);
  if (config::has_errors(out)) return false;
  if (has_ssl(s.proxy_listen) || has_ssl(s.admin_listen) || has_ssl(s.status_listen))
    certificates_ = make_certificates(*snapshot_, client_rules_, ticket_secret,
                                      plugin::make_tls_chooser(plugins_), out);
  for (const auto& upstream : snapshot_->entities.upstreams)
    probe_contexts_.push_back(upstream.healthchecks.active.probes_over_tls()
                                  ? make_probe_context(*snapshot_, upstream, out)
                                  : nullptr);
  for (auto& service : services_)
    if (service.service->protocol == config::Protocol::https)
      service.tls = make_client_context(*snapshot_, *service.service, out);
  return !config::has_errors(out);
}

Result<net::TlsClientContext*> Runtime::call_context() {
  if (!call_context_) {
    std::vector<config::Diagnostic> out;
    call_context_ = make_call_context(*snapshot_, out);
    if (!call_context_) return Error{cat(out[0].path, " ", out[0].message)};
  }
  return call_context_.get();
}

void Runtime::add_targets(std::vector<upstream::Target> targets, const config::Upstream* policy,
                          std::string_view name) {
  TargetSet set;
  for (const auto& target : targets)
    set.listed.push_back({plugin::to_abi(target.host), target.port, target.weight});
  balancers_.push_back(
      std::make_unique<upstream::Balancer>(std::move(targets), policy, thread_random().next()));
  set.balancer = balancers_.back().get();
  set.name = name;
  if (policy != nullptr) set.fixed_host = policy->host_header;
  target_sets_.push_back(std::move(set));
}

void Runtime::attach(const upstream::Surroundings& surroundings, const Runtime* before) {
  for (const auto& balancer : balancers_) balancer->attach(surroundings);
  if (before == nullptr) return;
  std::map<std::string_view, const upstream::Balancer*> old;
  for (const auto& balancer : before->balancers_)
    if (balancer->policy() != nullptr) old.emplace(balancer->policy()->id, balancer.get());
  for (const auto& balancer : balancers_) {
    if (balancer->policy() == nullptr) continue;
    if (const auto same = old.find(balancer->policy()->id); same != old.end())
      balancer->learn_from(*same->second);
  }
}

void Runtime::add_service(const config::Service& service) {
  ServiceRuntime made;
  made.service = &service;
  made.limits.connect_timeout = service.connect_timeout;
  made.limits.write_timeout = service.write_timeout;
  made.limits.read_timeout = service.read_timeout;
  made.limits.head.size = settings().upstream_max_header_size;
  made.limits.head.fields = settings().upstream_max_header_count;
  if (service.upstream != config::k_none) {
    made.targets = &target_sets_[service.upstream];
  } else {
    add_targets({{service.host, service.port, 1}}, nullptr, service.host);
    made.targets = &target_sets_.back();
  }
  services_.push_back(std::move(made));
}

RouteRuntime Runtime::make_route(config::Index index) {
  const config::Route& route = snapshot_->entities.routes[index];
  ServiceRuntime* service = route.service != config::k_none ? &services_[route.service] : nullptr;
  const unsigned refused = (settings().refused_path_traits & ~unsigned(route.kept_path_traits)) |
                           route.refused_path_traits;
  return {.service = service,
          .chain = &plugins_->chain(index),
          .client_rule = client_rules_.of_routes[index],
          .refused_path_traits = std::uint8_t(refused),
          .http = route.http,
          .strip_path = route.strip_path,
          .path_handling_v1 = route.path_handling_v1,
          .preserve_host = route.preserve_host};
}

// After the services, which stay where they are then.
void Runtime::add_routes() {
  const auto count = snapshot_->entities.routes.size();
  kind_of_route_.reserve(count);
  std::map<RouteRuntime, std::uint32_t> kinds;
  for (std::size_t i = 0; i < count; ++i) {
    const auto route = make_route(config::Index(i));
    const auto [kind, is_new] = kinds.try_emplace(route, std::uint32_t(kinds.size()));
    if (is_new) routes_.push_back(route);
    kind_of_route_.push_back(kind->second);
  }
}

bool Runtime::add_certificate_headers(std::vector<config::Diagnostic>& out) {
  const std::string& name = settings().client_certificate_header;
  if (name.empty()) return true;
  certificate_headers_ = {http::intern_header(name), http::intern_header(name + "-Subject-DN"),
                          http::intern_header(name + "-Fingerprint")};
  if (certificate_headers_.fingerprint != http::HeaderId::none &&
      !http::is_connection_field(certificate_headers_.pem))
    return true;
  out.push_back({config::Severity::error,
                 {},
                 "gateway.client_certificate_header",
                 cat("is ", name, ", expected a header that is not the gateway's own"),
                 ""});
  return false;
}

std::uint16_t Runtime::mapped_port(std::uint16_t port) const {
  const auto& maps = settings().port_maps;
  if (maps.empty()) return port;
  const auto found = maps.find(port);
  return found != maps.end() ? found->second : port;
}

bool Runtime::allows_upgrade(std::string_view protocol) const {
  if (protocol.empty()) return false;
  const auto& allowed = settings().upgrade_protocols;
  return std::any_of(allowed.begin(), allowed.end(),
                     [protocol](const auto& name) { return iequals(name, protocol); });
}

http::ServerLimits Runtime::server_limits() const {
  const auto& s = settings();
  http::ServerLimits limits;
  limits.head = {s.client_max_request_line, s.client_max_header_size, s.client_max_header_count};
  limits.header_timeout = s.client_header_timeout;
  limits.body_timeout = s.client_body_timeout;
  limits.send_timeout = s.send_timeout;
  limits.keepalive_timeout = s.keepalive_timeout;
  limits.keepalive_requests = s.keepalive_requests;
  limits.max_body = s.client_max_body_size;
  limits.underscores = http::Underscores(s.underscore_headers);
  return limits;
}

upstream::KeepaliveLimits Runtime::keepalive_limits() const {
  const auto& s = settings();
  return {s.upstream_keepalive_pool_size, s.upstream_keepalive_max_requests,
          s.upstream_keepalive_idle_timeout};
}

}  // namespace gw::proxy
