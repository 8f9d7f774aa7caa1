// SPDX-License-Identifier: Apache-2.0
// TlsContext: what the TLS connections of one listener, or to one kind of target, have in common:
// certificates, trust, versions, ciphers. Made once for a configuration, immutable; each connection
// holds the one that it began with. Nothing here waits, and no file is read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "net/tls_identity.hpp"
#include "net/tls_staple.hpp"
#include "net/tls_verifier.hpp"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace gw::net {

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

struct TlsProtocols {
  TlsVersion lowest = TlsVersion::tls1_2;
  TlsVersion highest = TlsVersion::tls1_3;
  std::string ciphers;  // OpenSSL's list for TLS 1.2; empty: its default
  std::string suites;   // of TLS 1.3; empty: OpenSSL's default
  bool prefer_own_order = false;
  friend bool operator==(const TlsProtocols&, const TlsProtocols&) = default;
};

// Authorities that are trusted, PEM, any number. Empty: those of the system.
using TlsAuthorities = std::string;

// Keys of session tickets, made from one secret, so that all workers that share it take each
// other's tickets. A key serves for `period_s`, and is still accepted for as long again. One
// loop's.
class TlsTicketKeys {
 public:
  static constexpr std::size_t k_secret = 32;
  static constexpr std::uint64_t k_period_s = 8 * 3600;
  explicit TlsTicketKeys(std::string_view secret, std::uint64_t period_s = k_period_s);
  struct Key {
    std::uint8_t name[16], cipher[32], mac[32];
  };
  // That of the period in which `unix_s` lies. Valid until the next but one is asked for.
  const Key& at(std::uint64_t unix_s) const;
  std::uint64_t period_s() const { return period_s_; }

 private:
  // Those in use: making one costs more than sealing a ticket with it.
  struct Made {
    std::uint64_t period = UINT64_MAX;
    Key key;
  };
  std::string secret_;
  std::uint64_t period_s_;
  mutable Made made_[2];
};

class TlsContext {
 public:
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();
  ssl_ctx_st* raw() const { return context_; }

 protected:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

 private:
  ssl_ctx_st* context_;
};

struct TlsServerOptions {
  // Of different kinds of keys (RSA, EC), at least one: the client's abilities choose.
  std::vector<TlsIdentity> identities;
  TlsProtocols protocols;
  TlsStaple staple;               // of the first identity
  std::vector<std::string> alpn;  // in order of preference; empty: no answer to an offer
  std::uint64_t session_timeout_s = 24 * 3600;
  bool tickets = true;
};

// Whether clients are to show a certificate.
enum class TlsClientCheck : std::uint8_t {
  none,
  request,  // it may be missing, and is judged by whoever needs it (TlsSession::peer_fault)
  require,  // without one that the authorities vouch for there is no connection
};

// One certificate (or one of each kind of key) with its settings.
class TlsServerContext : public TlsContext {
 public:
  static Result<std::shared_ptr<const TlsServerContext>> make(const TlsServerOptions& options);
  // The same with another certificate, without a staple. REQUIRES: the identity is usable.
  std::shared_ptr<const TlsServerContext> with(const TlsIdentity& identity) const;

 private:
  using TlsContext::TlsContext;
  TlsServerOptions options_;  // without identities
  std::string alpn_;          // as it is on the wire
};

// How a client begins.
struct TlsHello {
  std::string_view server_name;  // empty: none
  std::string_view client_ip;
  std::uint16_t server_port = 0;
};

// Somebody who has a say in which certificate is shown, before the names are looked up.
class TlsChooser {
 public:
  // False: the handshake is to end. `chosen` stays null for the certificate that the names give;
  // what is chosen is otherwise like `like`.
  virtual bool choose(const TlsHello& hello, const TlsServerContext& like,
                      std::shared_ptr<const TlsServerContext>& chosen) = 0;
  virtual ~TlsChooser() = default;
};

// All certificates of a listener: which one is shown depends on the name that the client asks for
// (SNI): the very name, then `*.parent`, then `name.*`, then the default.
class TlsCertificates {
 public:
  TlsCertificates(std::shared_ptr<const TlsServerContext> fallback,
                  std::shared_ptr<const TlsTicketKeys> tickets)
      : fallback_(std::move(fallback)), tickets_(std::move(tickets)) {}

  // `name` may begin or end in a label `*`; any case. `*` alone stands for every name.
  void add(std::string_view name, std::shared_ptr<const TlsServerContext> context);
  void ask_first(std::shared_ptr<TlsChooser> chooser) { chooser_ = std::move(chooser); }
  TlsChooser* chooser() const { return chooser_.get(); }
  // `verifier`: vouches for clients during the handshake; only needed to require.
  void ask_clients(TlsClientCheck check, std::shared_ptr<const TlsVerifier> verifier = nullptr);

  // `name` in lower case without a trailing dot; empty: none was given.
  const TlsServerContext& find(std::string_view name) const;
  const TlsServerContext& fallback() const { return *fallback_; }
  const TlsTicketKeys* tickets() const { return tickets_.get(); }
  // To be done to each new server session.
  void prepare(ssl_st* session) const;

 private:
  std::shared_ptr<const TlsServerContext> fallback_;
  std::shared_ptr<const TlsTicketKeys> tickets_;
  std::unordered_map<std::string, std::shared_ptr<const TlsServerContext>> names_;
  std::shared_ptr<TlsChooser> chooser_;  // null: none
  TlsClientCheck check_ = TlsClientCheck::none;
  std::shared_ptr<const TlsVerifier> verifier_;  // of clients; null unless one is required
  std::string context_;  // sessions are only resumed where the same was asked for; empty: nothing
};

struct TlsClientOptions {
  bool verify = true;  // chain and name of the peer's certificate
  int depth = 1;       // intermediate certificates, as OpenSSL counts
  TlsAuthorities authorities;
  std::optional<TlsIdentity> identity;  // shown when the peer asks for one
  TlsProtocols protocols;
  std::vector<std::string> alpn;
  friend bool operator==(const TlsClientOptions&, const TlsClientOptions&) = default;
};

// For connections to targets. Keeps the last session of each name, to resume it. One loop's.
class TlsClientContext : public TlsContext, public std::enable_shared_from_this<TlsClientContext> {
 public:
  // One that is in use for equal options is given again, so that connections and sessions outlive
  // the configuration that they were made for.
  static Result<std::shared_ptr<TlsClientContext>> make(const TlsClientOptions& options);
  ~TlsClientContext();
  bool verifies() const { return verify_; }
  // Null: none is known. Borrowed.
  ssl_session_st* session(std::string_view name) const;
  // Takes over the session.
  void keep_session(std::string_view name, ssl_session_st* session);

 private:
  using TlsContext::TlsContext;
  static constexpr std::size_t k_most_sessions = 1024;
  std::unordered_map<std::string, ssl_session_st*> sessions_;
  bool verify_ = true;
};

}  // namespace gw::net
