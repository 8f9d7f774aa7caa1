// SPDX-License-Identifier: Apache-2.0
#include "config/vault.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

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
  CHECK(out.at(0).message == "is a secret, which is not shown, expected one of \"s3crets\", \"x\"");
  CHECK(out.at(0).hint.empty());
}

TEST_CASE("a reference elsewhere is refused by name, never taken for text") {
  const auto host = load_text("services:\n- {name: s, host: \"{vault://env/host}\"}\n");
  REQUIRE_FALSE(host.diagnostics.empty());
  CHECK(host.diagnostics[0].path == "services[0].host");
  CHECK(host.diagnostics[0].message ==
        "is the reference {vault://env/host}: references are resolved in options of plugins, "
        "credentials and certificates only");
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

TEST_CASE("a file's text is read once, without its last newline, and with limits") {
  char folder[] = "/tmp/gwtest-secret-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/key";
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  const std::string reference = "{file:" + path + "}";
  write("s3cret\n");
  CHECK(resolve_reference(reference).value() == "s3cret");
  write("two\nlines\r\n");
  CHECK(resolve_reference(reference).value() == "two\nlines");
  write("\n");
  CHECK(fault_of(reference) == "needs a text in " + path + ", which is empty");
  write(std::string("a\0b", 3));
  CHECK(fault_of(reference) == "needs UTF-8 text without NUL in " + path);
  write("\xff");
  CHECK(fault_of(reference) == "needs UTF-8 text without NUL in " + path);
  write(std::string(64 * 1024 + 1, 'x'));
  CHECK(fault_of(reference) == "needs a file of at most 64 KiB");
  CHECK(fault_of("{file:" + std::string(folder) + "}") ==
        "needs a file, and " + std::string(folder) + " is none");
  CHECK(fault_of("{file:" + path + ".gone}") ==
        "needs the file " + path + ".gone: No such file or directory");
  CHECK(fault_of("{file:key}") == "needs an absolute path, as {file:/run/secrets/NAME}");
  const auto loaded =
      load_text("plugins:\n- name: p\n  config: {token: \"{file:" + path + ".gone}\"}\n");
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].path == "plugins[0].config.token");
  ::unlink(path.c_str());
  ::rmdir(folder);
}

TEST_CASE(
    "what a schema calls a secret is marked, wherever it stands, and so is what is misspelt") {
  const auto schema = Schema::compile(R"({"type": "object", "properties": {
    "name": {"type": "string"}, "pin": {"type": "integer", "x-gw-secret": true},
    "headers": {"additionalProperties": {"type": "string", "x-gw-secret": true}},
    "login": {"anyOf": [{"$ref": "#/$defs/pair"}, {"type": "boolean"}]}},
    "$defs": {"pair": {"type": "object", "required": ["user"], "properties": {
      "user": {"type": "string"}, "password": {"type": "string", "x-gw-secret": true}}}}})");
  REQUIRE(schema.ok());
  auto options = parse_json(
      R"({"name":"n","pin":1234,"headers":{"a":"hunter1"},"login":{"user":"u","password":"hunter2"}})");
  std::vector<Diagnostic> out;
  CHECK(schema.value().apply(options.value(), "config", out));
  CHECK(to_json(options.value(), Secrets::hidden) ==
        R"({"name":"n","pin":"REDACTED","headers":{"a":"REDACTED"},)"
        R"("login":{"user":"u","password":"REDACTED"}})");
  CHECK(to_json(options.value()).find("hunter2") != std::string::npos);

  auto wrong = parse_json(
      "{\"pin\":\"hunter3\",\n\"login\":{\n\"password\":\"hunter4\"},\n\"pinn\":\"hunter5\",\n"
      "\"name\":1}");
  out.clear();
  CHECK_FALSE(schema.value().apply(wrong.value(), "config", out));
  std::set<std::uint32_t> lines;
  add_secret_lines(wrong.value(), lines);
  CHECK(lines == std::set<std::uint32_t>{1, 3, 4});
  hide_lines(out, lines);
  const std::string shown = render(out, "f",
                                   "{\"pin\":\"hunter3\",\n\"login\":{\n\"password\":"
                                   "\"hunter4\"},\n\"pinn\":\"hunter5\",\n\"name\":1}",
                                   false);
  CHECK(shown.find("hunter") == std::string::npos);
  CHECK(shown.find("REDACTED") != std::string::npos);
  CHECK(shown.find("\"name\":1") != std::string::npos);
  CHECK_FALSE(Schema::compile(R"({"x-gw-secret": "yes"})").ok());
}

TEST_CASE("a line that cannot be read does not show what its name calls a secret") {
  const auto loaded = load_text("plugins:\n- name: p\n  config: {password: \"hunter2, x: [}\n");
  REQUIRE_FALSE(loaded.diagnostics.empty());
  const std::string text =
      "_format_version: \"3.0\"\nplugins:\n- name: p\n  config: {password: \"hunter2, x: [}\n";
  CHECK(render(loaded.diagnostics, "f", text, false).find("hunter2") == std::string::npos);
}
