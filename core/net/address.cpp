// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <arpa/inet.h>

#include <cstring>

#include "base/text.hpp"

namespace gw::net {

namespace {

// All addresses as 16 bytes, IPv4 mapped.
void to_bytes(const Address& address, std::uint8_t out[16]) {
  if (address.is_v6()) {
    std::memcpy(out, &address.v6.sin6_addr, 16);
    return;
  }
  std::memset(out, 0, 10);
  out[10] = out[11] = 0xFF;
  std::memcpy(out + 12, &address.v4.sin_addr, 4);
}

bool is_mapped(const Address& address) {
  return address.is_v6() && IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr);
}

std::optional<Address> from_socket(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  Address address;
  socklen_t size = sizeof address.v6;
  if (ask(fd, &address.any, &size) != 0) return std::nullopt;
  if (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6) return std::nullopt;
  return address;
}

}  // namespace

void Address::set_port(std::uint16_t port) { (is_v6() ? v6.sin6_port : v4.sin_port) = htons(port); }

std::size_t Address::format_ip(char* out) const {
  if (is_v6() && !is_mapped(*this)) {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    const std::size_t n = std::strlen(text);
    std::memcpy(out, text, n);
    return n;
  }
  const auto* bytes =
      is_v6() ? v6.sin6_addr.s6_addr + 12 : reinterpret_cast<const std::uint8_t*>(&v4.sin_addr);
  char* at = out;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, at + 3, unsigned(bytes[i])).ptr;
  }
  return std::size_t(at - out);
}

std::string Address::ip() const {
  char text[k_text];
  return std::string(text, format_ip(text));
}

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
  char text[INET6_ADDRSTRLEN + 1] = {};
  if (ip.empty() || ip.size() >= sizeof text) return std::nullopt;
  std::memcpy(text, ip.data(), ip.size());
  Address address;
  if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
    address.any.sa_family = AF_INET;
  } else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1) {
    address.any.sa_family = AF_INET6;
  } else {
    return std::nullopt;
  }
  address.set_port(port);
  return address;
}

std::optional<Address> Address::of_peer(int fd) { return from_socket(fd, ::getpeername); }

std::optional<Address> Address::of_local(int fd) { return from_socket(fd, ::getsockname); }

bool CidrSet::add(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash), 0);
  if (!address) return false;
  const int width = address->is_v6() ? 128 : 32;
  int bits = width;
  if (slash != std::string_view::npos) {
    const auto given = to_u64(text.substr(slash + 1));
    if (!given || *given > std::uint64_t(width)) return false;
    bits = int(*given);
  }
  Block block{};
  to_bytes(*address, block.bytes);
  block.bits = bits + (128 - width);
  blocks_.push_back(block);
  return true;
}

bool CidrSet::contains(const Address& address) const {
  std::uint8_t bytes[16];
  to_bytes(address, bytes);
  for (const Block& block : blocks_) {
    const int whole = block.bits / 8;
    if (std::memcmp(bytes, block.bytes, std::size_t(whole)) != 0) continue;
    const int rest = block.bits % 8;
    if (rest == 0 || ((bytes[whole] ^ block.bytes[whole]) >> (8 - rest)) == 0) return true;
  }
  return false;
}

}  // namespace gw::net
