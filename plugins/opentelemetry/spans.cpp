// SPDX-License-Identifier: Apache-2.0
#include "spans.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "attribute_text.hpp"

namespace otel {
namespace {

// The methods that the conventions know; http.request.method of all others is _OTHER.
bool is_known_method(std::string_view method) {
  constexpr std::array<std::string_view, 9> k_methods{
      "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"};
  return std::find(k_methods.begin(), k_methods.end(), method) != k_methods.end();
}

std::string_view state_name(gw_status state) {
  switch (state) {
    case GW_E_TIMEOUT:
      return "timeout";
    case GW_E_CONNECT:
      return "connection_error";
    case GW_E_PROTOCOL:
      return "protocol_error";
    case GW_E_TOOBIG:
      return "response_too_large";
    default:
      return "_OTHER";
  }
}

struct Digits {
  explicit Digits(std::int64_t value) {
    end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  }
  [[nodiscard]] std::string_view view() const {
    return {text.data(), std::size_t(end - text.data())};
  }
  std::array<char, 20> text{};
  char* end;
};

bool is_default_port(std::string_view scheme, std::int64_t port) {
  return port == (scheme == "https" ? 443 : 80);
}

TraceId trace_id_of(const RequestTrace& trace) {
  TraceId id;
  std::copy(std::begin(trace.trace.trace_id), std::end(trace.trace.trace_id), id.begin());
  return id;
}

SpanId span_id_of(const std::uint8_t (&bytes)[8]) {
  SpanId id;
  std::copy(std::begin(bytes), std::end(bytes), id.begin());
  return id;
}

std::uint64_t nanoseconds(std::int64_t value) { return value > 0 ? std::uint64_t(value) : 0; }

}  // namespace

// Absent values make no attribute.
void SpanBuilder::text(SpanEncoder& span, std::string_view key, std::string_view value) {
  if (gw::present(value)) span.attribute(key, clean_text(value, clean_));
}

void SpanBuilder::method(SpanEncoder& span, const gw::request& r, std::string_view target) {
  const std::string_view method = r.method();
  const bool known = is_known_method(method);
  span.name(known ? method : "HTTP", clean_text(target, clean_));
  span.attribute("http.request.method", known ? method : "_OTHER");
  if (!known) text(span, "http.request.method_original", method);
}

void SpanBuilder::query(SpanEncoder& span, std::string_view query) {
  if (gw::absent(query)) return;
  url_.clear();
  append_redacted_query(url_, query);
  text(span, "url.query", url_);
}

// Of the Host field, or of X-Forwarded-Host where the peer is trusted.
void SpanBuilder::server_address(SpanEncoder& span, const gw::request& r, std::string_view scheme) {
  const std::string_view forwarded = r.get(GW_FORWARDED_HOST);
  const HostPort host = split_host(forwarded.empty() ? r.get(GW_HOST) : forwarded);
  if (host.host.empty()) return;
  text(span, "server.address", host.host);
  span.attribute("server.port", host.port > 0 ? host.port : scheme == "https" ? 443 : 80);
}

void SpanBuilder::server_result(SpanEncoder& span, const gw::request& r) {
  const std::int64_t status = r.number(GW_STATUS);
  const std::string_view abort = r.get(GW_ABORT_REASON);
  if (status > 0) span.attribute("http.response.status_code", status);
  text(span, "gatewright.error.code", r.get(GW_ERROR_CODE));
  if (!abort.empty()) {
    text(span, "error.type", abort);
  } else if (status >= 500) {
    span.attribute("error.type", Digits(status).view());
  } else {
    return;
  }
  span.error();
}

std::string_view SpanBuilder::server_span(const gw::request& r, const RequestTrace& trace) {
  const TraceId trace_id = trace_id_of(trace);
  const SpanId span_id = span_id_of(trace.trace.span_id);
  const SpanId parent = span_id_of(trace.parent_id);
  const std::uint64_t start = nanoseconds(r.number(GW_START_UNIX_NS));
  span_.clear();
  SpanEncoder span(span_, {.trace_id = trace_id,
                           .span_id = span_id,
                           .parent = trace.has_parent ? &parent : nullptr,
                           .parent_is_remote = trace.has_parent,
                           .trace_flags = std::uint8_t(trace.trace.flags),
                           .trace_state = gw::to_view(trace.trace.tracestate),
                           .kind = SpanKind::server,
                           .start_ns = start,
                           .end_ns = start + nanoseconds(r.number(GW_NS_TOTAL))});
  const std::string_view forwarded = r.get(GW_FORWARDED_SCHEME);
  const std::string_view scheme = forwarded.empty() ? r.get(GW_SCHEME) : forwarded;
  const std::string_view route = r.get(GW_ROUTE_NAME);
  method(span, r, route);
  text(span, "url.path", r.path());
  query(span, r.query());
  text(span, "url.scheme", scheme);
  if (!route.empty()) text(span, "http.route", route);
  server_address(span, r, scheme);
  text(span, "client.address", r.client_ip());
  text(span, "network.peer.address", r.get(GW_PEER_IP));
  if (const auto port = r.number(GW_PEER_PORT); port > 0) span.attribute("network.peer.port", port);
  span.attribute("network.protocol.version", r.number(GW_HTTP_MINOR) == 0 ? "1.0" : "1.1");
  text(span, "user_agent.original", r.header(user_agent_));
  text(span, "gatewright.request.id", r.get(GW_REQUEST_ID));
  text(span, "gatewright.route.id", r.get(GW_ROUTE_ID));
  text(span, "gatewright.service.name", r.get(GW_SERVICE_NAME));
  server_result(span, r);
  return span_.view();
}

// scheme://target[:port]/path?query: of the target that was tried, not of the Host field, which may
// be the client's (preserve_host) and then names the gateway.
void SpanBuilder::full_url(SpanEncoder& span, const gw::request& r, const gw_attempt& attempt) {
  const std::string_view scheme = r.get(GW_UPSTREAM_SCHEME);
  const std::string_view host = gw::to_view(attempt.host);
  const bool bracketed = host.find(':') != std::string_view::npos && !host.starts_with('[');
  url_.assign(scheme.empty() ? "http" : scheme).append("://");
  url_.append(bracketed ? "[" : "").append(host).append(bracketed ? "]" : "");
  if (attempt.port > 0 && !is_default_port(scheme, attempt.port)) {
    url_.append(":").append(Digits(attempt.port).view());
  }
  const std::string_view path = r.get(GW_UPSTREAM_PATH);
  url_.append(path.empty() ? "/" : path);
  if (const std::string_view query = r.query(); gw::present(query)) {
    url_.push_back('?');
    append_redacted_query(url_, query);
  }
  text(span, "url.full", url_);
}

void SpanBuilder::client_result(SpanEncoder& span, const gw::request& r,
                                const gw_attempt& attempt) {
  if (attempt.status > 0) span.attribute("http.response.status_code", attempt.status);
  if (attempt.state != GW_OK) {
    span.attribute("error.type", state_name(attempt.state));
  } else if (attempt.status >= 400) {
    span.attribute("error.type", Digits(attempt.status).view());
  } else if (attempt.status == 0) {
    const std::string_view abort = r.get(GW_ABORT_REASON);
    text(span, "error.type", abort.empty() ? "_OTHER" : abort);
  } else {
    return;
  }
  span.error();
}

std::string_view SpanBuilder::client_span(const gw::request& r, const RequestTrace& trace,
                                          const gw_attempt& attempt, std::uint32_t number) {
  const TraceId trace_id = trace_id_of(trace);
  const SpanId span_id = attempt_span_id(trace.attempt_seed, number);
  const SpanId parent = span_id_of(trace.trace.span_id);
  const std::uint64_t start = nanoseconds(r.number(GW_START_UNIX_NS));
  const std::uint64_t end =
      attempt.end_ns >= attempt.start_ns ? attempt.end_ns : nanoseconds(r.number(GW_NS_TOTAL));
  span_.clear();
  SpanEncoder span(span_, {.trace_id = trace_id,
                           .span_id = span_id,
                           .parent = &parent,
                           .parent_is_remote = false,
                           .trace_flags = std::uint8_t(trace.trace.flags),
                           .trace_state = gw::to_view(trace.trace.tracestate),
                           .kind = SpanKind::client,
                           .start_ns = start + attempt.start_ns,
                           .end_ns = start + std::max(end, attempt.start_ns)});
  method(span, r, {});
  text(span, "server.address", gw::to_view(attempt.host));
  if (attempt.port > 0) span.attribute("server.port", attempt.port);
  full_url(span, r, attempt);
  if (const std::string_view ip = gw::to_view(attempt.ip); !ip.empty()) {
    text(span, "network.peer.address", ip);
    if (attempt.port > 0) span.attribute("network.peer.port", attempt.port);
  }
  if (number != 0) span.attribute("http.request.resend_count", std::int64_t(number));
  client_result(span, r, attempt);
  return span_.view();
}

}  // namespace otel
