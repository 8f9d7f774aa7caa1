// SPDX-License-Identifier: Apache-2.0
// Certificates, keys and authorities in PEM: what they are good for, and how a context takes them.
#pragma once

#include <string>
#include <string_view>

struct ssl_ctx_st;
struct x509_store_st;

namespace gw::net {

// A certificate with its chain and its key, all PEM.
struct TlsIdentity {
  std::string certificate;
  std::string key;
  friend bool operator==(const TlsIdentity&, const TlsIdentity&) = default;
};

// Why the two are not usable: not PEM, key and certificate differ…; empty: they are.
std::string fault_of_identity(const TlsIdentity& identity);
// The same of one CA certificate: it has expired, it is no CA's…
std::string fault_of_authority(std::string_view pem);
// A new key and a certificate that nobody vouches for, valid for ten years.
TlsIdentity make_self_signed(const std::string& name);

// Makes a context show the certificate. Why it can't; empty: it does.
std::string use_identity(ssl_ctx_st* context, const TlsIdentity& identity);
// Adds authorities, PEM, at least one. Why it can't; empty: they are trusted.
std::string fill_store(x509_store_st* store, std::string_view authorities);

// The newest fault in OpenSSL's queue as words, which is emptied.
std::string tls_error_text();

}  // namespace gw::net
