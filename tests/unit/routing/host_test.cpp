// SPDX-License-Identifier: Apache-2.0
#include "routing/host.hpp"

#include "catch.hpp"
#include "routing/fold_map.hpp"

using namespace gw::routing;

TEST_CASE("hosts are split from their ports") {
  const auto [text, host, port] = GENERATE(table<std::string, std::string, int>({
      {"a.example", "a.example", -1},
      {"a.example:80", "a.example", 80},
      {"a.example:0", "a.example", 0},
      {"a.example:", "a.example", -1},
      {"a.example.", "a.example", -1},
      {"a.example.:8080", "a.example", 8080},
      {"a.example..", "a.example.", -1},
      {"a:65536", "a:65536", -1},
      {"a:8x", "a:8x", -1},
      {"[::1]", "::1", -1},
      {"[::1]:8443", "::1", 8443},
      {"::1", "::1", -1},
      {"", "", -1},
      {".", ".", -1},
      {":80", "", 80},
      {"[", "[", -1},
  }));
  CAPTURE(text);
  const auto split = split_host_port(text);
  CHECK(split.host == host);
  CHECK(split.port == port);
}

TEST_CASE("a host pattern has its star left, right or nowhere") {
  const auto plain = parse_host_pattern("Api.Example.com:81");
  CHECK(plain.kind == HostPattern::Kind::exact);
  CHECK(plain.text == "api.example.com");
  CHECK(plain.port == 81);
  const auto left = parse_host_pattern("*.Example.com:82");
  CHECK(left.kind == HostPattern::Kind::suffix);
  CHECK(left.text == ".example.com");
  CHECK(left.port == 82);
  const auto right = parse_host_pattern("example.*");
  CHECK(right.kind == HostPattern::Kind::prefix);
  CHECK(right.text == "example.");
  CHECK(right.port == -1);
}

TEST_CASE("a star in an SNI is one label, as in certificates") {
  const auto left = parse_host_pattern("*.example.com");
  CHECK(matches_sni(left, "A.Example.com"));
  CHECK_FALSE(matches_sni(left, "a.b.example.com"));
  CHECK_FALSE(matches_sni(left, "example.com"));
  CHECK_FALSE(matches_sni(left, ".example.com"));
  const auto right = parse_host_pattern("example.*");
  CHECK(matches_sni(right, "example.com"));
  CHECK_FALSE(matches_sni(right, "example.co.uk"));
  CHECK_FALSE(matches_sni(right, "example."));
  CHECK(matches_sni(parse_host_pattern("example.com."), "EXAMPLE.com"));
}

TEST_CASE("a map of names knows them without case, and nothing else") {
  FoldMap map;
  CHECK(map.find("a") == FoldMap::k_absent);
  for (std::uint32_t i = 0; i < 5000; ++i)
    REQUIRE(map.insert("Host-" + std::to_string(i) + ".example", i) == i);
  CHECK(map.insert("host-17.EXAMPLE", 99) == 17);
  CHECK(map.size() == 5000);
  for (std::uint32_t i = 0; i < 5000; ++i)
    REQUIRE(map.find("HOST-" + std::to_string(i) + ".exAmple") == i);
  CHECK(map.find("host-5000.example") == FoldMap::k_absent);
  CHECK(map.find("host-1.examplf") == FoldMap::k_absent);
  CHECK(map.find("") == FoldMap::k_absent);
  // These differ in bit 5 only, without being letters.
  map.insert("x@", 7000);
  CHECK(map.find("x`") == FoldMap::k_absent);
}
