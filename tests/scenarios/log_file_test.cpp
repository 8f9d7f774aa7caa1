// SPDX-License-Identifier: Apache-2.0
// file-log in the real binary: its lines over a reload, a rotation and the end.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string configuration(const Origin& origin, const std::string& options) {
  return "services:\n- name: s\n  url: " + origin.url() +
         "\n  routes:\n  - name: r\n    paths: [/]\nplugins:\n- name: file-log\n  config: {" +
         options + "}\n";
}

// Lines that are whole: each begins and ends as a record does.
std::size_t whole_lines(const std::string& path) {
  std::ifstream in(path);
  std::size_t n = 0;
  for (std::string line; std::getline(in, line); ++n) {
    CHECK(line.rfind("{\"request\":{\"id\":\"", 0) == 0);
    CHECK(line.find("\"workspace_name\":\"default\"") != std::string::npos);
    CHECK(line.back() == '}');
    CHECK(line.find("{\"request\":{\"id\":\"", 1) == std::string::npos);
  }
  return n;
}

}  // namespace

TEST_CASE("no line is lost over a reload and the end, and workers' lines do not mix") {
  Folder folder;
  const std::string path = folder.path + "/access.log";
  Origin origin;
  GatewayProcess gateway(configuration(origin, "path: " + path), "  workers: 2\n");
  for (int i = 0; i < 100; ++i)
    CHECK(get(gateway.port(), "/" + std::string(i * 30, 'x')).status == 200);
  gateway.rewrite(configuration(origin, "path: " + path + ", flush_interval: 10000"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  for (int i = 0; i < 100; ++i) CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.stop() == 0);
  CHECK(whole_lines(path) == 200);
}

TEST_CASE("a line has the request's fields as the client and the plugins set them") {
  Folder folder;
  const std::string path = folder.path + "/access.log";
  Origin origin;
  GatewayProcess gateway(configuration(origin, "path: " + path + ", flush_interval: 10") +
                         "- name: correlation-id\n  config: {header_name: X-Id}\n");
  get(gateway.port(), "/",
      "X-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Prefix: /theirs\r\nX-Forwarded-For: 10.2.2.2\r\n"
      "Via: 1.1 other\r\n");
  const Message seen = origin.wait_for_request();
  CHECK(seen.value("X-Forwarded-For") == "10.1.1.1, 10.2.2.2, 127.0.0.1");
  CHECK(seen.value("X-Forwarded-Prefix").empty());
  CHECK(seen.value("Via") == "1.1 other, 1.1 gatewright");
  REQUIRE(wait_until([&] { return whole_lines(path) == 1; }));
  std::string line;
  std::getline(std::ifstream(path), line);
  const auto from = line.find("\"headers\":{");
  const std::string fields = line.substr(from, line.find('}', from) - from);
  INFO(fields);
  const auto has = [&](const char* text) { return fields.find(text) != std::string::npos; };
  CHECK(has("\"x-forwarded-for\":\"10.1.1.1, 10.2.2.2\""));
  CHECK(has("\"x-forwarded-prefix\":\"/theirs\""));
  CHECK(has("\"via\":\"1.1 other\""));
  CHECK(has("\"x-id\":\""));
  for (const auto* of_ours : {"x-forwarded-proto", "x-forwarded-host", "x-forwarded-port",
                              "x-forwarded-path", "x-real-ip", "x-kong-request-id"})
    CHECK_FALSE(has(of_ours));
}

TEST_CASE("a log that is moved away goes on in a new file, with no signal") {
  Folder folder;
  const std::string path = folder.path + "/access.log";
  Origin origin;
  GatewayProcess gateway(configuration(origin, "path: " + path + ", flush_interval: 10"));
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(wait_until([&] { return whole_lines(path) == 1; }));
  std::filesystem::rename(path, path + ".1");
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(wait_until([&] { return whole_lines(path) == 1; }));
  CHECK(whole_lines(path + ".1") == 1);
}

TEST_CASE("a full disk neither stops requests nor the end of the gateway") {
  Origin origin;
  GatewayProcess gateway(configuration(origin, "path: /dev/full, flush_interval: 10"));
  for (int i = 0; i < 20; ++i) CHECK(get(gateway.port(), "/").status == 200);
  gateway.wait_for_log("log lines wait: /dev/full: No space left on device");
  CHECK(gateway.stop() == 0);
}

TEST_CASE("a custom field named like one of the record's is refused with its place") {
  Origin origin;
  Folder folder;
  write_file(folder.path + "/kong.yml",
             "_format_version: \"3.0\"\n" +
                 configuration(origin, "path: /dev/null, custom_fields: {request: x}"));
  const Finished checked = run_gateway("check kong.yml", folder.path);
  CHECK(checked.status != 0);
  CHECK(checked.out.find("the record has a field of this name") != std::string::npos);
}
