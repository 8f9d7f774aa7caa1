// SPDX-License-Identifier: Apache-2.0
// Request targets and authorities (RFC 9112 3.2, RFC 3986 3.2): taken apart and checked. Pure
// functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.hpp"

namespace gw::http {

// uri-host [":" port], without userinfo. An empty host is refused.
bool is_authority(std::string_view text);

// "example.com:8080" -> "example.com" and 8080; port 0 when there is none. IPv6 keeps its brackets.
struct HostPort {
  std::string_view host;
  std::uint16_t port = 0;
};
HostPort split_authority(std::string_view authority);

// Fills path, query and, for the absolute form, host from head.target. false: not a target that
// this method may have. Absolute-form is accepted for http and https; its authority lands in
// head.host.
bool split_target(RequestHead& head);

}  // namespace gw::http
