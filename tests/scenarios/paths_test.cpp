// SPDX-License-Identifier: Apache-2.0
// Spellings of paths against a protected route beside an open one. Whatever passes without a key
// must not be the protected path for any origin, however loosely that takes paths apart.
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

constexpr const char* k_private_key =
    "consumers:\n- username: bob\n  keyauth_credentials: [{key: secret}]\n";

std::string config(const Origin& origin) {
  return "services:\n- name: s\n  url: " + origin.url() +
         "\n  routes:\n"
         "  - {name: open, paths: [/], strip_path: false}\n"
         "  - {name: stripped, paths: [/open], strip_path: true}\n"
         "  - name: private\n    paths: [/private]\n    strip_path: false\n"
         "    plugins: [{name: key-auth}]\n" +
         k_private_key;
}

int hex(char c) {
  const auto at = std::string_view("0123456789abcdef").find(char(c | 0x20));
  return at == std::string_view::npos ? -1 : int(at);
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    out += escape ? char(hex(text[i + 1]) * 16 + hex(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

// The worst origin: decodes until nothing changes, takes `\` for `/`, cuts parameters and what is
// behind NUL, resolves dots, merges slashes, sees no case.
std::string worst_reading(std::string path) {
  for (std::string before; before != path; path = decode(path)) before = path;
  path = path.substr(0, path.find('\0'));
  std::vector<std::string> segments;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = path.find_first_of("/\\", at);
    std::string segment = path.substr(at, end == path.npos ? end : end - at);
    segment = segment.substr(0, segment.find(';'));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    if (end == path.npos) break;
    at = end + 1;
  }
  std::string out;
  for (const auto& segment : segments) out += "/" + segment;
  return out;
}

struct Row {
  const char* target;
  int status;  // without a key
};

constexpr Row k_rows[] = {
    // The path itself, and plain ways around it.
    {"/private", 401},
    {"/private/", 401},
    {"/private/x", 401},
    {"/privatex", 401},
    {"/private?x=/open", 401},
    {"//private", 401},
    {"///private//x", 401},
    {"/./private", 401},
    {"/././private/x", 401},
    {"/x/../private", 401},
    {"/x/y/../../private/z", 401},
    {"/../private", 401},
    {"/../../../private", 401},
    {"/private/.", 401},
    {"/private/./x", 401},
    {"/private/x/..", 401},
    {"/private/../private", 401},
    {"/open/../private", 401},
    {"/open//../private", 401},
    {"/open/./../private/", 401},
    {"http://test/private", 401},
    {"http://test/x/../private", 401},
    {"http://test//private", 401},
    // Escapes of plain bytes.
    {"/%70rivate", 401},
    {"/%70%72%69%76%61%74%65", 401},
    {"/p%72ivate/%78", 401},
    {"/%2e/private", 401},
    {"/x/%2e%2e/private", 401},
    {"/x/%2E%2E/private", 401},
    {"/x/.%2e/private", 401},
    {"/x/%2e./private", 401},
    {"/open/%2e%2e/private", 401},
    {"/open/%2e%2e/%70rivate", 401},
    {"/%2e%2e/%2e%2e/private", 401},
    // Encoded slashes are no separators, and do not hide dots.
    {"/private%2Fx", 401},
    {"/%2Fprivate", 200},
    {"/x/..%2Fprivate", 400},
    {"/x%2F..%2Fprivate", 400},
    {"/x%2f%2e%2e%2fprivate", 400},
    {"/open/..%2f..%2fprivate", 400},
    {"/open%2f../private", 400},
    {"/open/%2e%2e%2fprivate", 400},
    // Backslashes.
    {"/\\private", 400},
    {"/%5Cprivate", 400},
    {"/%5cprivate", 400},
    {"/x\\..\\private", 400},
    {"/x/..\\private", 400},
    {"/x%5c..%5cprivate", 400},
    {"/open/..%5cprivate", 400},
    // Encoded twice and oftener, overlong, broken.
    {"/%2570rivate", 200},
    {"/x/%252e%252e/private", 400},
    {"/x/.%252e/private", 400},
    {"/x/%25252e%25252e/private", 400},
    {"/x/%25%32%65%25%32%65/private", 400},
    {"/%252Fprivate", 400},
    {"/x%252f..%252fprivate", 400},
    {"/x/..%255cprivate", 400},
    {"/x/%c0%ae%c0%ae/private", 400},
    {"/%c0%afprivate", 400},
    {"/x/%e0%80%ae%e0%80%ae/private", 400},
    {"/x/..%c1%9cprivate", 400},
    {"/%%70rivate", 400},
    {"/x/%2/private", 400},
    {"/x/%u002e%u002e/private", 400},
    {"/x/%zz/../private", 400},
    {"/private%", 400},
    // Parameters.
    {"/private;a=b", 401},
    {"/private;/x", 401},
    {"/;a/private", 200},
    {"/x/..;/private", 400},
    {"/x/..;a=b/private", 400},
    {"/x/.;/private", 400},
    {"/x/%2e%2e;/private", 400},
    {"/x/..%3b/private", 400},
    {"/x/..%3Ba/private", 400},
    {"/open/..;/private", 400},
    {"/open..;/private", 200},
    {"/open../private", 200},
    {"/open..%2fprivate", 200},
    {"/open.;/private", 200},
    // Control bytes, other bytes.
    {"/private%00", 400},
    {"/x%00/../private", 400},
    {"/private%0a", 400},
    {"/%09private", 400},
    {"/x/..%0d/private", 400},
    {"/private%7f", 400},
    {"/private\xC3\xA9", 400},
    {"/private#", 400},
    {"/open#/../private", 400},
    {"/private%20", 401},
    {"/private%3F", 401},
    {"/private%23", 401},
    {"private", 400},
    {"./private", 400},
    {"*", 400},
    // What looks odd and is somebody's path.
    {"/open/a;b=c/d", 200},
    {"/open/a%2Fb", 200},
    {"/open/caf%C3%A9", 200},
    {"/open/100%25", 200},
    {"/open/...", 200},
    {"/open/.well-known", 200},
    {"/open/a:b@c,d!$&'()*+=", 200},
};
static_assert(std::size(k_rows) >= 60);

// Rows that the worst origin reads as the protected path although nothing in them is ambiguous by
// RFC 3986: they differ from it by what only such an origin takes away.
bool beyond_help(std::string_view target) {
  return target == "/%2Fprivate" || target == "/%2570rivate" || target == "/;a/private" ||
         target.starts_with("/open.");  // stripped: /open/private is that path, too, and open
}

}  // namespace

TEST_CASE("no spelling of a protected path passes without a key") {
  Origin origin;
  GatewayProcess gateway(config(origin));
  for (const Row& row : k_rows) {
    CAPTURE(row.target);
    const auto before = origin.requests().size();
    CHECK(get(gateway.port(), row.target).status == row.status);
    const auto seen = origin.requests();
    REQUIRE(seen.size() == before + (row.status == 200 ? 1 : 0));
    if (row.status != 200) continue;
    const std::string target = seen.back().target;
    CAPTURE(target);
    CHECK(target.find("/../") == std::string::npos);
    CHECK(target.find("..;") == std::string::npos);
    CHECK(target.find("..%") == std::string::npos);
    if (!beyond_help(row.target)) CHECK(worst_reading(target).rfind("/private", 0) != 0);
  }
}

TEST_CASE("with a key every spelling of the protected path is one path upstream") {
  Origin origin;
  GatewayProcess gateway(config(origin));
  for (const char* target : {"/private/x", "//private//x", "/./private/./x", "/y/../private/x",
                             "/%70rivate/%78", "/y/%2e%2e/private/x", "http://test/private/x"}) {
    CAPTURE(target);
    CHECK(get(gateway.port(), target, "apikey: secret\r\n").status == 200);
    CHECK(origin.requests().back().target == "/private/x");
  }
}

TEST_CASE("settings keep what is refused by default, and refuse what is kept") {
  Origin origin;
  GatewayProcess gateway(config(origin),
                         "  workers: 1\n  path_encoded_slash: refuse\n  path_backslash: keep\n"
                         "  path_control: keep\n  path_double_encoding: keep\n"
                         "  path_hidden_dots: keep\n");
  CHECK(get(gateway.port(), "/x%2Fy").status == 400);
  const std::pair<const char*, const char*> kept[] = {{"/x\\y", "/x%5Cy"},
                                                      {"/x%5cy", "/x%5Cy"},
                                                      {"/x%0ay", "/x%0Ay"},
                                                      {"/x%252ey", "/x%252ey"},
                                                      {"/x/..;/y", "/x/..;/y"}};
  for (const auto& [target, upstream] : kept) {
    CAPTURE(target);
    CHECK(get(gateway.port(), target).status == 200);
    CHECK(origin.requests().back().target == upstream);
  }
  CHECK(get(gateway.port(), "/x%00y").status == 400);
}

TEST_CASE("a route says for itself which ambiguous paths it takes") {
  Origin origin;
  GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
      "\n  routes:\n"
      "  - {name: plain, paths: [/plain], strip_path: false}\n"
      "  - name: lenient\n    paths: [/lenient]\n    strip_path: false\n"
      "    gateway: {path_backslash: keep, path_double_encoding: keep}\n"
      "  - name: strict\n    paths: [/strict]\n    strip_path: false\n"
      "    gateway: {path_encoded_slash: refuse, path_double_encoding: refuse}\n");
  const std::pair<const char*, int> rows[] = {
      {"/plain/a%2Fb", 200},
      {"/plain/a%5Cb", 400},
      {"/plain/a%252Fb", 400},
      {"/lenient/a%2Fb", 200},
      {"/lenient/a%5Cb", 200},
      {"/lenient/a%252Fb", 200},
      {"/lenient/%252e%252e/strict", 200},
      {"/lenient/..;/strict", 400},
      {"/lenient/a%0Ab", 400},
      {"/strict/a%2Fb", 400},
      {"/strict/a%5Cb", 400},
      {"/strict/a%252Fb", 400},
      {"/strict/ab", 200},
      // Which route it is, is decided by the normal form.
      {"/strict/../lenient/a%5Cb", 200},
      {"/lenient/../strict/a%5Cb", 400},
      {"/lenient/%2e%2e/strict/a%2Fb", 400},
      {"/nowhere/a%2Fb", 404},
      {"/nowhere/a%5Cb", 400},
      {"/nowhere/a%0Ab", 400},
  };
  for (const auto& [target, status] : rows) {
    CAPTURE(target);
    const auto before = origin.requests().size();
    CHECK(get(gateway.port(), target).status == status);
    CHECK(origin.requests().size() == before + (status == 200 ? 1 : 0));
  }
  CHECK(get(gateway.port(), "/strict/a%2Fb", "Accept: application/problem+json\r\n")
            .body.find("path_encoded_slash") != std::string::npos);
  CHECK(get(gateway.admin_port(), "/routes/strict")
            .body.find("\"gateway\":{\"path_double_encoding\":\"refuse\",\"path_encoded_slash\":"
                       "\"refuse\"}") != std::string::npos);
  CHECK(get(gateway.admin_port(), "/routes/plain").body.find("\"gateway\"") == std::string::npos);
}

TEST_CASE("what the process keeps a route may refuse, and the other way round") {
  Origin origin;
  GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
          "\n  routes:\n  - {name: all, paths: [/], strip_path: false}\n"
          "  - {name: slashes, paths: [/s], gateway: {path_encoded_slash: keep}}\n",
      "  workers: 1\n  path_encoded_slash: refuse\n  path_backslash: keep\n");
  CHECK(get(gateway.port(), "/x%2Fy").status == 400);
  CHECK(get(gateway.port(), "/s/x%2Fy").status == 200);
  CHECK(get(gateway.port(), "/x%5Cy").status == 200);
}
