// SPDX-License-Identifier: Apache-2.0
// Kong's rules for names, hosts and paths (its typedefs). Each answers an empty string when the
// text is fine, else what is expected. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::config::rules {

std::string name(std::string_view text);
// Host name or address, no port.
std::string host(std::string_view text);
// Of an upstream: no address.
std::string host_name(std::string_view text);
// "host:port", "[v6]:port", "host".
std::string host_and_port(std::string_view text);
// Of a route: perhaps a wildcard label at one end, perhaps a port.
std::string route_host(std::string_view text);
// As a route's host, but no address and no port.
std::string sni(std::string_view text);
// Begins with '/', characters of a path, escapes complete, no "//".
std::string path(std::string_view text);
// Of a route: a prefix as above, or "~/" and the rest of a regex.
std::string route_path(std::string_view text);
std::string header_name(std::string_view text);
std::string method(std::string_view text);
std::string tag(std::string_view text);

// "host:port", "[v6]:port", "host"; port is left as it is when there is none. false: neither.
bool split_target(std::string_view text, std::string& host, std::uint16_t& port);

}  // namespace gw::config::rules
