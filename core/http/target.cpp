// SPDX-License-Identifier: Apache-2.0
#include "http/target.hpp"

#include "base/text.hpp"

namespace gw::http {

namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }

int hex_value(char c) { return c <= '9' ? c - '0' : to_lower(c) - 'a' + 10; }

// RFC 3986 3.2.2 has escapes for names in other alphabets. Those of ASCII bytes would only dress up
// a delimiter, a control byte, or a plain name.
bool is_host_escape(std::string_view text) {
  return text.size() >= 3 && is_hex(text[1]) && is_hex(text[2]) && hex_value(text[1]) >= 8;
}

bool is_reg_name(std::string_view host) {
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char c = to_lower(host[i]);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~!$&'()*+;="}.find(c) != std::string_view::npos;
    if (!plain && !(c == '%' && is_host_escape(host.substr(i)))) return false;
  }
  return !host.empty();
}

bool is_ip_literal(std::string_view host) {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  for (const char c : host.substr(1, host.size() - 2))
    if (!is_hex(c) && c != ':' && c != '.') return false;
  return host.find(':') != std::string_view::npos;
}

// Where the port's colon stands, or npos.
std::size_t port_colon(std::string_view authority) {
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos) return colon;
  return bracket != std::string_view::npos && colon < bracket ? std::string_view::npos : colon;
}

void split_query(RequestHead& head, std::string_view path_and_query) {
  const auto mark = path_and_query.find('?');
  head.path = path_and_query.substr(0, mark);
  head.query =
      mark == std::string_view::npos ? std::string_view{} : path_and_query.substr(mark + 1);
}

bool split_absolute(RequestHead& head) {
  const auto scheme_end = head.target.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const auto scheme = head.target.substr(0, scheme_end);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) return false;
  const auto rest = head.target.substr(scheme_end + 3);
  const auto authority_end = rest.find_first_of("/?");
  head.host = rest.substr(0, authority_end);
  if (!is_authority(head.host)) return false;
  if (authority_end == std::string_view::npos) {
    head.path = "/";
  } else {
    split_query(head, rest.substr(authority_end));
    if (head.path.empty()) head.path = "/";
  }
  return true;
}

}  // namespace

bool is_authority(std::string_view text) {
  const auto colon = port_colon(text);
  if (colon != std::string_view::npos) {
    const auto port = text.substr(colon + 1);
    const auto number = to_u64(port);
    if (!port.empty() && (!number || *number > 65535)) return false;
  }
  const auto host = text.substr(0, colon);
  return host.starts_with('[') ? is_ip_literal(host) : is_reg_name(host);
}

HostPort split_authority(std::string_view authority) {
  const auto colon = port_colon(authority);
  if (colon == std::string_view::npos) return {authority, 0};
  return {authority.substr(0, colon),
          std::uint16_t(to_u64(authority.substr(colon + 1)).value_or(0))};
}

bool split_target(RequestHead& head) {
  if (head.target.front() == '/') {
    split_query(head, head.target);
  } else if (head.target == "*") {
    head.path = head.target;
    return head.method == Method::options;
  } else if (!split_absolute(head)) {
    return false;
  }
  // A backslash is a matter of the setting path_backslash.
  return head.path.find_first_of("^`{|}") == std::string_view::npos;
}

}  // namespace gw::http
