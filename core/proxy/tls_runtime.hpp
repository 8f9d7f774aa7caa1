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

// Certificates of the listeners. `secret`: of session tickets, the same in all workers. `chooser`
// may be null. Null if there are errors among what is added to `out`.
std::shared_ptr<const net::TlsCertificates> make_certificates(
    const config::Snapshot& snapshot, std::string_view secret,
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
