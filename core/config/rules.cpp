// SPDX-License-Identifier: Apache-2.0
#include "config/rules.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.hpp"

namespace gw::config::rules {

namespace {

bool is_alnum(char c) {
  return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9');
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }

template <class F>
bool all(std::string_view text, F&& f) {
  return std::all_of(text.begin(), text.end(), f);
}

bool is_v4(std::string_view text) {
  in_addr parsed{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &parsed) == 1;
}

bool is_v6(std::string_view text) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &parsed) == 1;
}

// Labels as Kong takes them: also with '_', also with a dash in front (punycode); RFC 1035's sizes.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.back() != '-' &&
         all(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

// A dot behind the last label is a name's absolute form.
bool is_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253 || text.find_first_of(" \t") != std::string_view::npos)
    return false;
  const auto labels = split(text, '.');
  if (!std::all_of(labels.begin(), labels.end(), is_label)) return false;
  // What looks like an IPv4 address has to be one.
  return !all(text, [](char c) { return is_digit(c) || c == '.'; }) || is_v4(text);
}

bool is_port(std::string_view text) {
  const auto number = to_u64(text);
  return number && *number <= 65535;
}

// Cuts ":port" off. False: there is one and it is none.
bool cut_port(std::string_view& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']') || is_v6(text)) return true;
  if (!is_port(text.substr(colon + 1))) return false;
  text = text.substr(0, colon);
  return true;
}

// "*.x" or "x.*": without the star. One star at most, and as a whole label.
bool cut_wildcard(std::string_view& text) {
  if (text.starts_with("*."))
    text.remove_prefix(2);
  else if (text.ends_with(".*"))
    text.remove_suffix(2);
  else
    return false;
  return true;
}

}  // namespace

std::string name(std::string_view text) {
  const bool fine = !text.empty() && all(text, [](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '~' || (unsigned char)c >= 0x80;
  });
  return fine ? "" : "letters, digits, '.', '-', '_' and '~'";
}

std::string host(std::string_view text) {
  return is_host_name(text) || is_v6(text) ? "" : "a host name or an IP address, without a port";
}

std::string host_name(std::string_view text) {
  return is_host_name(text) && !is_v4(text) ? "" : "a host name, no IP address and no port";
}

std::string host_and_port(std::string_view text) {
  std::string host;
  std::uint16_t port = 0;
  return split_target(text, host, port) ? "" : "host, host:port or [v6]:port";
}

std::string route_host(std::string_view text) {
  constexpr const char* k_expected =
      "a host name, perhaps with one '*' as its first or last label and a port";
  if (!cut_port(text)) return k_expected;
  if (text.starts_with('[') && text.ends_with(']'))
    return is_v6(text.substr(1, text.size() - 2)) ? "" : k_expected;
  cut_wildcard(text);
  return is_host_name(text) || is_v6(text) ? "" : k_expected;
}

std::string sni(std::string_view text) {
  cut_wildcard(text);
  return is_host_name(text) && !is_v4(text)
             ? ""
             : "a host name, perhaps with one '*' as its first or last label, no port";
}

std::string path(std::string_view text) {
  if (!text.starts_with('/')) return "a path that begins with '/'";
  if (text.find("//") != std::string_view::npos) return "a path without empty segments (\"//\")";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain =
        is_alnum(c) || std::string_view{".-_~/:@!$&'()*+,;="}.find(c) != std::string_view::npos;
    if (plain) continue;
    if (c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) continue;
    return c == '%' ? "every '%' followed by two hex digits"
                    : cat("no character ", hex(&c, 1), " (hex); escape it with '%'");
  }
  return "";
}

std::string route_path(std::string_view text) {
  if (!text.starts_with('~')) return text.starts_with('/') ? path(text) : "/prefix or ~/regex";
  if (!text.starts_with("~/")) return "/prefix or ~/regex";
  return text.find("//") != std::string_view::npos ? "a path without empty segments (\"//\")" : "";
}

std::string header_name(std::string_view text) {
  const bool fine =
      !text.empty() && all(text, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
  return fine ? "" : "letters, digits, '-' and '_'";
}

std::string method(std::string_view text) {
  const bool fine = !text.empty() && all(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return fine ? "" : "upper-case letters";
}

std::string tag(std::string_view text) {
  const bool fine = !text.empty() && all(text, [](char c) {
    return (unsigned char)c >= 0x20 && c != ',' && c != '/' && c != 0x7F;
  });
  return fine ? "" : "text without ',' and '/'";
}

bool split_target(std::string_view text, std::string& out, std::uint16_t& port) {
  std::string_view host_part = text, port_part;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host_part = text.substr(1, end - 1);
    if (!is_v6(host_part)) return false;
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return false;
      port_part = text.substr(end + 2);
      if (port_part.empty()) return false;
    }
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    host_part = text.substr(0, colon);
    port_part = text.substr(colon + 1);
    if (port_part.empty()) return false;
  }
  if (!host(host_part).empty()) return false;
  if (!port_part.empty()) {
    if (!is_port(port_part)) return false;
    port = std::uint16_t(*to_u64(port_part));
  }
  out = host_part;
  return true;
}

}  // namespace gw::config::rules
