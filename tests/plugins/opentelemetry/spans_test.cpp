// SPDX-License-Identifier: Apache-2.0
#include "plugins/opentelemetry/gateway.hpp"

using namespace otel_test;

namespace {

gw_attempt attempt_of(int status, gw_status state, std::uint64_t start_ns, std::uint64_t end_ns) {
  gw_attempt attempt{};
  attempt.size = sizeof attempt;
  attempt.status = status;
  attempt.state = state;
  attempt.host = GW_STR("orders.internal");
  attempt.ip = GW_STR("10.0.0.7");
  attempt.port = 8080;
  attempt.start_ns = start_ns;
  attempt.end_ns = end_ns;
  return attempt;
}

otlp::Span server_span_of(const std::function<void(exchange&)>& prepare,
                          gw::test::request_spec request = {}, int status = 200) {
  Gateway gateway(exporting());
  {
    exchange x(gateway.host, {&gateway.plugin}, request);
    prepare(x);
    x.run(status);
  }
  return only(gateway.flush(), 2);
}

otlp::Span client_span_of(
    const gw_attempt& attempt, const std::function<void(exchange&)>& prepare = [](exchange&) {}) {
  Gateway gateway(exporting());
  {
    exchange x(gateway.host, {&gateway.plugin}, spec("GET", "/a"));
    x.attempt(attempt);
    prepare(x);
    x.run(attempt.status);
  }
  return only(gateway.flush(), 3);
}

}  // namespace

GW_TEST_CASE("the server span has every attribute of the conventions") {
  std::uint64_t start = 0;
  const otlp::Span span = server_span_of(
      [&](exchange& x) {
        x.text(GW_ROUTE_NAME, "orders");
        x.text(GW_ROUTE_ID, "r-1");
        x.text(GW_SERVICE_NAME, "order-service");
        x.text(GW_CLIENT_IP, "203.0.113.9");
        x.text(GW_PEER_IP, "10.1.1.1");
        x.number(GW_PEER_PORT, 50123);
        x.text(GW_FORWARDED_SCHEME, "https");
        x.text(GW_FORWARDED_HOST, "shop.example:8443");
        x.number(GW_START_UNIX_NS, 1'700'000'000'000'000'123);
        x.number(GW_NS_TOTAL, 5'000'000);
        start = 1'700'000'000'000'000'123;
      },
      spec("GET", "/orders/7?full=1&sig=secret", {{"User-Agent", "curl/8"}}));
  CHECK(span.name == "GET orders");
  CHECK(span.kind == 2);
  CHECK(span.parent_span_id.empty());
  CHECK(span.flags == 0x101);
  CHECK(span.start_ns == start);
  CHECK(span.end_ns == start + 5'000'000);
  CHECK(span.status == 0);
  CHECK(span.attributes ==
        otlp::Attributes{{"http.request.method", std::string("GET")},
                         {"url.path", std::string("/orders/7")},
                         {"url.query", std::string("full=1&sig=REDACTED")},
                         {"url.scheme", std::string("https")},
                         {"http.route", std::string("orders")},
                         {"server.address", std::string("shop.example")},
                         {"server.port", std::int64_t(8443)},
                         {"client.address", std::string("203.0.113.9")},
                         {"network.peer.address", std::string("10.1.1.1")},
                         {"network.peer.port", std::int64_t(50123)},
                         {"network.protocol.version", std::string("1.1")},
                         {"user_agent.original", std::string("curl/8")},
                         {"http.response.status_code", std::int64_t(200)},
                         {"gatewright.request.id", std::string("0123456789abcdef0123456789abcdef")},
                         {"gatewright.route.id", std::string("r-1")},
                         {"gatewright.service.name", std::string("order-service")}});
}

GW_TEST_CASE("a request without a named route is named by its method alone") {
  const otlp::Span span = server_span_of([](exchange&) {}, spec("DELETE", "/secret/path"));
  CHECK(span.name == "DELETE");
  CHECK_FALSE(span.has("http.route"));
  CHECK_FALSE(span.has("url.query"));
  CHECK_FALSE(span.has("user_agent.original"));
  CHECK(span.number("server.port") == 80);
}

GW_TEST_CASE("an unknown method is _OTHER, with the original beside it") {
  const otlp::Span span =
      server_span_of([](exchange& x) { x.text(GW_ROUTE_NAME, "r"); }, spec("PURGE", "/"));
  CHECK(span.name == "HTTP r");
  CHECK(span.text("http.request.method") == "_OTHER");
  CHECK(span.text("http.request.method_original") == "PURGE");
}

GW_TEST_CASE("HTTP/1.0 and IPv6 hosts are told") {
  const otlp::Span span = server_span_of([](exchange& x) { x.number(GW_HTTP_MINOR, 0); },
                                         spec("GET", "/", {{"Host", "[2001:db8::1]:8000"}}));
  CHECK(span.text("network.protocol.version") == "1.0");
  CHECK(span.text("server.address") == "2001:db8::1");
  CHECK(span.number("server.port") == 8000);
}

GW_TEST_CASE("bytes that are not UTF-8 don't spoil the batch") {
  const otlp::Span span =
      server_span_of([](exchange&) {}, spec("GET", "/\xff", {{"User-Agent", "\xe4"}}));
  CHECK(span.text("url.path") == "/\xef\xbf\xbd");
  CHECK(span.text("user_agent.original") == "\xef\xbf\xbd");
}

GW_TEST_CASE("on the server span 4xx is no error and 5xx is one") {
  const auto nothing = [](exchange&) {};
  const otlp::Span not_found = server_span_of(nothing, {}, 404);
  CHECK(not_found.status == 0);
  CHECK_FALSE(not_found.has("error.type"));
  const otlp::Span broken = server_span_of(nothing, {}, 503);
  CHECK(broken.status == 2);
  CHECK(broken.text("error.type") == "503");
  CHECK(broken.status_message.empty());
}

GW_TEST_CASE("the gateway's own reason stands beside the status") {
  const otlp::Span span =
      server_span_of([](exchange& x) { x.text(GW_ERROR_CODE, "connect_timeout"); }, {}, 504);
  CHECK(span.text("error.type") == "504");
  CHECK(span.text("gatewright.error.code") == "connect_timeout");
}

GW_TEST_CASE("an exchange that ended early is an error whatever its status") {
  const otlp::Span span =
      server_span_of([](exchange& x) { x.text(GW_ABORT_REASON, "client_gone"); });
  CHECK(span.status == 2);
  CHECK(span.text("error.type") == "client_gone");
  CHECK(span.number("http.response.status_code") == 200);
}

GW_TEST_CASE("a request that another plugin answered has a server span too") {
  Gateway gateway(exporting());
  {
    exchange x(gateway.host, {&gateway.plugin}, spec("GET", "/", {{"traceparent", k_sampled}}));
    x.number(GW_STATUS, 401);
    x.finish();
  }
  const otlp::Span span = only(gateway.flush(), 2);
  CHECK(span.trace_id == k_trace);
  CHECK(span.number("http.response.status_code") == 401);
}

GW_TEST_CASE("the client span has every attribute, and is the parent that the upstream was told") {
  Gateway gateway(exporting());
  std::string traceparent;
  {
    exchange x(gateway.host, {&gateway.plugin}, spec("POST", "/a?x=1&sig=s"));
    x.text(GW_UPSTREAM_PATH, "/base/a");
    x.text(GW_UPSTREAM_SCHEME, "http");
    x.number(GW_START_UNIX_NS, 1'000'000'000);
    x.number(GW_NS_TOTAL, 9'000);
    x.attempt(attempt_of(201, GW_OK, 2'000, 7'000));
    x.run(201);
    traceparent = x.request_header("traceparent").value();
  }
  const otlp::Span server = only(gateway.flush(), 2);
  const otlp::Span client = only(gateway.spans, 3);
  CHECK(client.name == "POST");
  CHECK(client.span_id == traceparent.substr(36, 16));
  CHECK(client.trace_id == server.trace_id);
  CHECK(client.trace_id == traceparent.substr(3, 32));
  CHECK(client.parent_span_id == server.span_id);
  CHECK(client.flags == 0x101);
  CHECK(client.start_ns == 1'000'002'000);
  CHECK(client.end_ns == 1'000'007'000);
  CHECK(client.status == 0);
  CHECK(client.attributes ==
        otlp::Attributes{
            {"http.request.method", std::string("POST")},
            {"server.address", std::string("orders.internal")},
            {"server.port", std::int64_t(8080)},
            {"url.full", std::string("http://orders.internal:8080/base/a?x=1&sig=REDACTED")},
            {"network.peer.address", std::string("10.0.0.7")},
            {"network.peer.port", std::int64_t(8080)},
            {"http.response.status_code", std::int64_t(201)}});
}

GW_TEST_CASE("each attempt has a span of its own, and repeated ones count") {
  Gateway gateway(exporting());
  {
    exchange x(gateway.host, {&gateway.plugin}, spec("GET", "/a"));
    x.attempt(attempt_of(0, GW_E_CONNECT, 100, 200));
    x.attempt(attempt_of(0, GW_E_TIMEOUT, 300, 400));
    x.attempt(attempt_of(200, GW_OK, 500, 600));
    x.run();
  }
  const std::vector<otlp::Span>& spans = gateway.flush();
  REQUIRE(spans.size() == 4);
  CHECK_FALSE(spans[1].has("http.request.resend_count"));
  CHECK(spans[1].text("error.type") == "connection_error");
  CHECK(spans[1].status == 2);
  CHECK_FALSE(spans[1].has("http.response.status_code"));
  CHECK(spans[2].number("http.request.resend_count") == 1);
  CHECK(spans[2].text("error.type") == "timeout");
  CHECK(spans[3].number("http.request.resend_count") == 2);
  CHECK(spans[3].status == 0);
  CHECK(spans[1].span_id != spans[2].span_id);
  CHECK(spans[2].span_id != spans[3].span_id);
  for (int i = 1; i < 4; ++i) CHECK(spans[i].parent_span_id == spans[0].span_id);
}

GW_TEST_CASE("on the client span 4xx is an error") {
  const otlp::Span span = client_span_of(attempt_of(404, GW_OK, 0, 1));
  CHECK(span.status == 2);
  CHECK(span.text("error.type") == "404");
}

GW_TEST_CASE("an attempt that the client's leaving ended tells so") {
  const otlp::Span span = client_span_of(
      attempt_of(0, GW_OK, 0, 0), [](exchange& x) { x.text(GW_ABORT_REASON, "client_gone"); });
  CHECK(span.status == 2);
  CHECK(span.text("error.type") == "client_gone");
}

GW_TEST_CASE("url.full leaves out the default port and puts brackets around IPv6") {
  gw_attempt attempt = attempt_of(200, GW_OK, 0, 1);
  attempt.port = 80;
  CHECK(client_span_of(attempt).text("url.full") == "http://orders.internal/a");
  attempt.host = GW_STR("2001:db8::7");
  attempt.port = 81;
  CHECK(client_span_of(attempt).text("url.full") == "http://[2001:db8::7]:81/a");
}
