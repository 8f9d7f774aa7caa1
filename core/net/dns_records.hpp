// SPDX-License-Identifier: Apache-2.0
// DNS messages as far as c-ares leaves them to us, and what becomes of addresses.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "net/dns_client.hpp"

namespace gw::net {

struct SrvRecord {
  std::string host;  // "." : there is no such service
  std::uint16_t priority = 0, weight = 0, port = 0;
  std::uint32_t ttl = 0;  // s
};

// The SRV records of an answer (RFC 2782), with their TTL. Nothing: it is damaged.
std::optional<std::vector<SrvRecord>> parse_srv(std::span<const unsigned char> message);

// The places that a name's addresses are. An address of one family is paired with one of the other,
// which is another way to the same place; the preferred one comes first. IPv6 addresses that this
// host has no route to are left out beside others.
std::vector<Endpoint> to_endpoints(std::vector<Address> addresses, bool prefer_v6);

}  // namespace gw::net
