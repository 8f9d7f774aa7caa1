// SPDX-License-Identifier: Apache-2.0
#include "config/rules.hpp"

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

bool is_label_text(std::string_view text) {
  return !text.empty() &&
         all(text, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_v6(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         all(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

bool is_port(std::string_view text) {
  const auto number = to_u64(text);
  return number && *number <= 65535;
}

}  // namespace

std::string name(std::string_view text) {
  const bool fine = !text.empty() && all(text, [](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '~' || (unsigned char)c >= 0x80;
  });
  return fine ? "" : "letters, digits, '.', '-', '_' and '~'";
}

std::string host(std::string_view text) {
  return is_label_text(text) || is_v6(text) ? "" : "a host name or an IP address, without a port";
}

std::string route_host(std::string_view text) {
  constexpr const char* k_expected =
      "a host name, perhaps with one '*' as its first or last label and a port";
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']') == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return k_expected;
    text = text.substr(0, colon);
  }
  if (text.starts_with("*."))
    text.remove_prefix(2);
  else if (text.ends_with(".*"))
    text.remove_suffix(2);
  return is_label_text(text) ? "" : k_expected;
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
  if (!text.starts_with('~')) return path(text);
  if (text.size() == 1) return "a regex behind the '~'";
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
  return !text.empty() && text.find_first_of(",/") == std::string_view::npos
             ? ""
             : "text without ',' and '/'";
}

bool split_target(std::string_view text, std::string& out, std::uint16_t& port) {
  std::string_view host_part = text, port_part;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host_part = text.substr(1, end - 1);
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
