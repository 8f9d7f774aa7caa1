// SPDX-License-Identifier: Apache-2.0
#include "net/tls_verifier.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"
#include "net/tls_identity.hpp"

namespace gw::net {

namespace {

// What was printed to a memory BIO, which is freed.
std::string taken(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string out(text, std::size_t(size));
  BIO_free(bio);
  return out;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view k_plain = "-._~";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    const char low = to_lower(c);
    if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || k_plain.find(c) != k_plain.npos) {
      out += c;
    } else {
      char digits[2];
      hex_into(digits, &c, 1);
      out += '%';
      for (const char digit : digits) out += digit >= 'a' ? char(digit - 32) : digit;
    }
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const TlsVerifier>> TlsVerifier::make(const std::string& authorities,
                                                             int depth) {
  std::shared_ptr<TlsVerifier> made(new TlsVerifier);
  made->store_ = std::shared_ptr<X509_STORE>(X509_STORE_new(), X509_STORE_free);
  if (auto fault = fill_store(made->store_.get(), authorities); !fault.empty())
    return Error{std::move(fault)};
  made->depth_ = depth;
  const std::string all = cat(depth, "\n", authorities);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(all.data(), all.size(), digest, &size, EVP_sha256(), nullptr);
  made->digest_.assign(reinterpret_cast<const char*>(digest), size);
  return std::shared_ptr<const TlsVerifier>(std::move(made));
}

// As the handshake itself would judge it: for a client's purpose, at the session's level of
// security.
std::string TlsVerifier::fault_of_peer(const SSL* session) const {
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store_.get(), SSL_get0_peer_certificate(session),
                      SSL_get_peer_cert_chain(session));
  X509_STORE_CTX_set_default(context, "ssl_client");
  auto* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_depth(parameters, depth_);
  X509_VERIFY_PARAM_set_auth_level(parameters, SSL_get_security_level(session));
  std::string fault;
  if (X509_verify_cert(context) != 1) {
    const int why = X509_STORE_CTX_get_error(context);
    fault = X509_verify_cert_error_string(why != X509_V_OK ? why : X509_V_ERR_UNSPECIFIED);
  }
  X509_STORE_CTX_free(context);
  ERR_clear_error();
  return fault;
}

std::shared_ptr<const TlsPeer> peer_of(const SSL* session) {
  X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr) return nullptr;
  auto made = std::make_shared<TlsPeer>();
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  made->pem = taken(bio);
  made->escaped = percent_encoded(made->pem);
  bio = BIO_new(BIO_s_mem());
  X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  made->subject = taken(bio);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  made->fingerprint = hex(digest, size);
  return made;
}

}  // namespace gw::net
