// SPDX-License-Identifier: Apache-2.0
// Addresses: socket addresses as values, their text, and CIDR blocks (trusted_ips).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::net {

// An IPv4 or IPv6 address with a port. Comparable, 28 bytes.
struct Address {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  Address() : v6{} {}

  bool is_v6() const { return any.sa_family == AF_INET6; }
  std::uint16_t port() const { return ntohs(is_v6() ? v6.sin6_port : v4.sin_port); }
  void set_port(std::uint16_t port);
  // "10.0.0.1", "::1"; IPv4-mapped IPv6 as IPv4. At most k_text characters into `out`; returns the
  // length.
  static constexpr std::size_t k_text = 46;
  std::size_t format_ip(char* out) const;
  std::string ip() const;
  socklen_t size() const { return is_v6() ? sizeof v6 : sizeof v4; }
  friend bool operator==(const Address& a, const Address& b) {
    if (a.any.sa_family != b.any.sa_family || a.port() != b.port()) return false;
    if (a.is_v6()) return std::memcmp(&a.v6.sin6_addr, &b.v6.sin6_addr, 16) == 0;
    return a.v4.sin_addr.s_addr == b.v4.sin_addr.s_addr;
  }

  // An IP literal without brackets; nothing for a name.
  static std::optional<Address> parse(std::string_view ip, std::uint16_t port);
  // The peer or local end of a socket.
  static std::optional<Address> of_peer(int fd);
  static std::optional<Address> of_local(int fd);
};

// Of address and port.
struct AddressHash {
  std::size_t operator()(const Address& address) const {
    std::uint64_t a = 0, b = address.port();
    if (address.is_v6()) {
      std::uint64_t words[2];
      std::memcpy(words, &address.v6.sin6_addr, sizeof words);
      a = words[0] ^ (words[1] * 0x9E3779B97F4A7C15);
    } else {
      a = address.v4.sin_addr.s_addr;
    }
    const std::uint64_t h = (a ^ b << 32) * 0x9E3779B97F4A7C15;
    return std::size_t(h ^ h >> 32);
  }
};

// A set of addresses and blocks: "10.0.0.0/8", "::1".
class CidrSet {
 public:
  // false: not an address or block.
  bool add(std::string_view text);
  bool contains(const Address& address) const;
  bool empty() const { return blocks_.empty(); }

 private:
  struct Block {
    std::uint8_t bytes[16];  // IPv4 as IPv4-mapped
    int bits;
  };
  std::vector<Block> blocks_;
};

}  // namespace gw::net
