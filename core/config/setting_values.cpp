// SPDX-License-Identifier: Apache-2.0
// The forms that settings' values have: durations, sizes, listeners.
#include <cmath>

#include "base/text.hpp"
#include "config/rules.hpp"
#include "config/settings_table.hpp"

namespace gw::config {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

bool parse_with_unit(std::string_view text, std::initializer_list<Unit> units, std::uint64_t bare,
                     std::uint64_t& out) {
  std::size_t digits = 0;
  while (digits < text.size() &&
         ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
    ++digits;
  const std::string_view number = text.substr(0, digits);
  const std::string unit = lower(trim(text.substr(digits)));
  double value = 0;
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || ec != std::errc{} || end != number.data() + number.size() || value > 1e15)
    return false;
  std::uint64_t factor = unit.empty() ? bare : 0;
  for (const Unit& known : units)
    if (unit == known.name) factor = known.factor;
  if (factor == 0) return false;
  // Beyond any time or memory that could be meant, and what 64 bits hold.
  if (value * double(factor) > 1e17) return false;
  out = std::uint64_t(std::llround(value * double(factor)));
  // What is too small to count must not turn into 0, which often means "no limit".
  return out > 0 || value == 0;
}

}  // namespace

bool parse_duration(std::string_view text, std::uint64_t& ms) {
  return parse_with_unit(
      text, {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}}, 1000, ms);
}

bool parse_size(std::string_view text, std::uint64_t& bytes) {
  return parse_with_unit(text,
                         {{"b", 1},
                          {"k", 1 << 10},
                          {"kb", 1 << 10},
                          {"m", 1 << 20},
                          {"mb", 1 << 20},
                          {"g", 1 << 30},
                          {"gb", 1 << 30}},
                         1, bytes);
}

std::string parse_listen(std::string_view text, Listen& into) {
  into = Listen{};
  into.text = text;
  bool first = true;
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    if (first) {
      first = false;
      std::string host;
      std::uint16_t port = 0;
      const bool has_port = word.find(':') != std::string_view::npos && !word.ends_with(']');
      if (!has_port || !rules::split_target(word, host, port))
        return "address:port, such as 127.0.0.1:8000, and flags";
      into.host = host;
      into.port = port;
    } else if (word == "reuseport") {
      into.reuseport = true;
    } else if (word == "ssl") {
      into.ssl = true;
    } else if (word == "proxy_protocol") {
      into.proxy_protocol = true;
    } else if (word.starts_with("backlog=")) {
      const auto backlog = to_u64(word.substr(8));
      if (!backlog || *backlog == 0 || *backlog > 1000000)
        return "backlog= with a number from 1 to 1000000";
      into.backlog = int(*backlog);
    } else if (word == "http2") {
      return "no flag \"http2\": HTTP/2 is not supported yet";
    } else {
      return cat("flags ssl, reuseport, proxy_protocol, backlog=N; \"", word,
                 "\" is not supported");
    }
  }
  return first ? "address:port, or off" : "";
}

}  // namespace gw::config
