// SPDX-License-Identifier: Apache-2.0
#include "proxy/hash_input.hpp"

#include <gatewright/host/consumer.h>

#include <algorithm>
#include <vector>

#include "base/random.hpp"
#include "base/text.hpp"
#include "plugin/request_values.hpp"
#include "plugin/slots.hpp"
#include "upstream/algorithm.hpp"

namespace gw::proxy {

namespace {

// Up to the mark, which goes with it.
std::string_view next_piece(std::string_view& rest, char mark) {
  const auto end = std::min(rest.find(mark), rest.size());
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return piece;
}

// The consumer, or the credential of one who has none.
std::string_view consumer_of(const Exchange& x) {
  if (x.seen.slot_count <= plugin::k_consumer_slot) return {};
  const auto* identity =
      static_cast<const gw_identity*>(x.seen.slots[plugin::k_consumer_slot].value);
  if (identity == nullptr) return {};
  if (identity->consumer != nullptr) return plugin::from_abi(identity->consumer->id);
  return plugin::from_abi(identity->credential_id);
}

// Several values become one text; one is borrowed.
std::string_view header_of(Exchange& x, std::string_view name) {
  std::string_view out;
  for (const http::Field& field : x.request.fields) {
    if (field.removed() || !iequals(field.name(), name)) continue;
    out = out.empty() ? field.value() : x.arena.copy(cat(out, ", ", field.value()));
  }
  return out;
}

std::string_view cookie_of(const Exchange& x, std::string_view name) {
  for (const http::Field& field : x.request.fields) {
    if (field.removed() || !iequals(field.name(), "cookie")) continue;
    std::string_view rest = field.value();
    while (!rest.empty()) {
      const auto pair = next_piece(rest, ';');
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == name)
        return trim(pair.substr(equals + 1));
    }
  }
  return {};
}

// Sorted, so that their order does not matter; a name alone counts as "true".
std::string_view argument_of(Exchange& x, std::string_view name) {
  std::string_view one;
  std::vector<std::string_view> all;  // when there are several
  std::string_view rest = x.seen.facts.query;
  while (!rest.empty()) {
    const auto pair = next_piece(rest, '&');
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    const auto value = equals == std::string_view::npos ? "true" : pair.substr(equals + 1);
    if (one.data() != nullptr && all.empty()) all.push_back(one);
    if (!all.empty()) all.push_back(value);
    one = value;
  }
  if (all.empty()) return one;
  std::sort(all.begin(), all.end());
  std::string joined;
  for (const auto value : all) joined += cat(joined.empty() ? "" : ",", value);
  return x.arena.copy(joined);
}

std::string_view capture_of(const Exchange& x, std::string_view name) {
  for (std::uint32_t i = 0; i < x.match.capture_count; ++i)
    if (x.match.captures[i].name == name || cat(i) == name) return x.match.captures[i].value;
  return {};
}

// A uuid (RFC 9562, version 4).
std::string_view make_cookie(Exchange& x) {
  std::uint8_t bytes[16];
  thread_random().fill(bytes, sizeof bytes);
  bytes[6] = std::uint8_t((bytes[6] & 0x0F) | 0x40);
  bytes[8] = std::uint8_t((bytes[8] & 0x3F) | 0x80);
  char hex[32];
  hex_into(hex, bytes, sizeof bytes);
  const std::string_view all(hex, sizeof hex);
  return x.arena.copy(cat(all.substr(0, 8), "-", all.substr(8, 4), "-", all.substr(12, 4), "-",
                          all.substr(16, 4), "-", all.substr(20)));
}

std::string_view input_of(Exchange& x, const config::HashOn& on) {
  switch (on.input) {
    case config::HashInput::consumer:
      return consumer_of(x);
    case config::HashInput::ip:
      return x.seen.facts.client_ip;
    case config::HashInput::header:
      return header_of(x, on.name);
    case config::HashInput::cookie: {
      const auto sent = cookie_of(x, on.name);
      if (sent.empty()) x.new_cookie = make_cookie(x);
      return sent.empty() ? x.new_cookie : sent;
    }
    case config::HashInput::path:
      return x.seen.facts.path;
    case config::HashInput::query_arg:
      return argument_of(x, on.name);
    case config::HashInput::uri_capture:
      return capture_of(x, on.name);
    case config::HashInput::none:
      break;
  }
  return {};
}

}  // namespace

std::uint64_t hash_of(Exchange& x, const config::Upstream& upstream) {
  std::string_view input = input_of(x, upstream.hash_on);
  if (input.empty()) input = input_of(x, upstream.hash_fallback);
  return upstream::ring_hash(input);
}

std::string_view set_cookie(Exchange& x, const config::Upstream& upstream) {
  const bool by_fallback = upstream.hash_on.input != config::HashInput::cookie;
  const auto& on = by_fallback ? upstream.hash_fallback : upstream.hash_on;
  const bool secure = x.seen.facts.forwarded_scheme == "https";
  return x.arena.copy(cat(on.name, "=", x.new_cookie, "; Path=", upstream.hash_cookie_path,
                          "; HttpOnly; SameSite=Lax", secure ? "; Secure" : ""));
}

}  // namespace gw::proxy
