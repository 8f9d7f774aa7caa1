// SPDX-License-Identifier: Apache-2.0
#include "echo.hpp"

#include <algorithm>

#include "gatewright/json_writer.hpp"
#include "gatewright/log_query.hpp"

namespace request_termination {
namespace {

// Names in lower case; a name that stands several times has an array.
void write_headers(gw::json_writer& json, gw::request r) {
  const auto fields = r.request_headers().fields();
  json.begin_object();
  for (const gw_field& field : fields) {
    const auto same = [&field](const gw_field& other) {
      return gw::same_name(gw::to_view(other.name), gw::to_view(field.name));
    };
    if (std::find_if(fields.begin(), fields.end(), same) != &field) continue;
    json.key_lower(gw::to_view(field.name));
    const bool several = std::count_if(&field, fields.end(), same) > 1;
    if (several) json.begin_array();
    for (const gw_field* at = &field; at != fields.end(); ++at)
      if (same(*at)) json.string(gw::to_view(at->value));
    if (several) json.end_array();
  }
  json.end_object();
}

// The name in a Host, without its port; an IPv6 address keeps its brackets.
gw::view host_name(gw::view host) {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  const bool has_port = colon != gw::view::npos && (bracket == gw::view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

template <std::size_t N>
void write_entity(gw::json_writer& json, const char (&key)[N], gw::view id, gw::view name) {
  if (gw::absent(id)) return;
  json.key(key);
  json.begin_object();
  json.member("id", id);
  if (gw::present(name)) json.member("name", name);
  json.end_object();
}

}  // namespace

gw::byte_buffer describe(gw::request r, gw::view message, gw::view body) {
  gw::byte_buffer out;
  gw::json_writer json(out, SIZE_MAX);
  json.begin_object();
  if (!message.empty()) json.member("message", message);
  json.key("request");
  json.begin_object();
  json.member("method", r.method());
  json.member("scheme", r.get(GW_SCHEME));
  json.member("host", host_name(r.get(GW_HOST)));
  json.member("port", r.number(GW_SERVER_PORT));
  json.member("path", r.path());
  json.key("query");
  write_log_query(json, r);
  json.key("headers");
  write_headers(json, r);
  if (gw::present(body)) json.member("raw_body", body);
  json.end_object();
  write_entity(json, "matched_route", r.get(GW_ROUTE_ID), r.get(GW_ROUTE_NAME));
  write_entity(json, "matched_service", r.get(GW_SERVICE_ID), r.get(GW_SERVICE_NAME));
  json.end_object();
  json.finish();
  return out;
}

}  // namespace request_termination
