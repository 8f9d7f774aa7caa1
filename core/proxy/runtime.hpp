// SPDX-License-Identifier: Apache-2.0
// Runtime: one configuration made ready to serve in one worker: router, plugin chains, balancers,
// and settings in the form in which the data path reads them. Immutable but for the balancers'
// positions. A request holds the one that it began with.
#pragma once

#include <compare>
#include <memory>
#include <vector>

#include "config/snapshot.hpp"
#include "http/error_page.hpp"
#include "http/server_connection.hpp"
#include "net/address.hpp"
#include "plugin/balancing.hpp"
#include "plugin/generation.hpp"
#include "proxy/tls_runtime.hpp"
#include "routing/router.hpp"
#include "upstream/balancer.hpp"
#include "upstream/pool.hpp"

namespace gw::proxy {

// Where requests are sent: the targets of an upstream, or of a service's host.
struct TargetSet {
  upstream::Balancer* balancer = nullptr;
  std::vector<gw_target> listed;  // the balancer's, as plugins see them
  std::string_view name;          // of the upstream entity, or the service's host
  std::string_view fixed_host;  // Host sent upstream when neither the client's nor the target's is;
                                // empty: the target's
};

// A service made ready.
struct ServiceRuntime {
  const config::Service* service = nullptr;
  const TargetSet* targets = nullptr;
  http::ClientLimits limits;
  std::shared_ptr<net::TlsClientContext> tls;  // null: plain connections
};

// What the data path asks of a route. Routes that are served alike share one: where there are many
// routes, each piece of memory that only one of them uses is a wait for memory.
struct RouteRuntime {
  ServiceRuntime* service;  // null: none
  const plugin::Chain* chain;
  std::uint16_t client_rule;  // Runtime::client_rule
  std::uint8_t refused_path_traits;
  bool http, strip_path, path_handling_v1, preserve_host;  // as in config::Route
  auto operator<=>(const RouteRuntime&) const = default;
};

class Runtime {
 public:
  // Everything but plugins; errors are diagnostics and the result is null.
  // ticket_secret: net::TlsTicketKeys.
  static std::shared_ptr<Runtime> make(std::shared_ptr<const config::Snapshot> snapshot,
                                       std::shared_ptr<plugin::Generation> plugins,
                                       std::string_view ticket_secret,
                                       std::vector<config::Diagnostic>& out);

  const config::Snapshot& snapshot() const { return *snapshot_; }
  const config::Settings& settings() const { return snapshot_->settings; }
  plugin::Generation& plugins() const { return *plugins_; }
  const std::shared_ptr<const config::Snapshot>& shared_snapshot() const { return snapshot_; }
  const std::shared_ptr<plugin::Generation>& shared_plugins() const { return plugins_; }
  void end_plugins() { plugins_.reset(); }
  const routing::Router& router() const { return *router_; }
  const RouteRuntime& route(config::Index index) const { return routes_[kind_of_route_[index]]; }
  // Before any request begins with it.
  // `before`: what serves now, or null; upstreams that stay keep what was learnt of their targets.
  void attach(const upstream::Surroundings& surroundings, const Runtime* before);
  upstream::Balancer& balancer(config::Index upstream) { return *balancers_[upstream]; }
  // Of probes over TLS; null: they need none.
  net::TlsClientContext* probe_context(config::Index upstream) const {
    return probe_contexts_[upstream].get();
  }
  const TargetSet& target_set(config::Index upstream) const { return target_sets_[upstream]; }
  // Of listeners with TLS; null: there are none.
  const std::shared_ptr<const net::TlsCertificates>& certificates() const { return certificates_; }
  // What is needed of a client's certificate, by a route or before one is known; null: nothing.
  const ClientRule* client_rule(std::uint16_t index) const {
    return index == ClientRules::k_none ? nullptr : &client_rules_.all[index];
  }
  std::uint16_t client_rule_of_all() const { return client_rules_.of_all; }
  // Headers that tell targets of it; `none` each, or none of them.
  struct CertificateHeaders {
    http::HeaderId pem, subject, fingerprint;
  };
  const CertificateHeaders& certificate_headers() const { return certificate_headers_; }
  // For https calls of plugins, made when it is first needed: reading the system's CA certificates
  // takes its time.
  Result<net::TlsClientContext*> call_context();
  bool trusts(const net::Address& peer) const {
    return !trusted_.empty() && trusted_.contains(peer);
  }
  // Whether a client may switch to this protocol (setting upgrade_protocols). False for "".
  bool allows_upgrade(std::string_view protocol) const;
  // Traits of paths (config::PathTrait) that are refused whatever route they match.
  unsigned path_traits_always_refused() const { return always_refused_; }
  http::ErrorFormat error_format() const { return error_format_; }
  http::HeaderId real_ip_header() const { return real_ip_header_; }
  // The port that clients believe to talk to.
  std::uint16_t mapped_port(std::uint16_t port) const;
  http::ServerLimits server_limits() const;
  upstream::KeepaliveLimits keepalive_limits() const;

 private:
  Runtime() = default;
  // False: errors were added to `out`.
  bool make_tls(std::string_view ticket_secret, std::vector<config::Diagnostic>& out);
  void add_targets(std::vector<upstream::Target> targets, const config::Upstream* policy,
                   std::string_view name);
  bool add_certificate_headers(std::vector<config::Diagnostic>& out);
  void add_service(const config::Service& service);
  RouteRuntime make_route(config::Index index);
  void add_routes();

  std::shared_ptr<const config::Snapshot> snapshot_;
  std::shared_ptr<plugin::Generation> plugins_;
  std::unique_ptr<routing::Router> router_;
  std::vector<std::unique_ptr<upstream::Balancer>>
      balancers_;                       // upstreams, then services with hosts of their own
  std::vector<TargetSet> target_sets_;  // as balancers_
  std::vector<std::shared_ptr<net::TlsClientContext>> probe_contexts_;  // by upstream
  std::vector<ServiceRuntime> services_;
  std::vector<RouteRuntime> routes_;  // each kind once
  std::vector<std::uint32_t> kind_of_route_;
  std::shared_ptr<const net::TlsCertificates> certificates_;
  ClientRules client_rules_;
  CertificateHeaders certificate_headers_{};
  std::shared_ptr<net::TlsClientContext> call_context_;
  net::CidrSet trusted_;
  unsigned always_refused_ = 0;
  http::ErrorFormat error_format_ = http::ErrorFormat::plain;
  http::HeaderId real_ip_header_ = http::HeaderId::none;
};

}  // namespace gw::proxy
