// SPDX-License-Identifier: Apache-2.0
// log_record: one request as a JSON object, as Kong's log serializer makes it; for plugins that
// log. Made once in an instance's constructor, used in on_log:
//
//   explicit my_log(gw::config c) : record(c) {}
//   void on_log(gw::request r) const {
//     record.append(r.worker_state<state>().line, r);
//   }
//
// Members: request {id, method, uri, url, querystring, headers, size}, response {status, headers,
// size}, upstream_uri, upstream_status, latencies {request, kong, proxy, receive} in ms, tries,
// route, service, consumer and authenticated_entity as far as there are any, client_ip, started_at
// in ms, source ("upstream", or "kong" for an answer of the gateway's own), workspace,
// workspace_name, what plugins added (log_value.hpp), and the fields of log_fields.hpp. Names of
// headers are in lower case; a name that stands several times has an array. Authorization and
// Proxy-Authorization read REDACTED. Texts over json_writer::default_longest bytes are cut.
//
// In steady state a record allocates nothing but in the request's own memory.
#pragma once

#include "gatewright/json_pen.hpp"
#include "gatewright/log_fields.hpp"
#include "gatewright/log_headers.hpp"
#include "gatewright/log_query.hpp"

namespace gw {

class log_record {
 public:
  // Throws config_error for custom fields that can't be.
  explicit log_record(const config& c)
      : fields_(c),
        headers_(c),
        identity_(c.slot<gw_identity>(GW_SLOT_CONSUMER)),
        values_(c.slot<gw_log_field>(GW_SLOT_LOG)) {}

  // Appends the object, without a line end. In the log phase.
  void append(byte_buffer& out, request r) const {
    const attempt_list attempts = r.attempts();
    json_writer json(out);
    json.begin_object();
    write_request(json, r);
    write_upstream(json, r, attempts);
    write_response(json, r);
    write_latencies(json, r);
    write_tries(json, r, attempts);
    write_identity(json, r.get(identity_));
    write_entities(json, r);
    write_origin(json, r);
    write_values(json, r.get(values_));
    fields_.write(json, log_fields::root, r);
    json.end_object();
    json.finish();
  }

 private:
  static constexpr int64_t ns_per_ms = 1000000;
  static int64_t to_ms(int64_t ns) { return ns > 0 ? ns / ns_per_ms : 0; }
  static int64_t to_signed(uint64_t n) { return static_cast<int64_t>(n); }

  void write_request(json_writer& json, request r) const {
    const view target = r.get(GW_RAW_TARGET);
    write_request_line(json, r, target);
    write_log_query(json, r);
    json.key("headers");
    headers_.write(json, r.request_headers(), fields_);
    json.member("size", r.number(GW_BYTES_IN));
    fields_.write(json, log_fields::request_object, r);
    json.end_object();
  }

  // The url is of the connection and the Host field, whatever a proxy before says: as Kong.
  static void write_request_line(json_writer& json, request r, view target) {
    const view id = r.get(GW_REQUEST_ID), method = r.method(), scheme = r.get(GW_SCHEME),
               host = name_of_host(r.get(GW_HOST));
    json_pen pen(json, json_pen::texts(id, method, target, scheme, host, target) + 128);
    pen.literal(R"("request":{"id":")").text(id).literal(R"(","method":")").text(method);
    pen.literal(R"(","uri":")").text(target).literal(R"(","url":")").text(scheme);
    pen.literal("://").lower(host).literal(":").integer(r.number(GW_SERVER_PORT)).text(target);
    pen.literal(R"(","querystring":)");
  }
  static view name_of_host(view host) {
    const size_t colon = host.rfind(':');
    const bool has_port = colon != view::npos && host.find(']', colon) == view::npos;
    return has_port ? host.substr(0, colon) : host;
  }

  // upstream_status is text, as in Kong: one status for each attempt.
  static void write_upstream(json_writer& json, request r, const attempt_list& attempts) {
    const view path = r.get(GW_UPSTREAM_PATH), query = r.query();
    json_pen pen(json, json_pen::texts(path, query) + 64 + attempts.n * 24);
    pen.literal(R"("upstream_uri":")").text(path);
    if (!path.empty() && present(query)) pen.literal("?").text(query);
    pen.literal(R"(","upstream_status":")");
    for (uint32_t i = 0; i < attempts.n; ++i) {
      if (i > 0) pen.literal(", ");
      pen.integer(status_of(attempts.items[i]));
    }
    pen.literal("\",");
  }
  // An attempt without an answer counts as what the client would have been told.
  static int64_t status_of(const gw_attempt& attempt) {
    if (attempt.status > 0) return attempt.status;
    return attempt.state == GW_E_TIMEOUT ? 504 : 502;
  }

  void write_response(json_writer& json, request r) const {
    json.literal(R"("response":{"status":)");
    json.add_integer(r.status());
    json.literal(R"(,"headers":)");
    headers_.write(json, r.response(), fields_);
    json.member("size", r.number(GW_BYTES_OUT));
    fields_.write(json, log_fields::response_object, r);
    json.end_object();
  }

  void write_latencies(json_writer& json, request r) const {
    const int64_t total = r.number(GW_NS_TOTAL), sent = r.number(GW_NS_UPSTREAM_SENT),
                  head = r.number(GW_NS_UPSTREAM_HEAD);
    const bool proxied = head >= 0;
    {
      json_pen pen(json, 160);
      pen.literal(R"("latencies":{"request":)").integer(to_ms(total));
      pen.literal(R"(,"kong":)").integer(to_ms(sent >= 0 ? sent : total));
      pen.literal(R"(,"proxy":)").integer(proxied ? to_ms(head - sent) : -1);
      pen.literal(R"(,"receive":)").integer(proxied ? to_ms(total - head) : 0).literal(",");
    }
    fields_.write(json, log_fields::latencies, r);
    json.end_object();
  }

  static void write_tries(json_writer& json, request r, const attempt_list& attempts) {
    const int64_t start = r.number(GW_START_UNIX_NS);
    json.literal(R"("tries":[)");
    for (const gw_attempt& attempt : attempts) {
      const int64_t begin = start + to_signed(attempt.start_ns);
      const int64_t connect = to_signed(attempt.connect_ns);
      const view ip = to_view(attempt.ip);
      json_pen pen(json, json_pen::texts(ip) + 320);
      pen.literal(R"({"ip":")").text(ip).literal(R"(","port":)").integer(attempt.port);
      pen.literal(R"(,"balancer_start":)").integer(begin / ns_per_ms);
      pen.literal(R"(,"balancer_start_ns":)").integer(begin);
      pen.literal(R"(,"balancer_latency":)").integer(connect / ns_per_ms);
      pen.literal(R"(,"balancer_latency_ns":)").integer(connect);
      if (attempt.state != GW_OK)
        pen.literal(R"(,"state":"failed","code":)").integer(status_of(attempt));
      pen.literal("},");
    }
    json.end_array();
  }

  static void write_entities(json_writer& json, request r) {
    const view route = r.get(GW_ROUTE_ID), route_name = r.get(GW_ROUTE_NAME);
    const view service = r.get(GW_SERVICE_ID), service_name = r.get(GW_SERVICE_NAME);
    json_pen pen(json, json_pen::texts(route, route_name, service, service_name) + 80);
    if (!route.empty()) write_entity(pen.literal(R"("route":{"id":")"), route, route_name);
    if (!service.empty()) write_entity(pen.literal(R"("service":{"id":")"), service, service_name);
  }
  // Behind `{"id":"`.
  static void write_entity(json_pen& pen, view id, view name) {
    pen.text(id);
    if (!name.empty()) pen.literal(R"(","name":")").text(name);
    pen.literal("\"},");
  }

  static void write_identity(json_writer& json, const gw_identity* identity) {
    if (identity == nullptr) return;
    const view credential = to_view(identity->credential_id);
    json_pen pen(json, json_pen::texts(credential) + consumer_room(identity->consumer) + 160);
    if (present(credential))
      pen.literal(R"("authenticated_entity":{"id":")").text(credential).literal("\"},");
    const gw_consumer* consumer = identity->consumer;
    if (consumer == nullptr) return;
    pen.literal(R"("consumer":{"id":")").text(to_view(consumer->id));
    const view username = to_view(consumer->username), custom_id = to_view(consumer->custom_id);
    if (present(username)) pen.literal(R"(","username":")").text(username);
    if (present(custom_id)) pen.literal(R"(","custom_id":")").text(custom_id);
    pen.literal("\"},");
  }
  static size_t consumer_room(const gw_consumer* consumer) {
    if (consumer == nullptr) return 0;
    return json_pen::texts(to_view(consumer->id), to_view(consumer->username),
                           to_view(consumer->custom_id));
  }

  static void write_values(json_writer& json, const gw_log_field* first) {
    for (const gw_log_field* field = first; field != nullptr; field = field->next) {
      const gw_log_field* newer = first;
      while (newer != field && to_view(newer->name) != to_view(field->name)) newer = newer->next;
      if (newer != field) continue;
      json.key_text(to_view(field->name));
      json.string(to_view(field->value));
    }
  }

  static void write_origin(json_writer& json, request r) {
    const view client = r.client_ip();
    json_pen pen(json, json_pen::texts(client) + 192);
    pen.literal(R"("client_ip":")").text(client).literal(R"(","started_at":)");
    pen.integer(r.number(GW_START_UNIX_NS) / ns_per_ms);
    if (r.flag(GW_F_LOCAL_REPLY))
      pen.literal(R"(,"source":"kong")");
    else
      pen.literal(R"(,"source":"upstream")");
    // Kong's one workspace, the same in all its installations without a database.
    pen.literal(R"(,"workspace":"0dc6f45b-8f8d-40d2-a504-473544ee190b",)"
                R"("workspace_name":"default",)");
  }

  log_fields fields_;
  log_headers headers_;
  slot<gw_identity> identity_;
  slot<gw_log_field> values_;
};

}  // namespace gw
