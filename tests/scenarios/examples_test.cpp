// SPDX-License-Identifier: Apache-2.0
// The example plugins, built out of the tree, in the real binary.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <filesystem>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string example(const std::string& name) {
  return std::string(GW_MODULES) + "/out-of-tree/" + name + "/" + name + ".so";
}
std::string settings(const std::string& name) {
  return "  workers: 1\n  plugins: [" + example(name) + "]\n";
}
std::string service(const std::string& url, const std::string& plugin, const std::string& config) {
  return "services:\n- name: s\n  url: " + url +
         "\n  routes: [{paths: [/]}]\n  plugins:\n  - name: " + plugin + "\n    config: " + config +
         "\n";
}

}  // namespace

TEST_CASE("canary-balancer: shares, wishes, and what is left when one side is down") {
  Origin stable, canary;
  const auto entities = [&](const std::string& canary_address) {
    return "upstreams:\n- name: u\n  targets:\n  - target: " + stable.address() +
           "\n  - target: " + canary_address + "\n" +
           service("http://u", "canary-balancer",
                   "{targets: [\"" + canary_address + "\"], percent: 30}");
  };
  SECTION("both are up") {
    GatewayProcess gateway(entities(canary.address()), settings("canary-balancer"));
    RawClient client(gateway.port());
    for (int i = 0; i < 10; ++i) client.get("/", "X-Canary: always\r\n");
    CHECK(canary.requests().size() == 10);
    for (int i = 0; i < 10; ++i) client.get("/", "X-Canary: never\r\n");
    CHECK(stable.requests().size() == 10);
    for (int i = 0; i < 400; ++i) client.get("/");
    const auto share = canary.requests().size() - 10;
    CHECK((share > 70 && share < 170));  // 120 of 400, five standard deviations on each side
  }
  SECTION("the canary is down") {
    GatewayProcess gateway(entities("127.0.0.1:1"), settings("canary-balancer"));
    for (int i = 0; i < 20; ++i)
      CHECK(get(gateway.port(), "/", "X-Canary: always\r\n").status == 200);
    CHECK(stable.requests().size() == 20);
  }
}

TEST_CASE("a balancer that chooses what is not there is a plugin that failed") {
  Origin origin;
  const auto status = [&](const std::string& options) {
    GatewayProcess gateway(service(origin.url(), "faulty", "{phase: pick, " + options + "}"),
                           "  workers: 1\n  plugins: [" GW_MODULES "/faulty.so]\n");
    return get(gateway.port(), "/").status;
  };
  CHECK(status("act: number, number: 0") == 200);
  CHECK(status("act: number, number: 1") == 500);
  CHECK(status("act: throw") == 500);
  CHECK(status("act: throw}\n    gateway: {on_failure: open") == 200);
  CHECK(status("act: number, number: 4294967294") == 503);  // GW_PICK_NONE
}

TEST_CASE("header-signer: a service can check what it is sent") {
  Origin origin;
  GatewayProcess gateway(
      service(origin.url(), "header-signer", "{secret: 0123456789abcdef, key_id: k}"),
      settings("header-signer"));
  CHECK(get(gateway.port(), "/a/b?c=d").status == 200);
  const auto seen = origin.wait_for_request();
  const std::string field = seen.value("X-Gateway-Signature");
  const auto part = [&](const std::string& name, char end) {
    const auto from = field.find(name) + name.size();
    return field.substr(from, field.find(end, from) - from);
  };
  CHECK(part("keyId=\"", '"') == "k");
  const std::string text = "GET\n/a/b?c=d\n" + seen.value("Host") + "\n" + part("created=", ',');
  const std::string secret = "0123456789abcdef";
  unsigned char digest[64], base64[128];
  unsigned n = 0;
  HMAC(EVP_sha256(), secret.data(), int(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &n);
  EVP_EncodeBlock(base64, digest, int(n));
  CHECK(part("signature=\"", '"') == reinterpret_cast<char*>(base64));
}

TEST_CASE("token-introspection: requests wait for what the server says of their token") {
  Origin origin;
  Origin server([](Call& call) {
    const bool good = call.request.body == "token=good%2Ftoken";
    const bool broken = call.request.body == "token=broken";
    call.respond(broken ? 500 : 200, good ? "{\"active\": true}" : "{\"active\": false}");
  });
  GatewayProcess gateway(
      service(origin.url(), "token-introspection",
              "{url: \"" + server.url() + "/introspect\", authorization: Basic abc}"),
      settings("token-introspection"));
  const auto with = [&](const std::string& token) {
    return get(gateway.port(), "/", "Authorization: Bearer " + token + "\r\n");
  };
  CHECK(get(gateway.port(), "/").status == 401);
  CHECK(server.requests().empty());
  CHECK(with("good/token").status == 200);
  const auto asked = server.wait_for_request();
  CHECK(asked.target == "/introspect");
  CHECK(asked.value("Authorization") == "Basic abc");
  const auto bad = with("bad");
  CHECK(bad.status == 401);
  CHECK(bad.value("WWW-Authenticate") == "Bearer error=\"invalid_token\"");
  CHECK(with("broken").status == 503);
  CHECK(origin.requests().size() == 1);
}

TEST_CASE("rust-require-auth: tokens that are known are let in; a panic would fail the request") {
  if (!std::filesystem::exists(example("rust-require-auth"))) {
    WARN("there is no rustc here: the example in Rust was not built");
    return;
  }
  Origin origin;
  GatewayProcess gateway(
      service(origin.url(), "rust-require-auth", "{tokens: [open-sesame, swordfish], realm: cave}"),
      settings("rust-require-auth"));
  const auto refused = get(gateway.port(), "/");
  CHECK(refused.status == 401);
  CHECK(refused.value("WWW-Authenticate") == "Bearer realm=\"cave\"");
  CHECK(get(gateway.port(), "/", "Authorization: Bearer swordfis\r\n").status == 401);
  CHECK(get(gateway.port(), "/", "Authorization: Bearer swordfish\r\n").status == 200);
  CHECK(origin.wait_for_request().value("Authorization").empty());
  Folder folder;
  write_file(folder.path + "/kong.yml",
             "_format_version: \"3.0\"\ngateway:\n" + settings("rust-require-auth") +
                 service(origin.url(), "rust-require-auth", "{tokens: [short]}"));
  CHECK(run_gateway("check kong.yml", folder.path).status == 3);
}
