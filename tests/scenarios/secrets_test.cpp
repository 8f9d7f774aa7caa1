// SPDX-License-Identifier: Apache-2.0
// No output tells a secret: admin pages, the log, what `check` says of a faulty configuration.
#include <array>
#include <cstdio>
#include <fstream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

// Five secrets: an option as text, one of a reference to a variable, one of a file, in an object of
// any members; a key.
const std::string k_entities = R"(consumers:
- username: c
  keyauth_credentials:
  - key: hunter-key
plugins:
- name: key-auth
- name: rate-limiting
  config:
    minute: 5
    policy: local
    redis: {host: r, username: u, password: hunter-text}
- name: opentelemetry
  config:
    traces_endpoint: "http://127.0.0.1:1/v1/traces"
    headers: {authorization: "{vault://env/gwtest-secret}", x-plain: hunter-header}
- name: rate-limiting
  consumer: c
  config: {minute: 5, policy: local, redis: {password: "{file:@FOLDER@/password}"}}
)";

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> piece;
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), pipe))
    out.append(piece.data(), n);
  ::pclose(pipe);
  return out;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// The file for `check`, which has no folder of its own.
std::string check_of(const std::string& folder, const std::string& entities) {
  std::string text = "_format_version: '3.0'\n" + entities;
  for (auto at = text.find("@FOLDER@"); at != std::string::npos; at = text.find("@FOLDER@"))
    text.replace(at, 8, folder);
  write(folder + "/check.yml", text);
  const std::string command = "GWTEST_SECRET=hunter-variable " + gateway_binary() + " check ";
  return output_of(command + folder + "/check.yml") +
         output_of(command + "--json " + folder + "/check.yml");
}

}  // namespace

TEST_CASE("no page and no line of the log shows a secret") {
  char folder[] = "/tmp/gwtest-secrets-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string file = std::string(folder) + "/password";
  write(file, "hunter-file\n");
  std::string entities = k_entities;
  entities.replace(entities.find("@FOLDER@"), 8, folder);
  Launch launch;
  launch.environment = {{"GWTEST_SECRET", "hunter-variable"}};
  GatewayProcess gateway(entities, "  workers: 1\n  log_level: debug\n", launch);
  CHECK(get(gateway.port(), "/", "apikey: hunter-key\r\n").status == 404);
  std::string seen;
  for (const char* path : {"/", "/plugins", "/plugins/enabled", "/consumers", "/consumers/c",
                           "/consumers/c/plugins", "/consumers/c/keyauth_credentials",
                           "/keyauth_credentials", "/status", "/metrics", "/chains"})
    seen += get(gateway.admin_port(), path).body;
  for (const char* path : {"/status", "/metrics", "/readyz?verbose"})
    seen += get(gateway.status_port(), path).body;
  gateway.stop();
  seen += gateway.log();
  INFO(seen);
  CHECK(seen.find("hunter") == std::string::npos);
  CHECK(seen.find(R"("password":"REDACTED")") != std::string::npos);
  CHECK(seen.find(R"("x-plain":"REDACTED")") != std::string::npos);
  CHECK(seen.find(R"("username":"u")") != std::string::npos);
  std::remove(file.c_str());
  ::rmdir(folder);
}

TEST_CASE("check tells what is wrong beside a secret, and not the secret") {
  char name[] = "/tmp/gwtest-secrets-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const std::string folder = name;
  write(folder + "/password", "hunter-file\n");
  CHECK(check_of(folder, k_entities).find("hunter") == std::string::npos);
  const auto faulty = [&](const std::string& what, const std::string& instead) {
    std::string entities = k_entities;
    entities.replace(entities.find(what), what.size(), instead);
    const std::string out = check_of(folder, entities);
    INFO(out);
    CHECK(out.find("check.yml:") != std::string::npos);
    CHECK(out.find("hunter") == std::string::npos);
  };
  faulty("username: u,", "user: u,");                             // an unknown field beside it
  faulty("password: hunter-text", "pasword: hunter-text");        // itself misspelt
  faulty("password: hunter-text", "password: [hunter-text]");     // of the wrong kind
  faulty("{host: r, username: u,", "{host: r, username: u, : ");  // not readable
  faulty("- key: hunter-key", "- {key: hunter-key, consumer: d}");
  faulty("- key: hunter-key", "- key: hunter-key\n  - key: hunter-key");
  faulty("- key: hunter-key", "- {kye: hunter-key}");
  faulty("policy: local, redis", "policy: nowhere, redis");
  faulty("x-plain: hunter-header", "x-plain: [hunter-header]");
  std::remove((folder + "/password").c_str());
  std::remove((folder + "/check.yml").c_str());
  ::rmdir(name);
}
