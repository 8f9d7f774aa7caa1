// SPDX-License-Identifier: Apache-2.0
// What scanners of TLS servers (testssl.sh and its like) look for: by hellos made by hand, for what
// no library speaks any more, and by openssl.
#include <algorithm>
#include <set>

#include "catch.hpp"
#include "origin.hpp"
#include "raw_hello.hpp"
#include "tls.hpp"

using namespace support;

namespace {

using Ciphers = std::set<std::uint16_t>;

// Alerts (RFC 8446 6).
constexpr int k_unexpected_message = 10, k_handshake_failure = 40, k_protocol_version = 70,
              k_inappropriate_fallback = 86;

// Mozilla's "intermediate" of TLS 1.2 in its order: ECDHE with ECDSA and RSA, then DHE, AEAD only.
const std::vector<std::uint16_t> k_intermediate{0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9,
                                                0xCCA8, 0x009E, 0x009F, 0xCCAA};

// A gateway with a certificate for each kind of key.
struct Server {
  explicit Server(const std::string& settings = "")
      : ec(authority.issue("ec", "DNS:a.test")),
        rsa(authority.issue("rsa", "DNS:a.test", 1, "rsa:2048")),
        gateway("services:\n" + service("s", origin.url()),
                "  workers: 1\n  ssl_cert: [" + ec.certificate_file + ", " + rsa.certificate_file +
                    "]\n  ssl_cert_key: [" + ec.key_file + ", " + rsa.key_file + "]\n" + settings,
                "127.0.0.1:0 ssl") {}

  HelloAnswer hello(const RawHello& hello) const { return say_hello(gateway.port(), hello); }
  std::string openssl(const std::string& options, const std::string& input = "") const {
    return run_shell("printf '" + input + "' | timeout 10 openssl s_client -connect 127.0.0.1:" +
                     std::to_string(gateway.port()) + " " + options)
        .out;
  }
  // All that it takes of one version, each asked for alone.
  Ciphers accepted(std::uint16_t version) const {
    Ciphers out;
    for (const auto& [first, last] :
         {std::pair{0x0001, 0x00C7}, std::pair{0xC001, 0xC0B5}, std::pair{0xCCA8, 0xCCAF},
          std::pair{0xFEFE, 0xFEFF}, std::pair{0xFF80, 0xFF83}})
      for (int cipher = first; cipher <= last; ++cipher) {
        RawHello asking{.version = version, .ciphers = {std::uint16_t(cipher)}};
        const auto answer = hello(asking);
        if (answer.cipher == cipher)
          out.insert(std::uint16_t(cipher));
        else
          CHECK(answer.alert >= 0);
      }
    return out;
  }

  Authority authority;
  Issued ec, rsa;
  Origin origin;
  GatewayProcess gateway;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("by default only what is strong is spoken") {
  const Server server;
  SECTION("versions") {
    for (const std::uint16_t version : {0x0300, 0x0301, 0x0302}) {
      const auto answer = server.hello({.version = version, .ciphers = {0x002F, 0xC013, 0xC009}});
      CHECK(answer.cipher == 0);
      CHECK(answer.alert == (version == 0x0300 ? k_handshake_failure : k_protocol_version));
    }
    RawClient ssl2(server.gateway.port());
    ssl2.send(std::string("\x80\x1C\x01\x00\x02\x00\x03\x00\x00\x00\x10\x01\x00\x80", 14) +
              std::string(16, 'r'));
    bool reset = false;
    const auto answer = ssl2.read_to_end(&reset);
    CHECK((answer.empty() || answer[0] == 0x15));
    CHECK(has(server.openssl("-tls1_2"), "Protocol  : TLSv1.2"));
    CHECK(has(server.openssl("-tls1_3"), "New, TLSv1.3"));
  }
  SECTION("ciphers: forward secrecy and authenticated encryption, nothing else") {
    CHECK(server.accepted(0x0303) == Ciphers(k_intermediate.begin(), k_intermediate.end()));
    for (const std::string suite :
         {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"})
      CHECK(has(server.openssl("-tls1_3 -ciphersuites " + suite), "Cipher is " + suite));
    for (const std::string suite : {"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"})
      CHECK(has(server.openssl("-tls1_3 -ciphersuites " + suite), "Cipher is (NONE)"));
    const auto temporary = server.openssl("-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256");
    CHECK((has(temporary, "DH, 2048 bits") || has(temporary, "DH, 3072 bits")));
  }
  SECTION("groups") {
    std::set<int> groups;
    for (std::uint16_t group = 1; group <= 34; ++group)
      if (server.hello({.ciphers = {0xC02B, 0xC02F}, .groups = {group}}).cipher != 0)
        groups.insert(group);
    CHECK(groups == std::set<int>{23, 24, 25, 29, 30});  // P-256, P-384, P-521, X25519, X448
  }
  SECTION("signatures") {
    CHECK(server.hello({.ciphers = k_intermediate, .signatures = {0x0201, 0x0203, 0x0101}}).alert ==
          k_handshake_failure);
  }
  SECTION("compression, heartbeat, renegotiation") {
    const auto answer = server.hello(
        {.ciphers = k_intermediate, .compressions = std::string("\1\100\0", 3), .heartbeat = true});
    const auto& with = answer.extensions;
    CHECK(answer.compression == 0);
    CHECK(std::count(with.begin(), with.end(), 15) == 0);
    CHECK(std::count(with.begin(), with.end(), 0xFF01) == 1);  // the secure kind, RFC 5746
    // Its commands are only read from an input that does not end.
    const std::string pipe = server.authority.path("pipe");
    const auto again =
        run_shell("mkfifo " + pipe + "; exec 3<>" + pipe + "; echo R >&3; timeout 10 openssl " +
                  "s_client -tls1_2 -connect 127.0.0.1:" + std::to_string(server.gateway.port()) +
                  " <&3")
            .out;
    CHECK(has(again, "RENEGOTIATING"));
    CHECK(has(again, "no renegotiation"));
  }
  SECTION("a client that was talked out of TLS 1.3 is told") {
    RawHello fallen{.ciphers = k_intermediate};
    CHECK(server.hello(fallen).cipher != 0);
    fallen.ciphers.push_back(0x5600);
    CHECK(server.hello(fallen).alert == k_inappropriate_fallback);
  }
  SECTION("ChangeCipherSpec comes too early") {
    RawClient client(server.gateway.port());
    client.send(RawHello{.ciphers = k_intermediate}.text());
    client.send(std::string("\x14\x03\x03\x00\x01\x01", 6));
    bool reset = false;
    const auto answer = client.read_to_end(&reset);
    REQUIRE(answer.size() > 7);
    CHECK(answer[answer.size() - 7] == 0x15);
    CHECK(answer[answer.size() - 1] == k_unexpected_message);
  }
  SECTION("names and protocols") {
    CHECK(has(server.openssl("-alpn h2,http/1.1"), "ALPN protocol: http/1.1"));
    CHECK(has(server.openssl("-alpn h2"), "no application protocol"));
    CHECK(has(server.openssl("-servername nobody.test"), "CN = ec"));
    CHECK(has(server.openssl("-noservername"), "CN = ec"));
    CHECK(has(server.openssl("-tls1_2 -sigalgs RSA-PSS+SHA256"), "CN = rsa"));
  }
}

TEST_CASE("cipher settings take effect by Kong's names") {
  SECTION("modern") {
    const Server server("  ssl_cipher_suite: modern\n");
    CHECK(server.hello({.ciphers = k_intermediate}).alert == k_protocol_version);
    CHECK(has(server.openssl(""), "New, TLSv1.3"));
  }
  SECTION("intermediate leaves the order to the client") {
    const Server server("  ssl_cipher_suite: intermediate\n");
    auto order = k_intermediate;
    CHECK(server.hello({.ciphers = order}).cipher == order.front());
    std::reverse(order.begin(), order.end());
    CHECK(server.hello({.ciphers = order}).cipher == order.front());
  }
  SECTION("ssl_prefer_server_ciphers changes that") {
    const Server server("  ssl_prefer_server_ciphers: on\n");
    CHECK(server.hello({.ciphers = {0xC030, 0xC02F}}).cipher == 0xC02F);
  }
  SECTION("old") {
    const Server server("  ssl_cipher_suite: old\n");
    const Ciphers both{0xC009, 0xC013, 0x002F, 0x0035};
    CHECK(server.accepted(0x0301) == both);
    Ciphers all(k_intermediate.begin(), k_intermediate.end());
    all.insert(both.begin(), both.end());
    all.erase(0xCCAA);
    all.insert({0xC023, 0xC027, 0x009C, 0x009D, 0x003C, 0x003D});
    CHECK(server.accepted(0x0303) == all);
    CHECK(server.hello({.ciphers = {0x0035, 0x002F, 0xC02F}}).cipher == 0xC02F);
    CHECK(server.hello({.version = 0x0300, .ciphers = {0x002F}}).cipher == 0);
  }
  SECTION("fips") {
    const Server server("  ssl_cipher_suite: fips\n");
    CHECK(server.accepted(0x0303) == Ciphers{0xC02B, 0xC02F, 0xC02C, 0xC030, 0x009E, 0x009F});
    CHECK(server.hello({.ciphers = {0xC02C, 0xC02B}}).cipher == 0xC02B);
  }
  SECTION("custom") {
    const Server server(
        "  ssl_cipher_suite: custom\n  ssl_ciphers: ECDHE-RSA-AES256-GCM-SHA384\n"
        "  ssl_protocols: TLSv1.2\n");
    CHECK(server.accepted(0x0303) == Ciphers{0xC030});
    CHECK_FALSE(has(server.openssl("-tls1_3"), "New, TLSv1.3"));
  }
}
