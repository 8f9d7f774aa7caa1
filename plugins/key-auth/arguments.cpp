// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <algorithm>

namespace key_auth {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const int high = raw[i] == '%' && i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(raw[i + 2]);
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += raw[i] == '+' ? ' ' : raw[i];
    }
  }
  return out;
}

// Calls f(piece, name, value, whether there is no "=") for each piece between separators.
template <class F>
void for_each(std::string_view arguments, const F& f) {
  for (std::size_t at = 0; at <= arguments.size();) {
    const std::size_t end = std::min(arguments.find('&', at), arguments.size());
    const std::string_view piece = arguments.substr(at, end - at);
    const std::size_t equals = piece.find('=');
    const bool bare = equals == std::string_view::npos;
    f(piece, piece.substr(0, equals), bare ? std::string_view() : piece.substr(equals + 1), bare);
    at = end + 1;
  }
}

bool same_name(std::string_view raw, std::string_view name) {
  return raw == name || decoded(raw) == name;
}

}  // namespace

Finding find_argument(std::string_view arguments, std::string_view name) {
  Finding found;
  for_each(arguments, [&](auto, auto raw_name, auto value, bool bare) {
    if (!same_name(raw_name, name)) return;
    if (bare)
      found.add(Finding::Kind::other);
    else
      found.add(Finding::Kind::text, decoded(value));
  });
  return found;
}

std::string without_argument(std::string_view arguments, std::string_view name) {
  std::string out;
  bool first = true;
  for_each(arguments, [&](auto piece, auto raw_name, auto, bool) {
    if (same_name(raw_name, name)) return;
    if (!first) out += '&';
    first = false;
    out += piece;
  });
  return out;
}

}  // namespace key_auth
