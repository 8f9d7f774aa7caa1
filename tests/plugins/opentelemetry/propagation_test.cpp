// SPDX-License-Identifier: Apache-2.0
#include "plugins/opentelemetry/gateway.hpp"

using namespace otel_test;

GW_TEST_CASE("without an endpoint a trace is started and nothing is exported") {
  Gateway gateway(R"({"propagation": {"default_format": "w3c", "inject": ["w3c"]}})");
  const Outcome first = gateway.request();
  const Outcome second = gateway.request();
  CHECK(first.traceparent.size() == 55);
  CHECK(first.traceparent.substr(0, 3) == "00-");
  CHECK(first.flags() == "00");
  CHECK(first.trace_id() != second.trace_id());
  CHECK(first.parent_id() != second.parent_id());
  gateway.host.advance(10s);
  CHECK(gateway.calls.empty());
  CHECK(gateway.host.pending_timers() == 0);
}

GW_TEST_CASE("without an endpoint a client's trace is forwarded with the client's span as parent") {
  Gateway gateway("{}");
  CHECK(gateway.request({{"traceparent", k_sampled}}).traceparent == k_sampled);
  CHECK(gateway.request({{"traceparent", k_unsampled}}).traceparent == k_unsampled);
  const Outcome state = gateway.request({{"traceparent", k_sampled}, {"tracestate", "a=1 ,b=2"}});
  CHECK(state.tracestate == "a=1 ,b=2");
}

GW_TEST_CASE("an incoming trace is continued with a new span") {
  Gateway gateway(exporting());
  const Outcome out = gateway.request({{"TraceParent", k_sampled}, {"tracestate", "a=1,b=2"}});
  CHECK(out.trace_id() == k_trace);
  CHECK(out.parent_id() != k_parent);
  CHECK(out.flags() == "01");
  CHECK(out.tracestate == "a=1,b=2");
  const otlp::Span server = only(gateway.flush(), 2);
  CHECK(server.trace_id == k_trace);
  CHECK(server.parent_span_id == k_parent);
  CHECK(server.trace_state == "a=1,b=2");
  CHECK(server.flags == 0x301);
}

GW_TEST_CASE("the random flag of the parent goes on, other unknown bits do not") {
  Gateway gateway(exporting());
  CHECK(gateway.request({{"traceparent", k_sampled.substr(0, 53) + "ff"}}).flags() == "03");
}

GW_TEST_CASE("an invalid traceparent starts a new trace and drops tracestate") {
  Gateway gateway(exporting());
  for (const std::string& bad : {k_sampled.substr(1), "ff" + k_sampled.substr(2), k_sampled + "-x",
                                 std::string("00-0-0-01"), std::string()}) {
    const Outcome out = gateway.request({{"traceparent", bad}, {"tracestate", "a=1"}});
    INFO(bad);
    CHECK(out.traceparent.size() == 55);
    CHECK(out.trace_id() != k_trace);
    CHECK(out.flags() == "01");
    CHECK(out.tracestate.empty());
  }
}

GW_TEST_CASE("a traceparent that stands twice starts a new trace") {
  Gateway gateway(exporting());
  const Outcome out = gateway.request({{"traceparent", k_sampled}, {"traceparent", k_sampled}});
  CHECK(out.traceparent.size() == 55);
  CHECK(out.trace_id() != k_trace);
}

GW_TEST_CASE("an invalid tracestate is dropped and the trace goes on") {
  Gateway gateway(exporting());
  const Outcome out = gateway.request({{"traceparent", k_sampled}, {"tracestate", "a=1,B=2"}});
  CHECK(out.trace_id() == k_trace);
  CHECK(out.tracestate.empty());
}

GW_TEST_CASE("several tracestate fields go on as one") {
  Gateway gateway(exporting());
  const Outcome out = gateway.request(
      {{"traceparent", k_sampled}, {"tracestate", "a=1"}, {"tracestate", " b=2,,c=3"}});
  CHECK(out.tracestate == "a=1,b=2,c=3");
}

GW_TEST_CASE("baggage passes untouched") {
  Gateway gateway(exporting());
  exchange x(gateway.host, {&gateway.plugin},
             spec("GET", "/", {{"baggage", "user=a%20b , x=1;p"}}));
  x.run();
  CHECK(x.request_header("baggage") == "user=a%20b , x=1;p");
}

GW_TEST_CASE("extract: [] restarts every trace") {
  Gateway gateway(exporting(R"("propagation": {"extract": []})"));
  const Outcome out = gateway.request({{"traceparent", k_sampled}, {"tracestate", "a=1"}});
  CHECK(out.trace_id() != k_trace);
  CHECK(out.tracestate.empty());
  CHECK(only(gateway.flush(), 2).parent_span_id.empty());
}

GW_TEST_CASE("inject: [] leaves the request's fields alone") {
  Gateway gateway(exporting(R"("propagation": {"inject": []})"));
  const Outcome out = gateway.request({{"traceparent", k_sampled}, {"tracestate", "a=1, b=2"}});
  CHECK(out.traceparent == k_sampled);
  CHECK(out.tracestate == "a=1, b=2");
  CHECK(gateway.request().traceparent.empty());
  CHECK(gateway.flush().size() == 2);
}

GW_TEST_CASE("fields to clear are removed after reading and before writing") {
  Gateway gateway(exporting(R"("propagation": {"clear": ["traceparent", "X-B3-TraceId"]})"));
  exchange x(gateway.host, {&gateway.plugin},
             spec("GET", "/", {{"traceparent", k_sampled}, {"x-b3-traceid", "1"}}));
  x.run();
  CHECK_FALSE(x.request_header("x-b3-traceid"));
  CHECK(contains(x.request_header("traceparent").value_or(""), k_trace));
}

GW_TEST_CASE("the trace is published to other plugins") {
  Gateway gateway(exporting());
  exchange x(gateway.host, {&gateway.plugin},
             spec("GET", "/", {{"traceparent", k_sampled}, {"tracestate", "a=1"}}));
  x.start();
  const auto* trace = x.slot<gw_trace>(GW_SLOT_TRACE);
  REQUIRE(trace != nullptr);
  CHECK(trace->size == sizeof(gw_trace));
  CHECK(trace->trace_id[0] == 0x4b);
  CHECK(trace->flags == 1);
  CHECK(std::string(trace->tracestate.p, trace->tracestate.n) == "a=1");
}

GW_TEST_CASE("the trace id is told to the client where asked for") {
  Gateway gateway(exporting(R"("http_response_header_for_traceid": "X-Trace-Id")"));
  exchange x(gateway.host, {&gateway.plugin}, spec("GET", "/", {{"traceparent", k_sampled}}));
  x.run();
  CHECK(x.response_header("x-trace-id") == k_trace);
}

GW_TEST_CASE(
    "the two strategies differ in a sampled parent, and the rate decides without a parent") {
  Gateway drop(exporting(R"("sampling_rate": 0)"));
  CHECK(drop.request({{"traceparent", k_sampled}}).flags() == "00");
  CHECK(drop.request().flags() == "00");
  CHECK(drop.flush().empty());
  Gateway any(
      exporting(R"("sampling_rate": 0, "sampling_strategy": "parent_probability_fallback")"));
  CHECK(any.request({{"traceparent", k_sampled}}).flags() == "01");
  CHECK(any.request({{"traceparent", k_unsampled}}).flags() == "00");
  CHECK(any.flush().size() == 1);
  Gateway always(exporting());
  const Outcome out = always.request({{"traceparent", k_unsampled}});
  CHECK(out.flags() == "00");
  CHECK(out.parent_id() != k_parent);
  CHECK(always.flush().empty());
}
