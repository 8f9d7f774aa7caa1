// SPDX-License-Identifier: Apache-2.0
#include "http/proxy_protocol.hpp"

#include <string>

#include "catch.hpp"

using gw::http::ProxyHeader;
using gw::http::read_proxy_header;
using Verdict = ProxyHeader::Verdict;

namespace {

const std::string k_signature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string binary(char command, char family, std::string_view body) {
  return k_signature + command + family + char(body.size() >> 8) + char(body.size() & 255) +
         std::string(body);
}

}  // namespace

TEST_CASE("version 1 names the client") {
  const std::string line = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
  const auto header = read_proxy_header(line + "GET /");
  REQUIRE(header.verdict == Verdict::complete);
  CHECK(header.size == line.size());
  CHECK(header.client->ip() == "192.0.2.1");
  CHECK(header.client->port() == 56324);
  for (std::size_t n = 0; n < line.size(); ++n)
    CHECK(read_proxy_header(std::string_view(line).substr(0, n)).verdict == Verdict::more);
}

TEST_CASE("version 1 with an unknown client keeps the socket's peer") {
  const auto header = read_proxy_header("PROXY UNKNOWN ::1 ::1 1 2\r\n");
  CHECK(header.verdict == Verdict::complete);
  CHECK_FALSE(header.client);
}

TEST_CASE("version 2 names the client") {
  const auto v4 = read_proxy_header(
      binary(0x21, 0x11, std::string("\xC0\x00\x02\x01\xC0\x00\x02\x02\x10\x00\x01\xBB", 12)));
  REQUIRE(v4.verdict == Verdict::complete);
  CHECK(v4.client->ip() == "192.0.2.1");
  CHECK(v4.client->port() == 4096);
  std::string body(36, '\0');
  body[15] = 1;
  body[33] = 9;
  const auto v6 = read_proxy_header(binary(0x21, 0x21, body));
  REQUIRE(v6.verdict == Verdict::complete);
  CHECK(v6.client->ip() == "::1");
  CHECK(v6.client->port() == 9);
  CHECK_FALSE(read_proxy_header(binary(0x20, 0, "")).client);
}

TEST_CASE("what is no PROXY header is refused") {
  CHECK(read_proxy_header("GET / HTTP/1.1\r\n").verdict == Verdict::refused);
  CHECK(read_proxy_header("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n").verdict == Verdict::refused);
  CHECK(read_proxy_header("PROXY TCP4 ::1 ::1 1 2\r\n").verdict == Verdict::refused);
  CHECK(read_proxy_header("PROXY TCP4 1.2.3.4 5.6.7.8 99999 2\r\n").verdict == Verdict::refused);
  CHECK(read_proxy_header("PROXY " + std::string(200, 'x')).verdict == Verdict::refused);
  CHECK(read_proxy_header(binary(0x11, 0x11, std::string(12, '\0'))).verdict == Verdict::refused);
  CHECK(read_proxy_header(binary(0x21, 0x11, "short")).verdict == Verdict::refused);
}
