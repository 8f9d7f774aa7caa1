// SPDX-License-Identifier: Apache-2.0
// Interned header names: every name that the gateway or a plugin cares about has a small number,
// given by the parser with one hash per field, so that nothing on the data path compares names.
// Names are added on the main thread while a configuration is made, and are never removed; looking
// up is lock-free.
#pragma once

#include <cstdint>
#include <string_view>

namespace gw::http {

// 0: not interned. Well-known names first, in the order of this enum; plugins' names follow.
enum class HeaderId : std::uint16_t {
  none = 0,
  host,
  connection,
  content_length,
  transfer_encoding,
  te,
  trailer,
  upgrade,
  keep_alive,
  proxy_connection,
  proxy_authenticate,
  http2_settings,
  proxy,
  expect,
  via,
  date,
  server,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_path,
  x_forwarded_prefix,
  x_real_ip,
  x_kong_request_id,
  x_kong_upstream_latency,
  x_kong_proxy_latency,
  x_kong_response_latency,
  x_kong_upstream_status,
  accept,
  content_type,
  origin,
  access_control_request_method,
  location,
  retry_after,
  allow,
  user_agent,
  accept_encoding,
  accept_language,
  authorization,
  cookie,
  referer,
  cache_control,
  etag,
  last_modified,
  set_cookie,
  vary,
  content_encoding,
  traceparent,
  tracestate,
  max_forwards,
  known_count
};

// The table as the data path reads it: header_names.cpp keeps it.
struct HeaderTable {
  const std::string_view* names;  // by id
  std::uint16_t count;
};
extern HeaderTable g_header_table;

// Number of names interned, with the well-known ones; ids are below it.
inline std::uint16_t header_count() { return g_header_table.count; }
// HeaderId::none when the name is not interned. Any case. Lock-free.
HeaderId find_header(std::string_view name);
// Finds or adds. HeaderId::none when `name` is no token (RFC 9110 5.6.2), is longer than 256 bytes,
// or the table (4,000 names) is full. Main thread only.
HeaderId intern_header(std::string_view name);
// The name as it was first interned: "Content-Type". REQUIRES: id is not none.
inline std::string_view header_name(HeaderId id) { return g_header_table.names[std::uint16_t(id)]; }

// token: RFC 9110 5.6.2. token_size: how many bytes at the start can be in one.
std::size_t token_size(std::string_view text);
bool is_token(std::string_view text);
// No CR, LF, NUL or other control bytes but HTAB.
bool is_field_value(std::string_view text);

}  // namespace gw::http
