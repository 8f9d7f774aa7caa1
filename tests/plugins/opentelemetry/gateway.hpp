// SPDX-License-Identifier: Apache-2.0
// The plugin's .so in the in-memory host, with a collector that decodes what is posted to it and
// fails the test when it can't. GATEWRIGHT_PLUGIN_DIR is given by the build.
#pragma once

#include <algorithm>
#include <functional>
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"
#include "support/otlp_collector.hpp"

namespace otel_test {

using namespace std::chrono_literals;
using gw::test::exchange;
using gw::test::http_answer;
using gw::test::http_call;

inline const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/opentelemetry.so";
inline const std::string k_url = "http://127.0.0.1:4318/v1/traces";
inline const std::string k_trace = "4bf92f3577b34da6a3ce929d0e0e4736";
inline const std::string k_parent = "00f067aa0ba902b7";
inline const std::string k_sampled = "00-" + k_trace + "-" + k_parent + "-01";
inline const std::string k_unsampled = "00-" + k_trace + "-" + k_parent + "-00";
inline const std::string k_dropped = "gatewright_otel_spans_dropped_total";
inline const std::string k_exported = "gatewright_otel_spans_exported_total";

// A configuration that exports, with options beside the endpoint.
inline std::string exporting(const std::string& options = {}) {
  return R"({"traces_endpoint": ")" + k_url + '"' + (options.empty() ? "" : ", ") + options + '}';
}

inline gw::test::request_spec spec(const std::string& method, const std::string& target,
                                   const gw::test::field_list& headers = {}) {
  gw::test::request_spec made;
  made.method = method;
  made.target = target;
  made.headers = headers;
  return made;
}

inline http_answer answer_of(int status, const gw::test::field_list& headers = {},
                             const std::string& body = {}) {
  http_answer made;
  made.status = status;
  made.headers = headers;
  made.body = body;
  return made;
}

inline http_answer failure_of(gw_status error) {
  http_answer made;
  made.error = error;
  return made;
}

// What went upstream.
struct Outcome {
  std::string traceparent, tracestate;
  std::string trace_id() const { return traceparent.substr(3, 32); }
  std::string parent_id() const { return traceparent.substr(36, 16); }
  std::string flags() const { return traceparent.substr(53); }
};

struct Gateway {
  explicit Gateway(const std::string& config) : plugin(host.load(k_so, config)) {
    host.script_http([this](const http_call& call) { return collect(call); });
  }

  http_answer collect(const http_call& call) {
    calls.push_back(call);
    http_answer reply = answer(call);
    if (reply.status == 200 && reply.error == GW_OK) {
      const otlp::Export got = otlp::decode(call.body);
      resource = got.resource;
      spans.insert(spans.end(), got.spans.begin(), got.spans.end());
    }
    return reply;
  }

  // One request with these headers, answered by an upstream; then what is ready is posted.
  Outcome request(const gw::test::field_list& headers = {}) {
    exchange x(host, {&plugin}, spec("GET", "/", headers));
    x.run();
    host.turn();
    return {x.request_header("traceparent").value_or(""),
            x.request_header("tracestate").value_or("")};
  }

  // Everything that was sent, after all that is due within a second.
  const std::vector<otlp::Span>& flush() {
    host.advance(1100ms);
    return spans;
  }

  gw::test::host host;
  gw::test::instance& plugin;
  std::function<http_answer(const http_call&)> answer = [](const http_call&) {
    return answer_of(200);
  };
  std::vector<http_call> calls;
  std::vector<otlp::Span> spans;
  otlp::Attributes resource;
};

// The one span of this kind.
inline otlp::Span only(const std::vector<otlp::Span>& spans, int kind) {
  const auto is_kind = [kind](const otlp::Span& span) { return span.kind == kind; };
  REQUIRE(std::count_if(spans.begin(), spans.end(), is_kind) == 1);
  return *std::find_if(spans.begin(), spans.end(), is_kind);
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace otel_test
