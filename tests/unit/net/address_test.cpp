// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include "catch.hpp"

using gw::net::Address;
using gw::net::CidrSet;

TEST_CASE("addresses are read and written") {
  CHECK(Address::parse("10.1.2.255", 80)->ip() == "10.1.2.255");
  CHECK(Address::parse("2001:db8::1", 80)->ip() == "2001:db8::1");
  CHECK(Address::parse("::ffff:10.0.0.1", 80)->ip() == "10.0.0.1");
  CHECK(Address::parse("10.0.0.1", 81)->port() == 81);
  CHECK_FALSE(Address::parse("localhost", 80));
  CHECK_FALSE(Address::parse("10.0.0", 80));
  CHECK_FALSE(Address::parse("", 80));
}

TEST_CASE("blocks hold what they cover") {
  CidrSet set;
  CHECK(set.add("10.0.0.0/8"));
  CHECK(set.add("192.0.2.129/25"));
  CHECK(set.add("2001:db8::/33"));
  CHECK(set.add("::1"));
  CHECK_FALSE(set.add("10.0.0.0/33"));
  CHECK_FALSE(set.add("x/8"));
  const auto has = [&](const char* ip) { return set.contains(*Address::parse(ip, 0)); };
  CHECK(has("10.255.0.1"));
  CHECK(has("::ffff:10.1.1.1"));
  CHECK_FALSE(has("11.0.0.1"));
  CHECK(has("192.0.2.200"));
  CHECK_FALSE(has("192.0.2.100"));
  CHECK(has("2001:db8:7fff::1"));
  CHECK_FALSE(has("2001:db8:8000::1"));
  CHECK(has("::1"));
}
