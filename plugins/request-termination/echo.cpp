// SPDX-License-Identifier: Apache-2.0
#include "echo.hpp"

#include "gatewright/arguments.hpp"
#include "json_text.hpp"

namespace request_termination {
namespace {

std::string quoted(gw::view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string lower_case(gw::view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

std::string headers_of(gw::request r) {
  Multimap out;
  for (const gw_field& f : r.request_headers().fields())
    out[lower_case(gw::to_view(f.name))].push_back(quoted(gw::to_view(f.value)));
  return to_json(out);
}

std::string query_of(gw::request r) {
  Multimap out;
  gw::for_each_argument(r.query(), [&out](const gw::argument& a) {
    if (a.raw.empty()) return;
    out[gw::decoded(a.name)].push_back(gw::absent(a.value) ? "true" : quoted(gw::decoded(a.value)));
  });
  return to_json(out);
}

// The name in a Host, without its port; an IPv6 address keeps its brackets.
gw::view host_name(gw::view host) {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  const bool has_port = colon != gw::view::npos && (bracket == gw::view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

std::string entity(gw::request r, uint32_t id, uint32_t name) {
  JsonObject out;
  if (gw::absent(r.get(id))) return {};
  out.text("id", r.get(id));
  if (gw::present(r.get(name))) out.text("name", r.get(name));
  return out.take();
}

}  // namespace

std::string describe(gw::request r, gw::view message, gw::view body) {
  JsonObject request;
  request.text("method", r.method())
      .text("scheme", r.get(GW_SCHEME))
      .text("host", host_name(r.get(GW_HOST)))
      .json("port", std::to_string(r.number(GW_SERVER_PORT)))
      .text("path", r.path())
      .json("query", query_of(r))
      .json("headers", headers_of(r));
  if (gw::present(body)) request.text("raw_body", body);
  JsonObject out;
  if (!message.empty()) out.text("message", message);
  out.json("request", request.take());
  const std::string route = entity(r, GW_ROUTE_ID, GW_ROUTE_NAME);
  const std::string service = entity(r, GW_SERVICE_ID, GW_SERVICE_NAME);
  if (!route.empty()) out.json("matched_route", route);
  if (!service.empty()) out.json("matched_service", service);
  return out.take();
}

}  // namespace request_termination
