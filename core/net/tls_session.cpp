// SPDX-License-Identifier: Apache-2.0
#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

#include "base/check.hpp"
#include "net/address.hpp"

namespace gw::net {

// Between OpenSSL and the bytes of a call.
struct TlsBio {
  static TlsSession* session_of(BIO* bio) { return static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int room) {
    auto& in = session_of(bio)->in_;
    BIO_clear_retry_flags(bio);
    if (in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto n = std::min(in.size(), std::size_t(room));
    std::memcpy(to, in.data(), n);
    in.remove_prefix(n);
    return int(n);
  }

  static int write(BIO* bio, const char* from, int n) {
    BIO_clear_retry_flags(bio);
    std::string* out = session_of(bio)->out_;
    if (out == nullptr) return -1;
    out->append(from, std::size_t(n));
    return n;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gatewright");
      BIO_meth_set_read(m, read);
      BIO_meth_set_write(m, write);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }
};

TlsSession* TlsSession::of(const SSL* ssl) {
  return static_cast<TlsSession*>(SSL_get_app_data(ssl));
}

void TlsSession::set_up(SSL_CTX* context) {
  ssl_ = SSL_new(context);
  check(ssl_ != nullptr);
  SSL_set_app_data(ssl_, this);
  BIO* bio = BIO_new(TlsBio::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
}

TlsSession::TlsSession(std::shared_ptr<const TlsCertificates> certificates, const TlsHello& client)
    : certificates_(std::move(certificates)), client_hello_(client) {
  set_up(certificates_->fallback().raw());
  certificates_->prepare(ssl_);
  SSL_set_accept_state(ssl_);
}

TlsSession::TlsSession(std::shared_ptr<TlsClientContext> context, std::string_view name,
                       std::string_view key)
    : client_(std::move(context)), key_(key) {
  set_up(client_->raw());
  SSL_set_connect_state(ssl_);
  if (!name.empty()) {
    const std::string text(name);
    const bool address = Address::parse(text, 0).has_value();
    if (!address) SSL_set_tlsext_host_name(ssl_, text.c_str());
    if (client_->verifies()) {
      SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      if (address)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), text.c_str());
      else
        SSL_set1_host(ssl_, text.c_str());
    }
  }
  if (SSL_SESSION* known = client_->session(key_)) SSL_set_session(ssl_, known);
}

// A connection that ends without a word is no reason not to resume its session.
TlsSession::~TlsSession() {
  if (state_ != State::failed) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

void TlsSession::show(std::shared_ptr<const TlsServerContext> context) {
  shown_ = std::move(context);
  SSL_set_SSL_CTX(ssl_, shown_->raw());
}

void TlsSession::keep(SSL_SESSION* session) {
  // Without a key nobody will ask for it.
  if (client_ != nullptr && !key_.empty())
    client_->keep_session(key_, session);
  else
    SSL_SESSION_free(session);
}

// --- bytes ---

void TlsSession::handshake(std::string& out) {
  if (state_ != State::handshaking) return;
  out_ = &out;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1)
    state_ = State::open;
  else
    settle(result);
  out_ = nullptr;
}

std::size_t TlsSession::receive(std::span<const char> bytes, std::span<char> plain,
                                std::string& out) {
  in_ = {bytes.data(), bytes.size()};
  handshake(out);
  std::size_t filled = 0;
  out_ = &out;
  while (state_ == State::open) {
    check(filled < plain.size());
    ERR_clear_error();
    std::size_t n = 0;
    const int result = SSL_read_ex(ssl_, plain.data() + filled, plain.size() - filled, &n);
    filled += n;
    if (result == 1) continue;
    settle(result);
    break;
  }
  out_ = nullptr;
  in_ = {};
  return filled;
}

// What a call that did not succeed comes to: nothing, if it only wants more bytes.
void TlsSession::settle(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      state_ = State::ended;
      return;
    default:
      return fail();
  }
}

void TlsSession::fail() {
  state_ = State::failed;
  const long verdict = SSL_get_verify_result(ssl_);
  if (client_ != nullptr && client_->verifies() && verdict != X509_V_OK)
    error_ = X509_verify_cert_error_string(verdict);
  else
    error_ = tls_error_text();
  ERR_clear_error();
}

// Small parts are put together, so that head and body are one record.
void TlsSession::send(std::span<const std::string_view> parts, std::string& out) {
  if (state_ == State::failed) return;
  out_ = &out;
  ERR_clear_error();
  char record[k_record];
  std::size_t filled = 0;
  const auto put = [&](const char* bytes, std::size_t size) {
    for (std::size_t sent = 0; sent < size;) {
      std::size_t n = 0;
      if (SSL_write_ex(ssl_, bytes + sent, size - sent, &n) != 1) return fail();
      sent += n;
    }
  };
  for (std::string_view part : parts) {
    while (!part.empty() && state_ != State::failed) {
      if (filled == 0 && part.size() >= k_record) {
        put(part.data(), k_record);
        part.remove_prefix(k_record);
        continue;
      }
      const auto n = std::min(part.size(), k_record - filled);
      std::memcpy(record + filled, part.data(), n);
      part.remove_prefix(n);
      if ((filled += n) == k_record) put(record, std::exchange(filled, 0));
    }
  }
  if (filled > 0 && state_ != State::failed) put(record, filled);
  out_ = nullptr;
}

void TlsSession::end(std::string& out) {
  if (state_ == State::failed || state_ == State::handshaking) return;
  out_ = &out;
  SSL_shutdown(ssl_);
  ERR_clear_error();
  out_ = nullptr;
}

// --- what is known of it ---

std::string_view TlsSession::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string_view TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

const char* TlsSession::version() const { return SSL_get_version(ssl_); }
const char* TlsSession::cipher() const { return SSL_get_cipher_name(ssl_); }
bool TlsSession::resumed() const { return SSL_session_reused(ssl_) == 1; }

bool TlsSession::asked() const { return (SSL_get_verify_mode(ssl_) & SSL_VERIFY_PEER) != 0; }

const std::shared_ptr<const TlsPeer>& TlsSession::peer() const {
  if (!peer_) peer_ = peer_of(ssl_);
  return peer_;
}

const std::string& TlsSession::peer_fault(
    const std::shared_ptr<const TlsVerifier>& verifier) const {
  for (const Judged& one : judged_)
    if (one.verifier == verifier) return one.fault;
  if (judged_.size() == k_most_judged) judged_.erase(judged_.begin());
  return judged_.emplace_back(Judged{verifier, verifier->fault_of_peer(ssl_)}).fault;
}

}  // namespace gw::net
