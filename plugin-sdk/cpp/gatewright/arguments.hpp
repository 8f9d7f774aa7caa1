// SPDX-License-Identifier: Apache-2.0
// Arguments as in a query or an urlencoded form: "a=1&b&c=". Over the raw bytes, so that a plugin
// which takes one away can leave all others as they were; and forms for who sends them. Decoded,
// "%6B" is "k" and "+" a space; a
// "%" that two hex digits don't follow stands for itself.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "gatewright/cpp/value.hpp"

namespace gw {

struct argument {
  view raw;          // all of it, without separators
  view name, value;  // not decoded; value is absent without a "="
};

namespace detail {
inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace detail

// Writes raw decoded to `to`, which has room for raw.size() bytes; answers how many they are.
inline size_t decode_to(view raw, char* to) {
  size_t n = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    const int high = raw[i] == '%' && i + 2 < raw.size() ? detail::hex_digit(raw[i + 1]) : -1;
    const int low = high < 0 ? -1 : detail::hex_digit(raw[i + 2]);
    if (low >= 0) {
      to[n++] = static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      to[n++] = raw[i] == '+' ? ' ' : raw[i];
    }
  }
  return n;
}

inline std::string decoded(view raw) {
  std::string out(raw.size(), '\0');
  out.resize(decode_to(raw, out.data()));
  return out;
}

inline bool has_name(const argument& a, view name) {
  return a.name == name || decoded(a.name) == name;
}

// Calls f(const argument&) for each, also for empty ones.
template <class F>
void for_each_argument(view arguments, const F& f) {
  for (size_t at = 0; at <= arguments.size();) {
    const size_t found = arguments.find('&', at);
    const size_t end = found == view::npos ? arguments.size() : found;
    const view raw = arguments.substr(at, end - at);
    const size_t equals = raw.find('=');
    const bool bare = equals == view::npos;
    f(argument{raw, raw.substr(0, equals), bare ? view() : raw.substr(equals + 1)});
    at = end + 1;
  }
}

// The other way: as application/x-www-form-urlencoded, which queries take, too. All bytes but
// RFC 3986's unreserved ones are escaped.
inline constexpr const char* form_type = "application/x-www-form-urlencoded";
inline void append_encoded(std::string& to, view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char low = static_cast<char>(byte | 0x20);
    if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || view("-._~").find(c) != view::npos)
      to += c;
    else
      to += {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
  }
}
inline std::string form(std::initializer_list<std::pair<view, view>> arguments) {
  std::string out;
  for (const auto& [name, value] : arguments) {
    if (!out.empty()) out += '&';
    append_encoded(out, name);
    append_encoded(out += '=', value);
  }
  return out;
}

}  // namespace gw
