// SPDX-License-Identifier: Apache-2.0
// What a configuration says of TLS, made ready: certificates for listeners, and how targets are
// judged. Files that settings name are read here, at each load.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "config/snapshot.hpp"
#include "net/tls_context.hpp"

namespace gw::proxy {

// What a request needs of its client's certificate.
struct ClientRule {
  std::shared_ptr<const net::TlsVerifier> verifier;  // vouches for it
  bool required = true;                              // else one that it does not counts as none
  friend bool operator==(const ClientRule&, const ClientRule&) = default;
};

// The rules of a configuration, each once.
struct ClientRules {
  static constexpr std::uint16_t k_none = 0xFFFF;
  std::vector<ClientRule> all;
  std::vector<std::uint16_t> of_routes;  // into `all`; k_none: the certificate does not matter
  std::uint16_t of_all = k_none;         // before a route has matched: the settings'
};
ClientRules make_client_rules(const config::Snapshot& snapshot,
                              std::vector<config::Diagnostic>& out);

// Certificates of the listeners. `secret`: of session tickets, the same in all workers. `chooser`
// may be null. Null if there are errors among what is added to `out`.
std::shared_ptr<const net::TlsCertificates> make_certificates(
    const config::Snapshot& snapshot, const ClientRules& rules, std::string_view secret,
    std::shared_ptr<net::TlsChooser> chooser, std::vector<config::Diagnostic>& out);

// For the connections to a service's targets. REQUIRES: its protocol is https.
std::shared_ptr<net::TlsClientContext> make_client_context(const config::Snapshot& snapshot,
                                                           const config::Service& service,
                                                           std::vector<config::Diagnostic>& out);
// For calls of plugins: verified, by what the settings trust.
std::shared_ptr<net::TlsClientContext> make_call_context(const config::Snapshot& snapshot,
                                                         std::vector<config::Diagnostic>& out);

// For probes of an upstream's targets (healthchecks.active).
std::shared_ptr<net::TlsClientContext> make_probe_context(const config::Snapshot& snapshot,
                                                          const config::Upstream& upstream,
                                                          std::vector<config::Diagnostic>& out);

// Reports certificates, keys and authorities that cannot be used, whoever names them.
void check_certificates(const config::Entities& entities, std::vector<config::Diagnostic>& out);

}  // namespace gw::proxy
