// SPDX-License-Identifier: Apache-2.0
#include "net/tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

#include "base/text.hpp"

namespace gw::net {

namespace {

template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free_it(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

Bio bio_of(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), int(text.size()))); }

// No passphrase is asked for: that would wait for a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

// Every certificate of the text, in order; an empty list when there is none or one is broken.
std::vector<Certificate> read_certificates(std::string_view pem) {
  std::vector<Certificate> out;
  const Bio bio = bio_of(pem);
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    out.emplace_back(one);
  // The end of the text is the only good reason to stop.
  const auto fault = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(fault) == ERR_LIB_PEM && ERR_GET_REASON(fault) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) out.clear();
  return out;
}

PrivateKey read_key(std::string_view pem) {
  return PrivateKey(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_passphrase, nullptr));
}

}  // namespace

std::string tls_error_text() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown fault";
}

std::string use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  const auto chain = read_certificates(identity.certificate);
  if (chain.empty()) return "the certificate is not PEM, or holds a broken certificate";
  const auto key = read_key(identity.key);
  if (!key) return cat("the key is not a PEM private key without a passphrase: ", tls_error_text());
  if (X509_check_private_key(chain[0].get(), key.get()) != 1) {
    ERR_clear_error();
    return "the key is not that of the certificate (of the first one, in a chain)";
  }
  STACK_OF(X509)* rest = sk_X509_new_null();
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(rest, chain[i].get());
  const int used = SSL_CTX_use_cert_and_key(context, chain[0].get(), key.get(), rest, 1);
  sk_X509_free(rest);
  return used == 1 ? std::string() : tls_error_text();
}

std::string fill_store(X509_STORE* store, std::string_view authorities) {
  const auto all = read_certificates(authorities);
  if (all.empty()) return "the CA certificates are not PEM, or one is broken";
  for (const auto& one : all) X509_STORE_add_cert(store, one.get());
  ERR_clear_error();  // one that stands twice is no fault
  return {};
}

std::string fault_of_identity(const TlsIdentity& identity) {
  const Context context(SSL_CTX_new(TLS_method()));
  return use_identity(context.get(), identity);
}

std::string fault_of_authority(std::string_view pem) {
  const auto all = read_certificates(pem);
  if (all.size() != 1) return "is not one certificate in PEM";
  if (X509_check_ca(all[0].get()) != 1) return "is not the certificate of a CA (CA:TRUE)";
  if (X509_cmp_current_time(X509_get0_notAfter(all[0].get())) < 0) return "has expired";
  return {};
}

TlsIdentity make_self_signed(const std::string& name) {
  const PrivateKey key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1);
  constexpr long k_ten_years = 3650L * 24 * 3600;
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), k_ten_years);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_set_pubkey(x, key.get());
  X509_sign(x, key.get(), EVP_sha256());
  const Bio out(BIO_new(BIO_s_mem()));
  const auto taken = [&out] {
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    std::string copy(text, std::size_t(size));
    BIO_reset(out.get());
    return copy;
  };
  TlsIdentity made;
  PEM_write_bio_X509(out.get(), x);
  made.certificate = taken();
  PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  made.key = taken();
  return made;
}

}  // namespace gw::net
