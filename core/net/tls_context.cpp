// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>

#include "base/check.hpp"
#include "base/text.hpp"
#include "net/tls_session.hpp"

namespace gw::net {

namespace {

std::string use_protocols(SSL_CTX* context, const TlsProtocols& wanted) {
  const auto number = [](TlsVersion version) { return TLS1_VERSION + int(version); };
  SSL_CTX_set_min_proto_version(context, number(wanted.lowest));
  SSL_CTX_set_max_proto_version(context, number(wanted.highest));
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (wanted.prefer_own_order) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (!wanted.ciphers.empty() && SSL_CTX_set_cipher_list(context, wanted.ciphers.c_str()) != 1)
    return cat("\"", wanted.ciphers, "\" names no cipher: ", tls_error_text());
  if (!wanted.suites.empty() && SSL_CTX_set_ciphersuites(context, wanted.suites.c_str()) != 1)
    return cat("\"", wanted.suites, "\" is no list of TLS 1.3 suites: ", tls_error_text());
  return {};
}

std::string alpn_wire(const std::vector<std::string>& protocols) {
  std::string out;
  for (const auto& protocol : protocols) {
    out.push_back(char(protocol.size()));
    out.append(protocol);
  }
  return out;
}

// --- of servers ---

int choose_certificate(SSL* ssl, int* alert, void*) {
  auto* session = TlsSession::of(ssl);
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const auto& certificates = *session->certificates();
  std::shared_ptr<const TlsServerContext> chosen;
  if (TlsChooser* chooser = certificates.chooser()) {
    TlsHello hello = session->client();
    if (name != nullptr) hello.server_name = name;
    if (!chooser->choose(hello, certificates.fallback(), chosen)) {
      *alert = SSL_AD_ACCESS_DENIED;
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
  }
  if (chosen)
    session->show(std::move(chosen));
  else if (name != nullptr)
    SSL_set_SSL_CTX(ssl, certificates.find(name).raw());
  return name != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// An offer of nothing that we speak ends the handshake (RFC 7301 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* own) {
  const auto& wire = *static_cast<const std::string*>(own);
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char*>(wire.data()),
                            unsigned(wire.size()), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int use_ticket_key(EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, const TlsTicketKeys::Key& key,
                   unsigned char* iv, bool seal) {
  const auto* aes = EVP_aes_256_cbc();
  const bool ready = seal ? EVP_EncryptInit_ex(cipher, aes, nullptr, key.cipher, iv) == 1
                          : EVP_DecryptInit_ex(cipher, aes, nullptr, key.cipher, iv) == 1;
  char sha256[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string("key", const_cast<std::uint8_t*>(key.mac), sizeof key.mac),
      OSSL_PARAM_construct_utf8_string("digest", sha256, 0), OSSL_PARAM_construct_end()};
  return ready && EVP_MAC_CTX_set_params(mac, parameters) == 1 ? 1 : -1;
}

// 2: the ticket is good, and the client is to have a new one: of the newest key, or because
// clients take each ticket of TLS 1.3 only once (RFC 8446 C.4).
int ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
               EVP_MAC_CTX* mac, int seal) {
  const auto* keys = TlsSession::of(ssl)->certificates()->tickets();
  if (keys == nullptr) return seal ? -1 : 0;
  const auto now = std::uint64_t(std::time(nullptr));
  const auto& newest = keys->at(now);
  if (seal) {
    std::copy_n(newest.name, sizeof newest.name, name);
    if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1) return -1;
    return use_ticket_key(cipher, mac, newest, iv, true);
  }
  const bool current = std::equal(newest.name, newest.name + sizeof newest.name, name);
  const auto& key = current ? newest : keys->at(now - std::min(now, keys->period_s()));
  if (!std::equal(key.name, key.name + sizeof key.name, name)) return 0;
  const bool renew = !current || SSL_version(ssl) >= TLS1_3_VERSION;
  if (use_ticket_key(cipher, mac, key, iv, false) != 1) return -1;
  return renew ? 2 : 1;
}

// A ticket holds a client's certificate, but not those between it and its authority, by which it
// has to be judged again: who showed some shakes hands anew.
int note_chain(SSL* ssl, void*) {
  const auto* chain = SSL_get_peer_cert_chain(ssl);
  if (sk_X509_num(chain) <= 0) return 1;
  return SSL_SESSION_set1_ticket_appdata(SSL_get0_session(ssl), "chain", 5);
}

SSL_TICKET_RETURN take_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                              SSL_TICKET_STATUS status, void*) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  void* note = nullptr;
  std::size_t size = 0;
  SSL_SESSION_get0_ticket_appdata(session, &note, &size);
  if (size > 0) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

// With the certificate that it speaks of, as long as it counts.
int staple(SSL* ssl, void* given) {
  const auto& known = *static_cast<const TlsStaple*>(given);
  if (SSL_get_certificate(ssl) != SSL_CTX_get0_certificate(SSL_get_SSL_CTX(ssl)) ||
      std::time(nullptr) > known.good_until)
    return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(known.der.data(), known.der.size()));
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, long(known.der.size()));
  return SSL_TLSEXT_ERR_OK;
}

int take_any_certificate(int, X509_STORE_CTX*) { return 1; }

// --- of clients ---

int keep_client_session(SSL* ssl, SSL_SESSION* session) {
  TlsSession::of(ssl)->keep(session);
  return 1;
}

}  // namespace

// --- tickets ---

TlsTicketKeys::TlsTicketKeys(std::string_view secret, std::uint64_t period_s)
    : secret_(secret), period_s_(period_s) {}

// Each key is a pseudo-random function of secret and period: workers agree without talking.
const TlsTicketKeys::Key& TlsTicketKeys::at(std::uint64_t unix_s) const {
  const std::uint64_t period = unix_s / period_s_;
  Made& made = made_[period % 2];
  if (made.period == period) return made.key;
  made.period = period;
  Key& key = made.key;
  const auto derive = [&](char what, std::uint8_t* out, std::size_t size) {
    char text[9];
    text[0] = what;
    for (int i = 0; i < 8; ++i) text[1 + i] = char(period >> (8 * i));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), secret_.data(), int(secret_.size()),
         reinterpret_cast<const unsigned char*>(text), sizeof text, digest, &n);
    std::copy_n(digest, size, out);
  };
  derive('n', key.name, sizeof key.name);
  derive('c', key.cipher, sizeof key.cipher);
  derive('m', key.mac, sizeof key.mac);
  return key;
}

// --- contexts ---

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::make(
    const TlsServerOptions& options) {
  SSL_CTX* raw = SSL_CTX_new(TLS_server_method());
  std::shared_ptr<TlsServerContext> made(new TlsServerContext(raw));
  if (auto fault = use_protocols(raw, options.protocols); !fault.empty()) return Error{fault};
  for (const auto& identity : options.identities)
    if (auto fault = use_identity(raw, identity); !fault.empty()) return Error{fault};
  SSL_CTX_set_current_cert(raw, SSL_CERT_SET_FIRST);
  made->options_ = options;
  made->options_.identities.clear();
  SSL_CTX_set_dh_auto(raw, 1);  // DHE, where the list has it: a group as strong as the key
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(raw, long(options.session_timeout_s));
  static constexpr unsigned char k_id[] = "gatewright";
  SSL_CTX_set_session_id_context(raw, k_id, sizeof k_id - 1);
  if (options.tickets) {
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, ticket_key);
    SSL_CTX_set_session_ticket_cb(raw, note_chain, take_ticket, nullptr);
  } else {
    SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(raw, 0);
  }
  SSL_CTX_set_tlsext_servername_callback(raw, choose_certificate);
  made->alpn_ = alpn_wire(options.alpn);
  if (!made->alpn_.empty()) SSL_CTX_set_alpn_select_cb(raw, choose_protocol, &made->alpn_);
  if (!options.staple.der.empty()) {
    SSL_CTX_set_tlsext_status_cb(raw, staple);
    SSL_CTX_set_tlsext_status_arg(raw, &made->options_.staple);
  }
  return std::shared_ptr<const TlsServerContext>(std::move(made));
}

std::shared_ptr<const TlsServerContext> TlsServerContext::with(const TlsIdentity& identity) const {
  TlsServerOptions options = options_;
  options.identities = {identity};
  options.staple = {};
  auto made = make(options);
  check(made.ok());
  return made.value();
}

void TlsCertificates::add(std::string_view name, std::shared_ptr<const TlsServerContext> context) {
  std::string key(name);
  for (char& c : key) c = to_lower(c);
  names_[key] = std::move(context);
}

void TlsCertificates::ask_clients(TlsClientCheck check,
                                  std::shared_ptr<const TlsVerifier> verifier) {
  check_ = check;
  verifier_ = std::move(verifier);
  if (check == TlsClientCheck::request) context_ = "asked";
  if (check == TlsClientCheck::require) context_ = verifier_->digest();
}

void TlsCertificates::prepare(SSL* ssl) const {
  if (check_ == TlsClientCheck::none) return;
  SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(context_.data()),
                             unsigned(context_.size()));
  if (check_ == TlsClientCheck::request)
    return SSL_set_verify(ssl, SSL_VERIFY_PEER, take_any_certificate);
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_set_verify_depth(ssl, verifier_->depth());
  SSL_set1_verify_cert_store(ssl, verifier_->store());
}

const TlsServerContext& TlsCertificates::find(std::string_view name) const {
  if (names_.empty()) return *fallback_;
  std::string key(name);
  for (char& c : key) c = to_lower(c);
  if (key.ends_with('.')) key.pop_back();
  const auto look = [&](const std::string& wanted) -> const TlsServerContext* {
    const auto found = names_.find(wanted);
    return found == names_.end() ? nullptr : found->second.get();
  };
  if (const auto* exact = look(key)) return *exact;
  if (const auto dot = key.find('.'); dot != key.npos)
    if (const auto* parent = look("*" + key.substr(dot))) return *parent;
  if (const auto dot = key.rfind('.'); dot != key.npos)
    if (const auto* prefix = look(key.substr(0, dot) + ".*")) return *prefix;
  if (const auto* every = look("*")) return *every;
  return *fallback_;
}

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::make(const TlsClientOptions& options) {
  static std::vector<std::pair<TlsClientOptions, std::weak_ptr<TlsClientContext>>> in_use;
  std::erase_if(in_use, [](const auto& one) { return one.second.expired(); });
  for (const auto& [known, context] : in_use)
    if (known == options) return context.lock();
  SSL_CTX* raw = SSL_CTX_new(TLS_client_method());
  std::shared_ptr<TlsClientContext> made(new TlsClientContext(raw));
  if (auto fault = use_protocols(raw, options.protocols); !fault.empty()) return Error{fault};
  if (options.identity)
    if (auto fault = use_identity(raw, *options.identity); !fault.empty()) return Error{fault};
  made->verify_ = options.verify;
  SSL_CTX_set_verify(raw, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_verify_depth(raw, options.depth);
  if (options.authorities.empty()) {
    if (options.verify) SSL_CTX_set_default_verify_paths(raw);
  } else if (auto fault = fill_store(SSL_CTX_get_cert_store(raw), options.authorities);
             !fault.empty()) {
    return Error{fault};
  }
  const auto alpn = alpn_wire(options.alpn);
  if (!alpn.empty())
    SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(alpn.data()),
                            unsigned(alpn.size()));
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, keep_client_session);
  in_use.emplace_back(options, made);
  return made;
}

TlsClientContext::~TlsClientContext() {
  for (auto& [name, session] : sessions_) SSL_SESSION_free(session);
}

SSL_SESSION* TlsClientContext::session(std::string_view name) const {
  const auto found = sessions_.find(std::string(name));
  return found == sessions_.end() ? nullptr : found->second;
}

void TlsClientContext::keep_session(std::string_view name, SSL_SESSION* session) {
  if (sessions_.size() >= k_most_sessions) {
    SSL_SESSION_free(sessions_.begin()->second);
    sessions_.erase(sessions_.begin());
  }
  auto& kept = sessions_[std::string(name)];
  SSL_SESSION_free(kept);
  kept = session;
}

}  // namespace gw::net
