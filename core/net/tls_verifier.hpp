// SPDX-License-Identifier: Apache-2.0
// TlsVerifier: authorities that vouch for clients, with the length of chain that they may vouch
// through. Immutable; a session asks it when a request has to be judged, and remembers the answer.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct ssl_st;
struct x509_store_st;

namespace gw::net {

class TlsVerifier {
 public:
  // authorities: PEM, at least one. depth: intermediate certificates between a client's and theirs.
  static Result<std::shared_ptr<const TlsVerifier>> make(const std::string& authorities, int depth);

  // Why it does not vouch for the peer ("certificate has expired"); empty: it does.
  // REQUIRES: the peer showed a certificate.
  std::string fault_of_peer(const ssl_st* session) const;

  x509_store_st* store() const { return store_.get(); }
  int depth() const { return depth_; }
  // Differs for those who judge differently.
  const std::string& digest() const { return digest_; }

 private:
  TlsVerifier() = default;

  std::shared_ptr<x509_store_st> store_;
  int depth_ = 0;
  std::string digest_;
};

// A peer's certificate in the forms in which it is passed on.
struct TlsPeer {
  std::string pem;
  std::string escaped;      // pem, percent-encoded: fit for a header
  std::string subject;      // RFC 2253: "CN=client,O=Partner"; ASCII
  std::string fingerprint;  // SHA-256 of its DER, hex
};
// Null: it showed none. The session's own, without what its chain brought along.
std::shared_ptr<const TlsPeer> peer_of(const ssl_st* session);

}  // namespace gw::net
