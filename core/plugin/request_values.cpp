// SPDX-License-Identifier: Apache-2.0
#include "plugin/request_values.hpp"

namespace gw::plugin {

namespace {

std::string_view id_of(const config::Entity* entity) {
  return entity != nullptr ? entity->id : std::string_view{};
}

template <class T>
std::string_view name_of(const T* entity) {
  return entity != nullptr && !entity->name.empty() ? std::string_view(entity->name)
                                                    : std::string_view{};
}

std::string_view certificate_text(const net::TlsPeer* known, std::uint32_t what) {
  if (known == nullptr) return {};
  if (what == GW_CLIENT_CERT) return known->pem;
  if (what == GW_CLIENT_CERT_SUBJECT) return known->subject;
  return what == GW_CLIENT_CERT_FINGERPRINT ? known->fingerprint : std::string_view{};
}

std::int64_t content_length(const Request& r) {
  const http::RequestHead& head = r.request;
  if (r.buffered_body.data() != nullptr) return std::int64_t(r.buffered_body.size());
  if (head.body == http::BodyKind::none) return 0;
  return head.body == http::BodyKind::length ? std::int64_t(head.content_length) : -1;
}

}  // namespace

std::string_view text_of(Request& r, std::uint32_t what) {
  Facts& f = r.facts;
  switch (what) {
    case GW_METHOD:
      return r.request.method_text;
    case GW_SCHEME:
      return f.scheme;
    case GW_PATH:
      return f.path;
    case GW_QUERY:
      return f.query;
    case GW_RAW_TARGET:
      return f.raw_target;
    case GW_HOST:
      return r.request.host;
    case GW_CLIENT_IP:
      return f.client_ip;
    case GW_PEER_IP:
      return f.peer_ip;
    case GW_REQUEST_ID:
      return f.request_id;
    case GW_ROUTE_ID:
      return id_of(f.route);
    case GW_ROUTE_NAME:
      return name_of(f.route);
    case GW_SERVICE_ID:
      return id_of(f.service);
    case GW_SERVICE_NAME:
      return name_of(f.service);
    case GW_UPSTREAM_PATH:
      return f.upstream_path;
    case GW_UPSTREAM_HOST:
      return f.upstream_host;
    case GW_UPSTREAM_SCHEME:
      return f.upstream_scheme;
    case GW_TARGET_HOST:
      return f.target_host;
    case GW_TARGET_IP:
      return f.target_ip;
    case GW_ABORT_REASON:
      return f.abort_reason;
    case GW_ERROR_CODE:
      return f.error_code;
    case GW_FORWARDED_SCHEME:
      return f.forwarded_scheme;
    case GW_FORWARDED_HOST:
      return f.forwarded_host;
    case GW_UPSTREAM_NAME:
      return f.upstream_name;
    case GW_SERVER_IP:  // a system call: only for who wants to know
      if (f.server_ip.data() == nullptr) f.server_ip = r.owner.server_ip();
      return f.server_ip;
    default:
      return certificate_text(f.client_certificate, what);
  }
}

std::int64_t number_of(const Request& r, std::uint32_t what) {
  const Facts& f = r.facts;
  const auto known = [](std::int64_t value) { return value > 0 ? value : -1; };
  switch (what) {
    case GW_STATUS:
      return known(r.response.status);
    case GW_UPSTREAM_STATUS:
      return f.upstream_status;
    case GW_HTTP_MINOR:
      return r.request.minor;
    case GW_PEER_PORT:
      return f.peer_port;
    case GW_SERVER_PORT:
      return f.server_port;
    case GW_TARGET_PORT:
      return known(f.target_port);
    case GW_ATTEMPTS:
      return r.attempt_count;
    case GW_START_UNIX_NS:
      return std::int64_t(f.start_unix_ns);
    case GW_NS_REQUEST_PHASE:
      return f.ns_request_phase;
    case GW_NS_UPSTREAM_SENT:
      return f.ns_upstream_sent;
    case GW_NS_UPSTREAM_HEAD:
      return f.ns_upstream_head;
    case GW_NS_TOTAL:
      return f.ns_total >= 0 ? f.ns_total : std::int64_t(r.owner.elapsed_ns());
    case GW_BYTES_IN:
      return std::int64_t(f.bytes_in);
    case GW_BYTES_OUT:
      return std::int64_t(f.bytes_out);
    case GW_BODY_BYTES_IN:
      return std::int64_t(f.body_bytes_in);
    case GW_BODY_BYTES_OUT:
      return std::int64_t(f.body_bytes_out);
    case GW_FLAGS:
      return f.flags;
    case GW_FORWARDED_PORT:
      return f.forwarded_port;
    case GW_CONTENT_LENGTH:
      return content_length(r);
    case GW_CONNECTION_SERIAL:
      return std::int64_t(f.connection_serial);
    case GW_CONNECTION_REQUESTS:
      return std::int64_t(f.connection_requests);
    default:
      return -1;
  }
}

}  // namespace gw::plugin
