// SPDX-License-Identifier: Apache-2.0
// TlsSession: the TLS of one connection, without the connection: bytes of the peer go in, what they
// mean comes out, and so the other way round. Owned by a TcpStream.
//
// OpenSSL reads straight from the bytes that the socket has just delivered, and writes into one
// buffer that all sessions of a loop share: a flight is one read and one write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/tls_context.hpp"

namespace gw::net {

class TlsSession {
 public:
  enum class State : std::uint8_t {
    handshaking,
    open,
    ended,   // the peer said that it sends no more
    failed,  // error() tells why
  };

  // Of a client of ours. `client`: what is known of it; its texts must outlive the handshake.
  explicit TlsSession(std::shared_ptr<const TlsCertificates> certificates,
                      const TlsHello& client = {});
  // To a target. `name`: what its certificate must be for, and, unless it is an address, what it is
  // asked for (SNI); empty: neither. `key`: under which its sessions are kept to be resumed.
  TlsSession(std::shared_ptr<TlsClientContext> context, std::string_view name,
             std::string_view key);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  State state() const { return state_; }
  // In words: "certificate has expired", "no shared cipher".
  const std::string& error() const { return error_; }

  // What is to be sent is appended to `out` by each of these.
  // Begins, or goes on after pauses: for a target before anything was received.
  void handshake(std::string& out);
  // Answers how many bytes of `plain` it filled. All of `bytes` is taken.
  // REQUIRES: plain has room for bytes.size() + k_record.
  std::size_t receive(std::span<const char> bytes, std::span<char> plain, std::string& out);
  // REQUIRES: open, or ended by the peer.
  void send(std::span<const std::string_view> parts, std::string& out);
  // Says that nothing more will be sent.
  void end(std::string& out);

  static constexpr std::size_t k_record = 16 * 1024;

  // --- what is known of it, once it is open ---
  std::string_view server_name() const;  // SNI; empty: none
  std::string_view protocol() const;     // ALPN; empty: none agreed on
  const char* version() const;           // "TLSv1.3"
  const char* cipher() const;
  bool resumed() const;
  // Of a client of ours: whether it was asked for a certificate.
  bool asked() const;
  // The peer's certificate; null: it showed none. Made when it is first wanted.
  const std::shared_ptr<const TlsPeer>& peer() const;
  // Why `verifier` does not vouch for it; empty: it does. Judged once for each of the last few
  // verifiers. REQUIRES: the peer showed one. Valid until the next call.
  const std::string& peer_fault(const std::shared_ptr<const TlsVerifier>& verifier) const;

  // --- for contexts ---
  static TlsSession* of(const ssl_st* ssl);
  const TlsCertificates* certificates() const { return certificates_.get(); }
  void keep(ssl_session_st* session);
  const TlsHello& client() const { return client_hello_; }
  // Keeps it as long as the session.
  void show(std::shared_ptr<const TlsServerContext> context);

 private:
  friend struct TlsBio;
  void set_up(ssl_ctx_st* context);
  void settle(int result);
  void fail();

  std::shared_ptr<const TlsCertificates> certificates_;
  std::shared_ptr<const TlsServerContext> shown_;  // chosen for this session
  TlsHello client_hello_;
  std::shared_ptr<TlsClientContext> client_;
  std::string key_;
  ssl_st* ssl_ = nullptr;
  std::string_view in_;         // not read yet
  std::string* out_ = nullptr;  // within a call
  State state_ = State::handshaking;
  std::string error_;

  // What is known of the peer's certificate: most sessions have none.
  struct Judged {
    std::shared_ptr<const TlsVerifier> verifier;
    std::string fault;
  };
  static constexpr std::size_t k_most_judged = 8;
  mutable std::shared_ptr<const TlsPeer> peer_;
  mutable std::vector<Judged> judged_;
};

}  // namespace gw::net
