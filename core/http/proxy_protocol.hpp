// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 and 2, as HAProxy defines it: one header in front of a connection
// that says who the client of the load balancer before us is. Only believed on listeners that are
// configured for it (`proxy_protocol`).
#pragma once

#include <optional>
#include <string_view>

#include "net/address.hpp"

namespace gw::http {

struct ProxyHeader {
  enum class Verdict : std::uint8_t { more, complete, refused };
  Verdict verdict = Verdict::refused;
  std::size_t size = 0;  // bytes of the header, when complete
  std::optional<net::Address>
      client;  // nothing for LOCAL, UNKNOWN and families other than TCP over IP
};

// `bytes` is everything received so far.
ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace gw::http
