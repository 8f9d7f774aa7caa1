// SPDX-License-Identifier: Apache-2.0
#include "routing/host.hpp"

#include "base/text.hpp"

namespace gw::routing {

namespace {

std::string_view trim_host(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > 2 && host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

HostPort split_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return {trim_host(text), -1};
  const bool bracketed = text.starts_with('[');
  if (bracketed ? text[colon - 1] != ']' : text.find(':') != colon) return {trim_host(text), -1};
  const auto digits = text.substr(colon + 1);
  if (digits.empty()) return {trim_host(text.substr(0, colon)), -1};
  const auto port = to_u64(digits);
  if (!port || *port > 65535) return {text, -1};
  return {trim_host(text.substr(0, colon)), std::int32_t(*port)};
}

HostPattern parse_host_pattern(std::string_view text) {
  const auto [host, port] = split_host_port(text);
  HostPattern out{HostPattern::Kind::exact, lower(host), port};
  if (out.text.starts_with('*')) {
    out.kind = HostPattern::Kind::suffix;
    out.text.erase(0, 1);
  } else if (out.text.ends_with('*')) {
    out.kind = HostPattern::Kind::prefix;
    out.text.pop_back();
  }
  return out;
}

bool matches_sni(const HostPattern& pattern, std::string_view name) {
  if (pattern.kind == HostPattern::Kind::exact) return iequals(name, pattern.text);
  if (name.size() <= pattern.text.size()) return false;
  const auto extra = name.size() - pattern.text.size();
  const bool suffix = pattern.kind == HostPattern::Kind::suffix;
  const auto fixed = suffix ? name.substr(extra) : name.substr(0, pattern.text.size());
  const auto label = suffix ? name.substr(0, extra) : name.substr(pattern.text.size());
  return iequals(fixed, pattern.text) && label.find('.') == label.npos;
}

}  // namespace gw::routing
