// SPDX-License-Identifier: Apache-2.0
// Signs what goes upstream, so that a service can tell that a request came through the gateway: an
// HMAC over the method, the path with its query, the target's Host and the time, in the phase that
// knows them all, once for each attempt.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <gatewright/plugin.hpp>

struct signer {
  static constexpr auto name = "header-signer";
  static constexpr int priority = 50;
  static constexpr auto schema = R"({"type": "object", "required": ["secret"], "properties": {
    "key_id": {"type": "string", "default": "gateway"},
    "secret": {"type": "string", "minLength": 16, "x-gw-secret": true},
    "header": {"type": "string", "default": "X-Gateway-Signature"}}})";

  explicit signer(gw::config c)
      : key_id(c.str("key_id")), secret(c.str("secret")), header(c.header_id(c.str("header"))) {}

  gw::action on_upstream(gw::request r, uint32_t) const {
    const std::string time = std::to_string(r.host().unix_ns() / 1'000'000'000);
    const gw::view query = r.query();
    const std::string text =
        gw::join(r.method(), "\n", r.get(GW_UPSTREAM_PATH), gw::present(query) ? "?" : "", query,
                 "\n", r.get(GW_UPSTREAM_HOST), "\n", time);
    r.set_header(header, gw::join("keyId=\"", key_id, "\",algorithm=\"hmac-sha256\",created=", time,
                                  ",signature=\"", hmac(text), "\""));
    return gw::next;
  }

 private:
  std::string hmac(const std::string& text) const {
    unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &n);
    const int length = EVP_EncodeBlock(base64, digest, static_cast<int>(n));
    return std::string(reinterpret_cast<char*>(base64), static_cast<size_t>(length));
  }

  std::string key_id, secret;
  gw::hid header;
};
GW_PLUGIN(signer)
