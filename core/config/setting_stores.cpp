// SPDX-License-Identifier: Apache-2.0
#include "config/setting_stores.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "config/rules.hpp"
#include "config/schema.hpp"

namespace gw::config {

std::string as_text(const Given& given) {
  if (given.value == nullptr) return given.text;
  const Value& v = *given.value;
  if (v.is(Kind::string)) return v.string;
  return v.is(Kind::boolean) ? (v.boolean ? "on" : "off") : to_json(v);
}

std::string to_items(const Given& given, std::vector<Item>& out) {
  constexpr const char* k_expected = "an array of strings, or a comma-separated string";
  out.clear();
  if (given.value != nullptr && given.value->is(Kind::array)) {
    for (const Value& item : given.value->items) {
      given.at = &item;
      if (!item.is(Kind::string) || trim(item.string).empty()) return k_expected;
      out.push_back({std::string(trim(item.string)), &item});
    }
    given.at = nullptr;
  } else {
    if (given.value != nullptr && !given.value->is(Kind::string) && !given.value->is(Kind::boolean))
      return k_expected;
    const std::string text = as_text(given);  // the pieces borrow from it
    for (const auto piece : split(text, ','))
      if (!piece.empty()) out.push_back({std::string(piece), nullptr});
  }
  const auto is_off = [](const Item& item) { return iequals(item.text, "off"); };
  const auto off = std::find_if(out.begin(), out.end(), is_off);
  if (off == out.end()) return "";
  given.at = off->at;
  if (out.size() > 1) return "nothing beside off";
  given.at = nullptr;
  out.clear();
  return "";
}

// HTTP/2 in the clear would pass requests that nobody here has looked at.
std::string store_upgrades(const Given& given, Settings& into) {
  std::vector<Item> items;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  for (const auto& item : items) {
    given.at = item.at;
    if (iequals(item.text.substr(0, 3), "h2c") || iequals(item.text.substr(0, 4), "http"))
      return "protocols that are not HTTP: a tunnel of it would carry requests unseen";
  }
  return store_list<&Settings::upgrade_protocols>(given, into);
}

std::string store_dns_resolver(const Given& given, Settings& into) {
  std::vector<Item> items;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  std::vector<std::string> servers;
  for (const auto& item : items) {
    given.at = item.at;
    std::string address;
    std::uint16_t port = 0;
    in6_addr parsed{};
    if (!rules::split_target(item.text, address, port)) return "address, address:port or [v6]:port";
    const bool v6 = ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
    if (!v6 && ::inet_pton(AF_INET, address.c_str(), &parsed) != 1)
      return "IP addresses: who would look a name up?";
    servers.push_back(cat(v6 ? "[" : "", address, v6 ? "]:" : ":", port == 0 ? 53 : port));
  }
  into.dns_resolver = std::move(servers);
  return "";
}

std::string store_dns_order(const Given& given, Settings& into) {
  std::vector<Item> items;
  std::vector<std::string> order;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  for (const auto& item : items) {
    given.at = item.at;
    constexpr std::array<std::string_view, 5> k_known{"LAST", "SRV", "A", "AAAA", "CNAME"};
    const auto known = std::find_if(k_known.begin(), k_known.end(),
                                    [&](auto one) { return iequals(one, item.text); });
    if (known == k_known.end()) return "some of LAST, SRV, A, AAAA, CNAME";
    order.emplace_back(*known);
  }
  given.at = nullptr;
  const auto has = [&](std::string_view one) {
    return std::find(order.begin(), order.end(), one) != order.end();
  };
  if (!has("A") && !has("AAAA")) return "a list with A, AAAA, or both";
  into.dns_order = std::move(order);
  return "";
}

std::string store_workers(const Given& given, Settings& into) {
  if (as_text(given) == "auto") return into.workers = 0, "";
  return store_number<&Settings::workers, 1, 1024>(given, into).empty()
             ? ""
             : "auto, or a whole number from 1 to 1024";
}

std::string store_log_level(const Given& given, Settings& into) {
  auto level = log::parse_level(as_text(given));
  if (!level.ok()) return "debug, info, notice, warn or error";
  into.log_level = level.value();
  return "";
}

std::string store_cipher_suite(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  for (const auto known : {"modern", "intermediate", "old", "fips", "custom"})
    if (text == known) return into.ssl_cipher_suite = text, "";
  return "modern, intermediate, old, fips or custom";
}

// A range: versions between two that are allowed are allowed.
std::string store_ssl_protocols(const Given& given, Settings& into) {
  constexpr std::array<std::string_view, 4> k_versions{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
  constexpr std::string_view k_expected = "some of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, without gaps";
  const std::string text = as_text(given);
  std::uint32_t bits = 0;
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    const auto at = std::find(k_versions.begin(), k_versions.end(), word);
    if (at == k_versions.end()) return std::string(k_expected);
    bits |= 1u << unsigned(at - k_versions.begin());
  }
  const std::uint32_t lowest = bits & (~bits + 1);
  if (((bits + lowest) & bits) != 0) return std::string(k_expected);
  into.ssl_protocols = bits;
  return "";
}

std::string store_prefer_ciphers(const Given& given, Settings& into) {
  Settings read;
  if (trim(as_text(given)).empty()) return "";
  if (auto expected = store_switch<&Settings::supervisor>(given, read); !expected.empty())
    return expected;
  into.ssl_prefer_server_ciphers = read.supervisor;
  return "";
}

std::string store_verify_client(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  if (text == "off") return into.ssl_verify_client = VerifyClient::off, "";
  if (text == "optional") return into.ssl_verify_client = VerifyClient::optional, "";
  if (text == "on") return into.ssl_verify_client = VerifyClient::on, "";
  return "off, optional or on";
}

std::string store_path_trait(PathTrait trait, const Given& given, Settings& into) {
  const std::string text = as_text(given);
  if (text != "keep" && text != "refuse") return "keep or refuse";
  const unsigned others = into.refused_path_traits & ~unsigned(trait);
  into.refused_path_traits = std::uint8_t(text == "refuse" ? others | trait : others);
  return "";
}

std::string store_underscores(const Given& given, Settings& into) {
  static constexpr std::array<std::string_view, 3> k_names{"drop_known", "drop", "keep"};
  const auto found = std::find(k_names.begin(), k_names.end(), as_text(given));
  if (found == k_names.end()) return "drop_known, drop or keep";
  into.underscore_headers = Underscores(found - k_names.begin());
  return "";
}

std::string store_error_type(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  static constexpr std::array<std::pair<std::string_view, ErrorType>, 5> k_types{
      {{"text/plain", ErrorType::plain},
       {"application/json", ErrorType::json},
       {"text/html", ErrorType::html},
       {"application/xml", ErrorType::xml},
       {"application/problem+json", ErrorType::problem_json}}};
  for (const auto& [name, type] : k_types)
    if (text == name) return into.error_default_type = type, "";
  return "text/plain, application/json, text/html, application/xml or application/problem+json";
}

std::string store_headers(const Given& given, Settings& into) {
  using T = HeaderTokens;
  struct Token {
    std::string_view name;
    std::array<bool T::*, 3> flags;
  };
  static constexpr Token k_tokens[] = {
      {"server_tokens", {&T::server, &T::via}},
      {"latency_tokens", {&T::proxy_latency, &T::upstream_latency, &T::response_latency}},
      {"Server", {&T::server}},
      {"Via", {&T::via}},
      {"X-Kong-Upstream-Latency", {&T::upstream_latency}},
      {"X-Kong-Proxy-Latency", {&T::proxy_latency}},
      {"X-Kong-Response-Latency", {&T::response_latency}},
      {"X-Kong-Upstream-Status", {&T::upstream_status}},
      {"X-Kong-Request-Id", {&T::request_id}}};
  std::string expected;
  for (const auto& token : k_tokens) expected += cat(expected.empty() ? "" : ", ", token.name);
  expected = cat("off, or some of ", expected);
  std::vector<Item> items;
  if (!to_items(given, items).empty()) return expected;
  T t{false, false, false, false, false, false, false, into.headers.request_id_upstream};
  for (const auto& item : items) {
    given.at = item.at;
    const auto known =
        std::find_if(std::begin(k_tokens), std::end(k_tokens),
                     [&](const Token& token) { return iequals(token.name, item.text); });
    if (known == std::end(k_tokens)) return expected;
    for (const auto flag : known->flags)
      if (flag != nullptr) t.*flag = true;
  }
  into.headers = t;
  return "";
}

std::string store_headers_upstream(const Given& given, Settings& into) {
  const std::string text = lower(as_text(given));
  if (text != "off" && text != "x-kong-request-id") return "X-Kong-Request-Id or off";
  into.headers.request_id_upstream = text != "off";
  return "";
}

std::string store_port_maps(const Given& given, Settings& into) {
  constexpr const char* k_expected = "an array of seen:listened, such as 80:8000";
  std::vector<Item> items;
  if (!to_items(given, items).empty()) return k_expected;
  std::map<std::uint16_t, std::uint16_t> maps;
  for (const auto& item : items) {
    given.at = item.at;
    const auto parts = split(item.text, ':');
    const auto seen = parts.size() == 2 ? to_u64(parts[0]) : std::nullopt;
    const auto listened = parts.size() == 2 ? to_u64(parts[1]) : std::nullopt;
    if (!seen || !listened || *seen > 65535 || *listened > 65535) return k_expected;
    if (!maps.emplace(std::uint16_t(*listened), std::uint16_t(*seen)).second)
      return cat("port ", *listened, " once only");
  }
  into.port_maps = std::move(maps);
  return "";
}

// A block is an address, perhaps with the number of its first bits that count.
std::string store_trusted_ips(const Given& given, Settings& into) {
  std::vector<Item> items;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  std::vector<std::string> blocks;
  for (const auto& item : items) {
    given.at = item.at;
    const std::string_view text = item.text;
    if (text == "unix:") return "addresses: unix sockets are not supported yet";
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    const auto bits = slash == std::string_view::npos ? std::optional<std::uint64_t>(0)
                                                      : to_u64(text.substr(slash + 1));
    in6_addr parsed{};
    const bool v4 = ::inet_pton(AF_INET, address.c_str(), &parsed) == 1;
    const bool v6 = ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
    if ((!v4 && !v6) || !bits || *bits > (v6 ? 128u : 32u))
      return "addresses and blocks such as 10.0.0.0/8";
    blocks.push_back(item.text);
  }
  into.trusted_ips = std::move(blocks);
  return "";
}

std::string store_real_ip_header(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  if (iequals(text, "proxy_protocol"))
    return "a header's name; the flag proxy_protocol of a listener takes the client from there";
  if (!rules::header_name(text).empty()) return "a header's name: letters, digits, '-' and '_'";
  into.real_ip_header = text;
  return "";
}

std::string store_certificate_header(const Given& given, Settings& into) {
  const std::string text = as_text(given);
  if (!text.empty() && !rules::header_name(text).empty())
    return "a header's name: letters, digits, '-' and '_'";
  into.client_certificate_header = text;
  return "";
}

std::string store_plugins(const Given& given, Settings& into) {
  if (given.value == nullptr ? trim(given.text).empty()
                             : given.value->is(Kind::string) && given.value->string.empty())
    return "bundled, names or paths of plugins, or off";
  return store_list<&Settings::plugins>(given, into);
}

std::string store_phase_order(const Given& given, Settings& into) {
  constexpr const char* k_expected =
      "an object of phase names (rewrite, request, request_body, upstream, response, "
      "response_body, log) with arrays of plugin names; in text as JSON";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> k_phases{
      {{"rewrite", "rewrite"},
       {"request", "request"},
       {"access", "request"},
       {"request_body", "request_body"},
       {"upstream", "upstream"},
       {"response", "response"},
       {"header_filter", "response"},
       {"response_body", "response_body"},
       {"body_filter", "response_body"},
       {"log", "log"}}};
  Value parsed;
  const Value* order = given.value;
  if (order == nullptr || order->is(Kind::string)) {
    auto read = parse_json(as_text(given));
    if (!read.ok()) return k_expected;
    parsed = std::move(read).value();
    order = &parsed;
  }
  if (!order->is(Kind::object)) return k_expected;
  std::map<std::string, std::vector<std::string>> phases;
  std::map<std::string, std::vector<Location>> places;
  for (const Member& member : order->members) {
    if (given.value == order) given.at = &member.value;
    const auto known = std::find_if(k_phases.begin(), k_phases.end(),
                                    [&](const auto& p) { return p.first == member.name; });
    std::vector<Item> items;
    if (known == k_phases.end()) return cat(k_expected, "; \"", member.name, "\" is no phase");
    if (!to_items({&member.value, {}, nullptr}, items).empty()) return k_expected;
    const auto [phase, added] = phases.try_emplace(std::string(known->second));
    if (!added) return cat("the phase ", known->second, " once only");
    for (auto& item : items) {
      auto& names = phase->second;
      if (std::find(names.begin(), names.end(), item.text) != names.end())
        return cat("each plugin once in a phase; ", item.text, " stands twice in ", member.name);
      const bool placed = given.value == order && item.at != nullptr;
      places[phase->first].push_back(placed ? item.at->where : Location{});
      names.push_back(std::move(item.text));
    }
  }
  into.phase_order = std::move(phases);
  into.phase_order_places = std::move(places);
  return "";
}

}  // namespace gw::config
