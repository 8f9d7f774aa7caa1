// SPDX-License-Identifier: Apache-2.0
#include "http/proxy_protocol.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace gw::http {

namespace {

using Verdict = ProxyHeader::Verdict;

constexpr std::string_view k_signature_1 = "PROXY ";
constexpr std::string_view k_signature_2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t k_max_line = 107;  // of version 1, with CR LF
constexpr std::size_t k_head_2 = 16;
constexpr std::size_t k_max_body_2 = 4096;  // addresses and TLVs; more is no load balancer's

bool begins_like(std::string_view bytes, std::string_view signature) {
  const std::size_t n = std::min(bytes.size(), signature.size());
  return bytes.substr(0, n) == signature.substr(0, n);
}

// "TCP4 SOURCE DESTINATION PORT PORT" or "UNKNOWN…".
ProxyHeader read_line(std::string_view bytes) {
  const auto end = bytes.find("\r\n");
  if (end == std::string_view::npos) {
    return {bytes.size() < k_max_line ? Verdict::more : Verdict::refused, 0, {}};
  }
  if (end + 2 > k_max_line) return {};
  const auto words = split(bytes.substr(k_signature_1.size(), end - k_signature_1.size()), ' ');
  ProxyHeader out{Verdict::complete, end + 2, {}};
  if (words[0] == "UNKNOWN") return out;
  if (words.size() != 5 || (words[0] != "TCP4" && words[0] != "TCP6")) return {};
  const auto port = to_u64(words[3]);
  if (!port || *port > 65535) return {};
  out.client = net::Address::parse(words[1], std::uint16_t(*port));
  if (!out.client || out.client->is_v6() != (words[0] == "TCP6")) return {};
  return out;
}

std::uint16_t load16(const char* p) {
  return std::uint16_t((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

net::Address make_address(int family, const char* ip, std::size_t size, std::uint16_t port) {
  net::Address address;
  address.any.sa_family = sa_family_t(family);
  if (family == AF_INET)
    std::memcpy(&address.v4.sin_addr, ip, size);
  else
    std::memcpy(&address.v6.sin6_addr, ip, size);
  address.set_port(port);
  return address;
}

ProxyHeader read_binary(std::string_view bytes) {
  if (bytes.size() < k_head_2) return {Verdict::more, 0, {}};
  const auto command = (unsigned char)bytes[12];
  const auto family = (unsigned char)bytes[13];
  const std::size_t length = load16(bytes.data() + 14);
  if (command >> 4 != 2 || (command & 15) > 1 || length > k_max_body_2) return {};
  if (bytes.size() < k_head_2 + length) return {Verdict::more, 0, {}};
  ProxyHeader out{Verdict::complete, k_head_2 + length, {}};
  if ((command & 15) == 0) return out;  // LOCAL: the balancer itself, a health check
  const char* body = bytes.data() + k_head_2;
  if (family == 0x11) {
    if (length < 12) return {};
    out.client = make_address(AF_INET, body, 4, load16(body + 8));
  } else if (family == 0x21) {
    if (length < 36) return {};
    out.client = make_address(AF_INET6, body, 16, load16(body + 32));
  }
  return out;
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
  if (begins_like(bytes, k_signature_1))
    return bytes.size() < k_signature_1.size() ? ProxyHeader{Verdict::more, 0, {}}
                                               : read_line(bytes);
  if (begins_like(bytes, k_signature_2))
    return bytes.size() < k_signature_2.size() ? ProxyHeader{Verdict::more, 0, {}}
                                               : read_binary(bytes);
  return {};
}

}  // namespace gw::http
