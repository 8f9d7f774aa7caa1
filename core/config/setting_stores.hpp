// SPDX-License-Identifier: Apache-2.0
// How each kind of setting is read from a value of the file or from text (environment, flags) into
// the settings. Internal to the settings table.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/text.hpp"
#include "config/settings.hpp"
#include "config/settings_table.hpp"
#include "config/value.hpp"

namespace gw::config {

// A value from wherever it comes: the tree, or text of the environment or a flag.
struct Given {
  const Value* value = nullptr;
  std::string text;                   // when value is null
  mutable const Value* at = nullptr;  // the element of a list that is wrong; null: all of it
};

// Writes the value into the settings; what is expected when it does not fit, else empty.
using Store = std::string (*)(const Given&, Settings&);

std::string as_text(const Given& given);

struct Item {
  std::string text;
  const Value* at = nullptr;  // null: not from an array
};
// An array of strings, or text with commas. `off` alone is an empty list. What is expected when it
// is neither, else empty.
std::string to_items(const Given& given, std::vector<Item>& out);

template <auto Member>
std::string store_switch(const Given& given, Settings& into) {
  const std::string text = lower(as_text(given));
  if (text == "on" || text == "true" || text == "yes") return into.*Member = true, "";
  if (text == "off" || text == "false" || text == "no") return into.*Member = false, "";
  return "on or off";
}

template <auto Member, bool ZeroAllowed>
std::string store_duration(const Given& given, Settings& into) {
  std::uint64_t ms = 0;
  constexpr std::string_view k_form = "a duration: seconds, or with a unit such as 500ms, 2s, 1m";
  if (!parse_duration(as_text(given), ms)) return std::string(k_form);
  if (!ZeroAllowed && ms == 0) return "a duration above 0";
  into.*Member = ms;
  return "";
}

template <auto Member, std::uint64_t Low, std::uint64_t High>
std::string store_size(const Given& given, Settings& into) {
  std::uint64_t bytes = 0;
  if (!parse_size(as_text(given), bytes) || bytes < Low || bytes > High)
    return cat("a size from ", Low, " to ", High, " bytes, perhaps with a unit such as 8k, 1m");
  into.*Member = std::remove_reference_t<decltype(into.*Member)>(bytes);
  return "";
}

template <auto Member, std::uint64_t Low, std::uint64_t High>
std::string store_number(const Given& given, Settings& into) {
  const auto number = to_u64(as_text(given));
  if (!number || *number < Low || *number > High)
    return cat("a whole number from ", Low, " to ", High);
  into.*Member = std::remove_reference_t<decltype(into.*Member)>(*number);
  return "";
}

template <auto Member>
std::string store_text(const Given& given, Settings& into) {
  if (given.value != nullptr && !given.value->is(Kind::string)) return "a string";
  into.*Member = as_text(given);
  return "";
}

template <auto Member>
std::string store_list(const Given& given, Settings& into) {
  std::vector<Item> items;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  (into.*Member).clear();
  for (auto& item : items) (into.*Member).push_back(std::move(item.text));
  return "";
}

template <auto Member>
std::string store_listen(const Given& given, Settings& into) {
  std::vector<Item> items;
  if (auto expected = to_items(given, items); !expected.empty()) return expected;
  if (items.empty() && trim(as_text(given)).empty()) return "address:port, or off";
  std::vector<Listen> listens;
  for (const auto& item : items) {
    Listen listen;
    given.at = item.at;
    if (const auto expected = parse_listen(item.text, listen); !expected.empty()) return expected;
    listens.push_back(std::move(listen));
  }
  into.*Member = std::move(listens);
  return "";
}

std::string store_plugins(const Given& given, Settings& into);
std::string store_dns_resolver(const Given& given, Settings& into);
std::string store_dns_order(const Given& given, Settings& into);
std::string store_upgrades(const Given& given, Settings& into);
std::string store_workers(const Given& given, Settings& into);
std::string store_log_level(const Given& given, Settings& into);
std::string store_error_type(const Given& given, Settings& into);
std::string store_path_trait(PathTrait trait, const Given& given, Settings& into);
template <PathTrait Trait>
std::string store_path_trait(const Given& given, Settings& into) {
  return store_path_trait(Trait, given, into);
}
std::string store_cipher_suite(const Given& given, Settings& into);
std::string store_ssl_protocols(const Given& given, Settings& into);
std::string store_prefer_ciphers(const Given& given, Settings& into);
std::string store_verify_client(const Given& given, Settings& into);
std::string store_underscores(const Given& given, Settings& into);
std::string store_real_ip_header(const Given& given, Settings& into);
std::string store_certificate_header(const Given& given, Settings& into);
std::string store_trusted_ips(const Given& given, Settings& into);
std::string store_headers(const Given& given, Settings& into);
std::string store_headers_upstream(const Given& given, Settings& into);
std::string store_port_maps(const Given& given, Settings& into);
// An object, or its JSON as text.
std::string store_phase_order(const Given& given, Settings& into);

}  // namespace gw::config
