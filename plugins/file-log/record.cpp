// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include "json_writer.hpp"

namespace file_log {

namespace {

// Kong's one workspace.
constexpr std::string_view k_workspace = "0dc6f45b-8f8d-40d2-a504-473544ee190b";

bool same_name(gw::view a, gw::view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (fold(a[i]) != fold(b[i])) return false;
  }
  return true;
}

bool is_secret(gw::view name) {
  return same_name(name, "authorization") || same_name(name, "proxy-authorization");
}

// Names in lower case; several values of one name as an array.
void write_headers(JsonWriter& json, gw::headers headers) {
  const auto fields = headers.fields();
  json.begin_object();
  for (const gw_field* field = fields.begin(); field != fields.end(); ++field) {
    const gw::view name = gw::to_view(field->name);
    // Names that are interned are the same by their number.
    const auto same = [&](const gw_field& other) {
      if (other.name.n != field->name.n || other.id != field->id) return false;
      return field->id != 0 || same_name(gw::to_view(other.name), name);
    };
    const gw_field* earlier = fields.begin();
    while (earlier != field && !same(*earlier)) ++earlier;
    if (earlier != field) continue;
    std::uint32_t count = 0;
    for (const gw_field* f = field; f != fields.end(); ++f) count += same(*f) ? 1 : 0;
    json.key_text(name, true);
    if (count > 1) json.begin_array();
    for (const gw_field* f = field; f != fields.end(); ++f)
      if (same(*f)) json.string(is_secret(name) ? "REDACTED" : gw::to_view(f->value));
    if (count > 1) json.end_array();
  }
  json.end_object();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// Decoded in the request's memory.
gw::view decode(gw::request r, gw::view text) {
  if (text.find_first_of("%+") == gw::view::npos) return text;
  auto* out = static_cast<char*>(r.alloc(text.size() + 1, 1));
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (escape) {
      out[n++] = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out[n++] = text[i] == '+' ? ' ' : text[i];
    }
  }
  return {out, n};
}

struct Argument {
  gw::view name, value;
  bool bare;
};

// The next argument of a query; false when there is none.
bool next_argument(gw::view& rest, Argument& out) {
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const gw::view pair = rest.substr(0, end);
    rest.remove_prefix(end == gw::view::npos ? rest.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    out = {pair.substr(0, equals), equals == gw::view::npos ? gw::view{} : pair.substr(equals + 1),
           equals == gw::view::npos};
    return true;
  }
  return false;
}

void write_argument(JsonWriter& json, gw::request r, const Argument& argument) {
  if (argument.bare)
    json.boolean(true);
  else
    json.string(decode(r, argument.value));
}

void write_query(JsonWriter& json, gw::request r) {
  constexpr int k_max_arguments = 100;  // as Kong reads
  json.begin_object();
  gw::view rest = r.query();
  Argument argument;
  for (int i = 0; i < k_max_arguments && next_argument(rest, argument); ++i) {
    bool seen = false, again = false;
    Argument other;
    for (gw::view all = r.query(); next_argument(all, other);) {
      if (other.name.data() == argument.name.data()) break;
      seen = seen || other.name == argument.name;
    }
    if (seen) continue;
    for (gw::view later = rest; next_argument(later, other);)
      again = again || other.name == argument.name;
    json.key_text(decode(r, argument.name), false);
    if (again) json.begin_array();
    write_argument(json, r, argument);
    for (gw::view later = rest; again && next_argument(later, other);)
      if (other.name == argument.name) write_argument(json, r, other);
    if (again) json.end_array();
  }
  json.end_object();
}

void write_request(JsonWriter& json, gw::request r) {
  const gw::view target = r.get(GW_RAW_TARGET);
  json.key("request");
  json.begin_object();
  json.member("id", r.get(GW_REQUEST_ID));
  json.member("method", r.method());
  json.member("uri", target);
  json.member("url", gw::join(r.get(GW_FORWARDED_SCHEME), "://", r.get(GW_FORWARDED_HOST), ":",
                              std::to_string(r.number(GW_FORWARDED_PORT)), target));
  json.key("querystring");
  write_query(json, r);
  json.key("headers");
  write_headers(json, r.request_headers());
  json.member("size", r.number(GW_BYTES_IN));
  json.end_object();
}

void write_response(JsonWriter& json, gw::request r) {
  json.key("response");
  json.begin_object();
  json.member("status", r.status());
  json.key("headers");
  write_headers(json, r.response());
  json.member("size", r.number(GW_BYTES_OUT));
  json.end_object();
}

std::int64_t to_ms(std::int64_t ns) { return ns > 0 ? ns / 1000000 : 0; }

void write_latencies(JsonWriter& json, gw::request r) {
  const std::int64_t total = r.number(GW_NS_TOTAL), sent = r.number(GW_NS_UPSTREAM_SENT),
                     head = r.number(GW_NS_UPSTREAM_HEAD);
  const bool proxied = head >= 0;
  json.key("latencies");
  json.begin_object();
  json.member("request", to_ms(total));
  json.member("kong", to_ms(sent >= 0 ? sent : total));
  json.member("proxy", proxied ? to_ms(head - sent) : -1);
  json.member("receive", proxied ? to_ms(total - head) : 0);
  json.end_object();
}

void write_tries(JsonWriter& json, gw::request r) {
  const std::int64_t start = r.number(GW_START_UNIX_NS);
  json.key("tries");
  json.begin_array();
  for (const gw_attempt& attempt : r.attempts()) {
    json.begin_object();
    json.member("ip", gw::to_view(attempt.ip));
    json.member("port", attempt.port);
    json.member("balancer_start", (start + static_cast<std::int64_t>(attempt.start_ns)) / 1000000);
    json.member("balancer_start_ns", start + static_cast<std::int64_t>(attempt.start_ns));
    json.member("balancer_latency", static_cast<std::int64_t>(attempt.connect_ns / 1000000));
    json.member("balancer_latency_ns", static_cast<std::int64_t>(attempt.connect_ns));
    if (attempt.state != GW_OK)
      json.member("state", attempt.state == GW_E_TIMEOUT ? "timeout" : "failed");
    if (attempt.status != 0) json.member("code", attempt.status);
    json.end_object();
  }
  json.end_array();
}

void write_named(JsonWriter& json, std::string_view key, gw::view id, gw::view name) {
  if (id.empty()) return;
  json.key(key);
  json.begin_object();
  json.member("id", id);
  if (!name.empty()) json.member("name", name);
  json.end_object();
}

void write_identity(JsonWriter& json, const gw_identity* identity) {
  if (identity == nullptr) return;
  if (identity->credential_id.p != nullptr) {
    json.key("authenticated_entity");
    json.begin_object();
    json.member("id", gw::to_view(identity->credential_id));
    json.end_object();
  }
  if (identity->consumer == nullptr) return;
  json.key("consumer");
  json.begin_object();
  json.member("id", gw::to_view(identity->consumer->id));
  if (identity->consumer->username.p != nullptr)
    json.member("username", gw::to_view(identity->consumer->username));
  if (identity->consumer->custom_id.p != nullptr)
    json.member("custom_id", gw::to_view(identity->consumer->custom_id));
  json.end_object();
}

void write_custom(JsonWriter& json, gw::request r, const Config& config) {
  for (const CustomField& field : config.custom_fields) {
    std::string text;
    for (const Piece& piece : field.pieces) {
      if (piece.kind == Piece::Kind::text)
        text += piece.text;
      else
        text += piece.kind == Piece::Kind::request_header ? r.header(piece.header)
                                                          : r.response().header(piece.header);
    }
    json.key_text(field.name, false);
    json.string(text);
  }
}

}  // namespace

void append_record(std::string& out, gw::request r, gw::slot<gw_identity> identity,
                   const Config& config) {
  JsonWriter json(out);
  json.begin_object();
  write_request(json, r);
  write_response(json, r);
  if (const gw::view path = r.get(GW_UPSTREAM_PATH); !path.empty()) {
    const bool query = r.query().data() != nullptr;
    json.member("upstream_uri", query ? gw::view(gw::join(path, "?", r.query())) : path);
  }
  if (const std::int64_t status = r.number(GW_UPSTREAM_STATUS); status > 0)
    json.member("upstream_status", std::to_string(status));
  write_latencies(json, r);
  write_tries(json, r);
  write_named(json, "route", r.get(GW_ROUTE_ID), r.get(GW_ROUTE_NAME));
  write_named(json, "service", r.get(GW_SERVICE_ID), r.get(GW_SERVICE_NAME));
  write_identity(json, r.get(identity));
  json.member("client_ip", r.client_ip());
  json.member("started_at", r.number(GW_START_UNIX_NS) / 1000000);
  json.member("source", r.flag(GW_F_LOCAL_REPLY) ? "kong" : "upstream");
  json.member("workspace", k_workspace);
  json.member("workspace_name", "default");
  write_custom(json, r, config);
  json.end_object();
  out += '\n';
}

}  // namespace file_log
