// SPDX-License-Identifier: Apache-2.0
#include "net/tls_staple.hpp"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include <ctime>
#include <memory>

#include "base/text.hpp"

namespace gw::net {

namespace {

constexpr std::int64_t k_no_end = INT64_MAX;

// Empty: it is none.
std::string decoded(std::string_view base64) {
  std::string text;
  for (const char c : base64)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') text += c;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out(text.size() / 4 * 3, '\0');
  const int size =
      text.size() % 4 != 0
          ? -1
          : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                            reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
  if (size <= 0) return {};
  out.resize(std::size_t(size) - padding);
  return out;
}

std::int64_t unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : k_no_end;
}

}  // namespace

Result<TlsStaple> TlsStaple::read(std::string_view base64, std::string_view certificate) {
  TlsStaple made;
  made.der = decoded(base64);
  if (made.der.empty()) return Error{"is not base64 of an OCSP response"};
  const auto* at = reinterpret_cast<const unsigned char*>(made.der.data());
  const std::unique_ptr<OCSP_RESPONSE, void (*)(OCSP_RESPONSE*)> response(
      d2i_OCSP_RESPONSE(nullptr, &at, long(made.der.size())), OCSP_RESPONSE_free);
  const std::unique_ptr<OCSP_BASICRESP, void (*)(OCSP_BASICRESP*)> basic(
      response ? OCSP_response_get1_basic(response.get()) : nullptr, OCSP_BASICRESP_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(certificate.data(), int(certificate.size())), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> shown(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  if (!response) return Error{"is not an OCSP response (DER, as base64)"};
  if (!basic)
    return Error{cat("is an OCSP response that says nothing: ",
                     OCSP_response_status_str(OCSP_response_status(response.get())))};
  for (int i = 0; shown && i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* one = OCSP_resp_get0(basic.get(), i);
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial,
                      const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(one)));
    if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(shown.get())) != 0) continue;
    ASN1_GENERALIZEDTIME* next = nullptr;
    const int status = OCSP_single_get0_status(one, nullptr, nullptr, nullptr, &next);
    if (status != V_OCSP_CERTSTATUS_GOOD)
      return Error{cat("says that the certificate is ", OCSP_cert_status_str(status))};
    made.good_until = unix_time(next);
    return made;
  }
  return Error{"is the OCSP response for another certificate"};
}

}  // namespace gw::net
