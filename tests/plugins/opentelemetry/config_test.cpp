// SPDX-License-Identifier: Apache-2.0
#include "plugins/opentelemetry/gateway.hpp"

using namespace otel_test;

namespace {

std::string refusal(const std::string& config) {
  gw::test::host host;
  try {
    host.load(k_so, config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

GW_TEST_CASE("the old name of the endpoint works") {
  Gateway gateway(R"({"endpoint": "http://127.0.0.1:4318/v1/traces"})");
  gateway.request();
  CHECK(gateway.flush().size() == 1);
}

GW_TEST_CASE("an endpoint without a path is used, with a warning") {
  Gateway gateway(R"({"traces_endpoint": "http://127.0.0.1:4318"})");
  REQUIRE(gateway.host.logs().size() == 1);
  CHECK(contains(gateway.host.logs()[0].text, "/v1/traces"));
}

GW_TEST_CASE("what this version doesn't offer is refused with a sentence that says so") {
  CHECK(contains(refusal(R"({"traces_endpoint": "https://c/v1/traces"})"), "TLS"));
  CHECK(contains(refusal(R"({"traces_endpoint": "collector:4318"})"), "http://"));
  CHECK(contains(refusal(R"({"traces_endpoint": "http://u:p@c/"})"), "headers"));
  CHECK(contains(refusal(R"({"logs_endpoint": "http://c/v1/logs"})"), "logs"));
  CHECK(contains(refusal(exporting(R"("endpoint": "http://c/")")), "traces_endpoint"));
  CHECK(contains(refusal(R"({"batch_span_count": 10})"), "queue.max_batch_size"));
  CHECK(contains(refusal(R"({"batch_flush_delay": 3})"), "queue.max_coalescing_delay"));
  CHECK(contains(refusal(R"({"header_type": "jaeger"})"), "not offered yet"));
  CHECK(contains(refusal(R"({"header_type": "ignore"})"), "propagation.extract"));
  CHECK(contains(refusal(R"({"propagation": {"extract": ["w3c", "b3"]}})"),
                 "/propagation/extract/1"));
  CHECK(contains(refusal(R"({"propagation": {"inject": ["datadog"]}})"), "not offered yet"));
  CHECK(contains(refusal(R"({"propagation": {"default_format": "aws"}})"), "not offered yet"));
  CHECK(contains(refusal(R"({"propagation": {"clear": ["a b"]}})"), "a b"));
  CHECK(contains(refusal(R"({"headers": {"Content-Type": "x"}})"), "/headers/Content-Type"));
  CHECK(contains(refusal(R"({"headers": {"a b": "x"}})"), "a b"));
  CHECK(contains(refusal(R"({"sampling_rate": 1.5})"), "sampling_rate"));
  CHECK(contains(refusal(R"({"queue": {"concurrency_limit": 4}})"), "concurrency_limit"));
  CHECK(contains(refusal(R"({"sampling": 1})"), "sampling"));
}

GW_TEST_CASE("values that change nothing are taken, as a dump of Kong writes them") {
  CHECK(refusal(R"({"header_type": "preserve", "propagation": {"inject": ["preserve"],
      "default_format": "w3c", "extract": null, "clear": null}, "logs_endpoint": null,
      "headers": null, "resource_attributes": null, "sampling_rate": null,
      "batch_span_count": null, "batch_flush_delay": null, "traces_endpoint": null,
      "http_response_header_for_traceid": null, "queue": {"max_bytes": null}})") == "");
}

GW_TEST_CASE("the plugin stands where Kong's does in the order") {
  gw::test::host host;
  CHECK(host.describe(k_so).priority == 14);
}
