// SPDX-License-Identifier: Apache-2.0
#include "config/vault.hpp"

#include <cstdlib>

#include "catch.hpp"
#include "config/schema.hpp"
#include "config/snapshot.hpp"

using namespace gw::config;

namespace {

Loaded load_text(const std::string& body) {
  Source source;
  source.file = "kong.yml";
  source.text = "_format_version: \"3.0\"\n" + body;
  return load(std::move(source));
}

std::string fault_of(const std::string& reference) {
  const auto resolved = resolve_reference(reference);
  return resolved.ok() ? "" : resolved.error().text;
}

}  // namespace

TEST_CASE("the vault env takes a variable as Kong does") {
  ::setenv("GWTEST_MY_KEY", "s3cret", 1);
  ::setenv("GWTEST_JSON", R"({"user":"u","n":1})", 1);
  CHECK(resolve_reference("{vault://env/gwtest-my-key}").value() == "s3cret");
  CHECK(resolve_reference("{vault://env/GWTEST_MY_KEY}").value() == "s3cret");
  CHECK(resolve_reference("{vault://env/my-key?prefix=gwtest_}").value() == "s3cret");
  CHECK(resolve_reference("{vault://env/gwtest-json/user}").value() == "u");
  CHECK(fault_of("{vault://env/gwtest-gone}") ==
        "needs the variable GWTEST_GONE, which is not set");
  CHECK(fault_of("{vault://env/gwtest-json/n}") ==
        "needs the text \"n\" in the JSON object in GWTEST_JSON");
  CHECK(fault_of("{vault://env/gwtest-my-key/n}") == "needs a JSON object in GWTEST_MY_KEY");
  CHECK(fault_of("{vault://aws/x}") == "names a vault that is not there: only env is");
  CHECK(fault_of("{vault://env/x#2}") == "asks for a version, which variables do not have");
  CHECK(fault_of("{vault://env/x?ttl=1}") == "has the option ttl=1, expected prefix=TEXT");
  CHECK_FALSE(fault_of("{vault://env/}").empty());
  CHECK_FALSE(fault_of("{file:/etc/key}").empty());
}

TEST_CASE("references in options and credentials are resolved, and not shown") {
  ::setenv("GWTEST_KEY", "s3cret", 1);
  const auto loaded = load_text(
      "plugins:\n- name: p\n  config: {deep: [{token: \"{vault://env/gwtest-key}\"}]}\n"
      "consumers:\n- username: c\n  keyauth_credentials: [{key: \"{vault://env/gwtest-key}\"}]\n");
  REQUIRE(loaded.snapshot != nullptr);
  const auto& all = loaded.snapshot->entities;
  CHECK(to_json(all.plugins[0].config) == R"({"deep":[{"token":"s3cret"}]})");
  CHECK(to_json(all.plugins[0].config, Secrets::hidden) == R"({"deep":[{"token":"REDACTED"}]})");
  CHECK(all.credentials.at("keyauth_credentials")[0].fields.find("key")->string == "s3cret");

  // Nor do faults tell it.
  Value options = all.plugins[0].config;
  std::vector<Diagnostic> out;
  const auto schema = Schema::compile(
      R"({"properties":{"deep":{"items":{"properties":{"token":{"enum":["s3crets","x"]}}}}}})");
  REQUIRE(schema.ok());
  CHECK_FALSE(schema.value().apply(options, "config", out));
  CHECK(render(out, "f", "", false).find("s3cret\"") == std::string::npos);
  CHECK(out.at(0).message ==
        "is a secret (what a reference stands for), expected one of \"s3crets\", \"x\"");
  CHECK(out.at(0).hint.empty());
}

TEST_CASE("a reference elsewhere is refused by name, never taken for text") {
  const auto host = load_text("services:\n- {name: s, host: \"{vault://env/host}\"}\n");
  REQUIRE_FALSE(host.diagnostics.empty());
  CHECK(host.diagnostics[0].path == "services[0].host");
  CHECK(host.diagnostics[0].message ==
        "is the reference {vault://env/host}: references are resolved in options of plugins and in "
        "credentials only");
  CHECK(load_text("gateway: {error_log: \"{vault://env/x}\"}\n").snapshot == nullptr);
  CHECK(load_text("consumers: [{username: \"{file:/x}\"}]\n").snapshot == nullptr);
  CHECK(load_text("services: [{name: s, host: h, _comment: \"{vault://env/x}\"}]\n").snapshot !=
        nullptr);
  Source source;
  source.file = "kong.yml";
  source.text = "_format_version: \"3.0\"\n";
  source.environment = {{"GATEWRIGHT_ERROR_LOG", "{vault://env/x}"}};
  CHECK(load(std::move(source)).snapshot == nullptr);
}

TEST_CASE("an unset variable is told at the place of its reference") {
  const auto loaded =
      load_text("plugins:\n- name: p\n  config: {token: \"{vault://env/gwtest-no}\"}\n");
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].where == Location{4, 19});
  CHECK(loaded.diagnostics[0].path == "plugins[0].config.token");
  CHECK(loaded.diagnostics[0].message ==
        "is the reference {vault://env/gwtest-no}, which needs the variable GWTEST_NO, which is "
        "not set");
}
