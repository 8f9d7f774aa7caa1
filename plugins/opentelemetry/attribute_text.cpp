// SPDX-License-Identifier: Apache-2.0
#include "attribute_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace otel {
namespace {

constexpr std::string_view k_replacement = "\xef\xbf\xbd";

bool is_ascii(std::string_view text) {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, 8);
    seen |= eight;
  }
  for (; i < text.size(); ++i) seen |= std::uint8_t(text[i]);
  return (seen & 0x8080808080808080ULL) == 0;
}

bool is_continuation(char c) { return (std::uint8_t(c) & 0xc0) == 0x80; }

// Length of the well-formed sequence at the start (Unicode, table 3-7), 0 when there is none.
std::size_t sequence_size(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? std::uint8_t(text[i]) : 0; };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < size) return 0;
  const int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < lowest || at(1) > highest) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t n = sequence_size(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

// Steps back over at most three continuation bytes, so that no sequence is cut in two.
std::string_view cut(std::string_view text) {
  if (text.size() <= k_attribute_limit) return text;
  std::size_t end = k_attribute_limit;
  while (end > k_attribute_limit - 4 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

bool is_secret(std::string_view key) {
  constexpr std::array<std::string_view, 4> k_keys{"AWSAccessKeyId", "Signature", "sig",
                                                   "X-Goog-Signature"};
  return std::find(k_keys.begin(), k_keys.end(), key) != k_keys.end();
}

}  // namespace

std::string_view clean_text(std::string_view text, std::string& scratch) {
  text = cut(text);
  if (is_ascii(text) || is_utf8(text)) return text;
  scratch.clear();
  while (!text.empty()) {
    const std::size_t n = sequence_size(text);
    const std::string_view piece = n == 0 ? k_replacement : text.substr(0, n);
    if (scratch.size() + piece.size() > k_attribute_limit) break;
    scratch.append(piece);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return scratch;
}

void append_redacted_query(std::string& out, std::string_view query) {
  while (true) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && is_secret(pair.substr(0, equals))) {
      out.append(pair.substr(0, equals + 1)).append("REDACTED");
    } else {
      out.append(pair);
    }
    if (end == std::string_view::npos) return;
    out.push_back('&');
    query.remove_prefix(end + 1);
  }
}

HostPort split_host(std::string_view authority) {
  HostPort result{authority, -1};
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return result;
    result.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else if (const auto colon = authority.find(':');
             colon != std::string_view::npos && colon == authority.rfind(':')) {
    result.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (!port.starts_with(':')) return result;
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data() + 1, port.data() + port.size(), number);
  if (read.ec == std::errc{} && read.ptr == port.data() + port.size()) result.port = number;
  return result;
}

}  // namespace otel
