// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_runtime.hpp"

#include <algorithm>
#include <ctime>

#include "base/file.hpp"
#include "base/text.hpp"

namespace gw::proxy {

namespace {

using config::Diagnostic;
using config::Severity;

// Mozilla's "Server Side TLS", version 5.7; as Kong has them.
struct Suite {
  std::string_view name;
  net::TlsVersion lowest;
  std::string_view ciphers;
  bool own_order;
};
constexpr Suite k_suites[] = {
    {"modern", net::TlsVersion::tls1_3, "", false},
    {"intermediate", net::TlsVersion::tls1_2,
     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
     "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305",
     false},
    {"old", net::TlsVersion::tls1_0,
     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
     "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA256:"
     "ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:"
     "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:@SECLEVEL=0",
     true},
    {"fips", net::TlsVersion::tls1_2,
     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
     "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384",
     true},
};

// TLS of one configuration, while it is made ready.
class Maker {
 public:
  Maker(const config::Snapshot& snapshot, std::vector<Diagnostic>& out)
      : snapshot_(snapshot), settings_(snapshot.settings), out_(out) {}

  ClientRules client_rules();
  std::shared_ptr<const net::TlsCertificates> certificates(
      const ClientRules& rules, std::string_view secret, std::shared_ptr<net::TlsChooser> chooser);
  std::shared_ptr<net::TlsClientContext> client(const config::Service& service);
  std::shared_ptr<net::TlsClientContext> calls();
  std::shared_ptr<net::TlsClientContext> probes(const config::Upstream& upstream);

 private:
  void fail(config::Location where, std::string path, std::string message) {
    failed_ = true;
    out_.push_back({Severity::error, where, std::move(path), std::move(message), ""});
  }
  void fail(std::string_view setting, std::string message) {
    fail({}, cat("gateway.", setting), std::move(message));
  }
  std::string read_file(std::string_view setting, const std::string& path);
  std::vector<net::TlsIdentity> read_pairs(std::string_view name,
                                           const std::vector<std::string>& certificates,
                                           const std::vector<std::string>& keys);
  net::TlsProtocols protocols() const;
  net::TlsServerOptions server_options() const;
  std::shared_ptr<const net::TlsServerContext> server(std::vector<net::TlsIdentity> identities,
                                                      config::Location where, std::string path,
                                                      net::TlsStaple staple = {});
  std::shared_ptr<const net::TlsServerContext> fallback();
  std::shared_ptr<const net::TlsVerifier> verifier(const std::string& authorities, int depth,
                                                   config::Location where, std::string path);
  // What is trusted to vouch for targets: "system" is an empty text.
  std::string trusted();

  const config::Snapshot& snapshot_;
  const config::Settings& settings_;
  std::vector<Diagnostic>& out_;
  std::vector<std::shared_ptr<const net::TlsVerifier>> verifiers_;  // each once
  bool failed_ = false;
};

std::string Maker::read_file(std::string_view setting, const std::string& path) {
  auto text = gw::read_file(path);
  if (text.ok()) return std::move(text).value();
  fail(setting, text.error().text);
  return "";
}

std::vector<net::TlsIdentity> Maker::read_pairs(std::string_view name,
                                                const std::vector<std::string>& certificates,
                                                const std::vector<std::string>& keys) {
  std::vector<net::TlsIdentity> out;
  if (certificates.size() != keys.size()) {
    fail(name, cat("names ", certificates.size(), " files, and ", name, "_key ", keys.size(),
                   ", expected as many"));
    return out;
  }
  for (std::size_t i = 0; i < certificates.size(); ++i)
    out.push_back({read_file(name, certificates[i]), read_file(cat(name, "_key"), keys[i])});
  return out;
}

net::TlsProtocols Maker::protocols() const {
  net::TlsProtocols out;
  for (const Suite& suite : k_suites) {
    if (suite.name != settings_.ssl_cipher_suite) continue;
    out.lowest = suite.lowest;
    out.ciphers = suite.ciphers;
    out.prefer_own_order = suite.own_order;
  }
  if (settings_.ssl_cipher_suite == "custom") out.ciphers = settings_.ssl_ciphers;
  if (settings_.ssl_protocols != 0) {
    out.lowest = net::TlsVersion(__builtin_ctz(settings_.ssl_protocols));
    out.highest = net::TlsVersion(31 - __builtin_clz(settings_.ssl_protocols));
  }
  if (settings_.ssl_prefer_server_ciphers)
    out.prefer_own_order = *settings_.ssl_prefer_server_ciphers;
  return out;
}

net::TlsServerOptions Maker::server_options() const {
  net::TlsServerOptions options;
  options.protocols = protocols();
  options.alpn = {"http/1.1"};
  options.tickets = settings_.ssl_session_tickets;
  options.session_timeout_s = settings_.ssl_session_timeout / 1000;
  return options;
}

std::shared_ptr<const net::TlsServerContext> Maker::server(std::vector<net::TlsIdentity> identities,
                                                           config::Location where, std::string path,
                                                           net::TlsStaple staple) {
  auto options = server_options();
  options.staple = std::move(staple);
  options.identities = std::move(identities);
  auto made = net::TlsServerContext::make(options);
  if (made.ok()) return made.value();
  fail(where, std::move(path), cat("cannot be used: ", made.error().text));
  return nullptr;
}

// For clients that name nobody we know: what ssl_cert names, or one that vouches for nothing.
std::shared_ptr<const net::TlsServerContext> Maker::fallback() {
  auto pairs = read_pairs("ssl_cert", settings_.ssl_cert, settings_.ssl_cert_key);
  if (failed_) return nullptr;
  if (pairs.empty()) {
    static const net::TlsIdentity self_signed = net::make_self_signed("localhost");
    pairs.push_back(self_signed);
  }
  return server(std::move(pairs), {}, "gateway.ssl_cert");
}

// --- clients' certificates ---

// Equal ones are one, so that a connection is judged once.
std::shared_ptr<const net::TlsVerifier> Maker::verifier(const std::string& authorities, int depth,
                                                        config::Location where, std::string path) {
  auto made = net::TlsVerifier::make(authorities, depth);
  if (!made.ok()) {
    fail(where, std::move(path), made.error().text);
    return nullptr;
  }
  for (const auto& known : verifiers_)
    if (known->digest() == made.value()->digest()) return known;
  return verifiers_.emplace_back(std::move(made).value());
}

ClientRules Maker::client_rules() {
  ClientRules rules;
  const auto add = [&rules](ClientRule rule) {
    const auto found = std::find(rules.all.begin(), rules.all.end(), rule);
    const auto index = std::uint16_t(found - rules.all.begin());
    if (found == rules.all.end()) rules.all.push_back(std::move(rule));
    return index;
  };
  if (settings_.ssl_verify_client != config::VerifyClient::off) {
    std::string authorities;
    for (const auto& path : settings_.ssl_client_certificate)
      authorities += read_file("ssl_client_certificate", path);
    if (authorities.empty() && !failed_)
      fail("ssl_client_certificate",
           "is empty, expected files with the CA certificates that vouch "
           "for clients, since ssl_verify_client is on");
    if (failed_) return rules;
    // Where one is required the handshake has seen to it.
    rules.of_all = add({verifier(authorities, int(settings_.ssl_verify_depth), {},
                                 "gateway.ssl_client_certificate"),
                        false});
  }
  const auto& entities = snapshot_.entities;
  for (const auto& route : entities.routes) {
    const config::Entity* owner = &route;
    const auto* check = route.verify_client ? &*route.verify_client : nullptr;
    if (check == nullptr && route.service != config::k_none) {
      owner = &entities.services[route.service];
      if (const auto& its = entities.services[route.service].verify_client) check = &*its;
    }
    if (check == nullptr) {
      rules.of_routes.push_back(rules.of_all);
      continue;
    }
    std::string authorities;
    for (const auto index : check->ca_certificates)
      authorities += entities.ca_certificates[index].cert + "\n";
    rules.of_routes.push_back(
        add({verifier(authorities, check->depth, owner->where, owner->place), check->required}));
  }
  return rules;
}

std::shared_ptr<const net::TlsCertificates> Maker::certificates(
    const ClientRules& rules, std::string_view secret, std::shared_ptr<net::TlsChooser> chooser) {
  auto standard = fallback();
  if (!standard) return nullptr;
  auto made = std::make_shared<net::TlsCertificates>(
      standard,
      settings_.ssl_session_tickets ? std::make_shared<net::TlsTicketKeys>(secret) : nullptr);
  made->ask_first(std::move(chooser));
  const auto& entities = snapshot_.entities;
  std::vector<std::shared_ptr<const net::TlsServerContext>> contexts;
  for (const auto& one : entities.certificates) {
    std::vector<net::TlsIdentity> identities{{one.cert, one.key}};
    if (!one.cert_alt.empty()) identities.push_back({one.cert_alt, one.key_alt});
    auto staple = net::TlsStaple::read(one.ocsp, one.cert);  // judged before, if there is one
    contexts.push_back(server(std::move(identities), one.where, one.place,
                              staple.ok() ? std::move(staple).value() : net::TlsStaple{}));
  }
  for (const auto& sni : entities.snis)
    if (sni.certificate != config::k_none && contexts[sni.certificate])
      made->add(sni.name, contexts[sni.certificate]);
  if (settings_.ssl_verify_client == config::VerifyClient::on)
    made->ask_clients(net::TlsClientCheck::require, rules.all[rules.of_all].verifier);
  else if (!rules.all.empty())
    made->ask_clients(net::TlsClientCheck::request);
  return failed_ ? nullptr : made;
}

std::string Maker::trusted() {
  std::string out;
  for (const auto& path : settings_.upstream_ca_certificates)
    if (path != "system") out += read_file("upstream_ca_certificates", path);
  return out;
}

std::shared_ptr<net::TlsClientContext> Maker::client(const config::Service& service) {
  const auto& entities = snapshot_.entities;
  net::TlsClientOptions options;
  options.verify = service.tls_verify.value_or(settings_.upstream_tls_verify);
  options.depth = service.tls_verify_depth.value_or(int(settings_.upstream_tls_verify_depth));
  options.alpn = {"http/1.1"};
  if (service.ca_certificates.empty() && options.verify) options.authorities = trusted();
  for (const auto index : service.ca_certificates)
    if (index != config::k_none) options.authorities += entities.ca_certificates[index].cert + "\n";
  auto shown = service.client_certificate;
  if (shown == config::k_none && service.upstream != config::k_none)
    shown = entities.upstreams[service.upstream].client_certificate;
  if (shown != config::k_none) {
    options.identity = {entities.certificates[shown].cert, entities.certificates[shown].key};
  } else if (settings_.client_ssl) {
    auto pairs =
        read_pairs("client_ssl_cert", settings_.client_ssl_cert, settings_.client_ssl_cert_key);
    if (pairs.size() != 1 && !failed_) fail("client_ssl_cert", "is needed, since client_ssl is on");
    if (failed_) return nullptr;
    options.identity = pairs[0];
  }
  auto made = net::TlsClientContext::make(options);
  if (made.ok()) return made.value();
  fail(service.where, service.place, cat("its TLS cannot be made ready: ", made.error().text));
  return nullptr;
}

std::shared_ptr<net::TlsClientContext> Maker::calls() {
  net::TlsClientOptions options;
  options.depth = int(settings_.upstream_tls_verify_depth);
  options.alpn = {"http/1.1"};
  options.authorities = trusted();
  auto made = net::TlsClientContext::make(options);
  if (made.ok()) return made.value();
  fail("upstream_ca_certificates", made.error().text);
  return nullptr;
}

std::shared_ptr<net::TlsClientContext> Maker::probes(const config::Upstream& upstream) {
  net::TlsClientOptions options;
  options.verify = upstream.healthchecks.active.verify;
  options.depth = int(settings_.upstream_tls_verify_depth);
  options.alpn = {"http/1.1"};
  if (options.verify) options.authorities = trusted();
  if (upstream.client_certificate != config::k_none) {
    const auto& shown = snapshot_.entities.certificates[upstream.client_certificate];
    options.identity = {shown.cert, shown.key};
  }
  auto made = net::TlsClientContext::make(options);
  if (made.ok()) return made.value();
  fail(upstream.where, upstream.place, cat("its TLS cannot be made ready: ", made.error().text));
  return nullptr;
}

}  // namespace

std::shared_ptr<const net::TlsCertificates> make_certificates(
    const config::Snapshot& snapshot, const ClientRules& rules, std::string_view secret,
    std::shared_ptr<net::TlsChooser> chooser, std::vector<Diagnostic>& out) {
  return Maker(snapshot, out).certificates(rules, secret, std::move(chooser));
}

ClientRules make_client_rules(const config::Snapshot& snapshot, std::vector<Diagnostic>& out) {
  return Maker(snapshot, out).client_rules();
}

std::shared_ptr<net::TlsClientContext> make_probe_context(const config::Snapshot& snapshot,
                                                          const config::Upstream& upstream,
                                                          std::vector<Diagnostic>& out) {
  return Maker(snapshot, out).probes(upstream);
}

std::shared_ptr<net::TlsClientContext> make_client_context(const config::Snapshot& snapshot,
                                                           const config::Service& service,
                                                           std::vector<Diagnostic>& out) {
  return Maker(snapshot, out).client(service);
}

std::shared_ptr<net::TlsClientContext> make_call_context(const config::Snapshot& snapshot,
                                                         std::vector<Diagnostic>& out) {
  return Maker(snapshot, out).calls();
}

void check_certificates(const config::Entities& entities, std::vector<Diagnostic>& out) {
  const auto report = [&out](const config::Entity& at, std::string_view member, std::string fault,
                             Severity severity = Severity::error) {
    if (!fault.empty())
      out.push_back({severity, at.where, cat(at.place, member), std::move(fault), ""});
  };
  for (const auto& one : entities.certificates) {
    report(one, ".cert", net::fault_of_identity({one.cert, one.key}));
    if (!one.cert_alt.empty())
      report(one, ".cert_alt", net::fault_of_identity({one.cert_alt, one.key_alt}));
    if (one.ocsp.empty()) continue;
    const auto staple = net::TlsStaple::read(one.ocsp, one.cert);
    if (!staple.ok())
      report(one, ".gateway.ocsp", staple.error().text);
    else if (staple.value().good_until < std::time(nullptr))
      report(one, ".gateway.ocsp", "is over: it is not shown", Severity::warning);
  }
  for (const auto& one : entities.ca_certificates)
    report(one, ".cert", net::fault_of_authority(one.cert));
}

}  // namespace gw::proxy
