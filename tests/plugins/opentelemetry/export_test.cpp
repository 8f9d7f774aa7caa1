// SPDX-License-Identifier: Apache-2.0
#include "plugins/opentelemetry/gateway.hpp"

using namespace otel_test;

GW_TEST_CASE("a batch is posted as OTLP over HTTP with the configured fields") {
  Gateway gateway(exporting(R"("headers": {"Authorization": "Bearer t", "X-Tenant": "a"},
      "resource_attributes": {"service.name": "edge", "deployment.environment.name": "test"},
      "connect_timeout": 100, "send_timeout": 200, "read_timeout": 300)"));
  gateway.request();
  gateway.flush();
  REQUIRE(gateway.calls.size() == 1);
  const http_call& call = gateway.calls[0];
  CHECK(call.method == "POST");
  CHECK(call.url == k_url);
  CHECK(call.timeout_ms == 600);
  const auto has = [&](const char* name, const char* value) {
    return std::count(call.headers.begin(), call.headers.end(),
                      std::pair<std::string, std::string>(name, value)) == 1;
  };
  CHECK(has("Content-Type", "application/x-protobuf"));
  CHECK(has("Authorization", "Bearer t"));
  CHECK(has("X-Tenant", "a"));
  CHECK(std::get<std::string>(gateway.resource.at("service.name")) == "edge");
  CHECK(std::get<std::string>(gateway.resource.at("deployment.environment.name")) == "test");
  CHECK(std::get<std::string>(gateway.resource.at("service.instance.id")).size() == 36);
  CHECK(gateway.host.metric(k_exported) == 1);
}

GW_TEST_CASE("a batch is sent when it is full, without waiting") {
  Gateway gateway(exporting(R"("queue": {"max_batch_size": 3})"));
  for (int i = 0; i < 7; ++i) gateway.request();
  CHECK(gateway.spans.size() == 6);
  CHECK(gateway.calls.size() == 2);
  CHECK(gateway.flush().size() == 7);
}

GW_TEST_CASE("a batch that is not full is sent after the coalescing delay") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0.5})"));
  gateway.request();
  gateway.host.advance(499ms);
  gateway.request();
  CHECK(gateway.calls.empty());
  gateway.host.advance(1ms);
  CHECK(gateway.calls.size() == 1);
  CHECK(gateway.spans.size() == 2);
  gateway.host.advance(10s);
  CHECK(gateway.calls.size() == 1);
  gateway.request();
  gateway.host.advance(500ms);
  CHECK(gateway.spans.size() == 3);
}

GW_TEST_CASE("without a coalescing delay each span is sent at once") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0})"));
  gateway.request();
  CHECK(gateway.spans.size() == 1);
}

GW_TEST_CASE("one batch is sent after the other, and the next one fills meanwhile") {
  Gateway gateway(exporting(R"("queue": {"max_batch_size": 2, "initial_retry_delay": 2,
      "max_retry_delay": 2})"));
  gateway.answer = [](const http_call&) { return answer_of(503); };
  for (int i = 0; i < 6; ++i) gateway.request();
  CHECK(gateway.calls.size() == 1);
  gateway.answer = [](const http_call&) { return answer_of(200); };
  gateway.host.advance(2s);
  CHECK(gateway.calls.size() == 4);
  CHECK(gateway.spans.size() == 6);
}

GW_TEST_CASE("concurrency_limit -1 sends all batches that are ready") {
  Gateway gateway(exporting(R"("queue": {"max_batch_size": 2, "concurrency_limit": -1,
      "initial_retry_delay": 2})"));
  gateway.answer = [](const http_call&) { return answer_of(503); };
  for (int i = 0; i < 6; ++i) gateway.request();
  CHECK(gateway.calls.size() == 3);
}

GW_TEST_CASE(
    "429, 502, 503, 504 and a lost connection are tried again until the collector answers") {
  for (const int status : {429, 502, 503, 504, 0}) {
    Gateway gateway(exporting());
    int calls = 0;
    gateway.answer = [&](const http_call&) {
      if (++calls == 4) return answer_of(200);
      return status == 0 ? failure_of(GW_E_CONNECT) : answer_of(status);
    };
    gateway.request();
    INFO(status);
    CHECK(gateway.flush().size() == 1);
    CHECK(gateway.calls.size() == 4);
    CHECK(gateway.calls[0].body == gateway.calls[3].body);
    CHECK(gateway.host.metric(k_dropped, {"failed"}) == 0);
  }
}

GW_TEST_CASE("any other status drops the batch, with one line in ten seconds") {
  for (const int status : {400, 401, 404, 413, 500, 501, 301}) {
    Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0})"));
    gateway.answer = [&](const http_call&) { return answer_of(status); };
    for (int i = 0; i < 5; ++i) gateway.request();
    INFO(status);
    CHECK(gateway.calls.size() == 5);
    CHECK(gateway.host.metric(k_dropped, {"failed"}) == 5);
    REQUIRE(gateway.host.logs().size() == 1);
    CHECK(gateway.host.logs()[0].level == GW_LOG_ERROR);
    CHECK(gateway.host.logs()[0].kv[0].second == "status " + std::to_string(status));
    gateway.host.advance(10s);
    gateway.request();
    REQUIRE(gateway.host.logs().size() == 2);
    CHECK(gateway.host.logs()[1].kv[2] == std::pair<std::string, std::string>("suppressed", "4"));
  }
}

GW_TEST_CASE("an answer that is no HTTP is final") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0})"));
  gateway.answer = [](const http_call&) { return failure_of(GW_E_PROTOCOL); };
  gateway.request();
  gateway.host.advance(10s);
  CHECK(gateway.calls.size() == 1);
  CHECK(gateway.host.metric(k_dropped, {"failed"}) == 1);
}

GW_TEST_CASE("retries wait longer each time and end after max_retry_time") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0, "initial_retry_delay": 1,
      "max_retry_delay": 4, "max_retry_time": 20})"));
  std::vector<std::uint64_t> at;
  gateway.answer = [&](const http_call&) {
    at.push_back(gateway.host.mono_ns());
    return answer_of(503);
  };
  gateway.request();
  gateway.host.advance(60s);
  REQUIRE(at.size() >= 6);
  const double limits[] = {1, 2, 4, 4, 4};
  for (int i = 0; i < 5; ++i) {
    const double waited = double(at[i + 1] - at[i]) / 1e9;
    CHECK(waited <= limits[i] + 0.001);
    CHECK(waited >= limits[i] / 2 - 0.001);
  }
  CHECK(at.back() - at.front() <= 20'000'000'000);
  CHECK(gateway.host.metric(k_dropped, {"failed"}) == 1);
  CHECK(gateway.host.pending_timers() == 0);
}

GW_TEST_CASE("Retry-After decides the wait, as seconds and as a date") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0})"));
  std::string after = "7";
  gateway.answer = [&](const http_call&) { return answer_of(429, {{"Retry-After", after}}); };
  gateway.request();
  gateway.host.advance(6999ms);
  CHECK(gateway.calls.size() == 1);
  gateway.host.set_unix_ns(784'111'777ULL * 1'000'000'000);
  after = "Sun, 06 Nov 1994 08:49:47 GMT";
  gateway.host.advance(1ms);
  CHECK(gateway.calls.size() == 2);
  gateway.answer = [](const http_call&) { return answer_of(200); };
  gateway.host.advance(9s);
  CHECK(gateway.calls.size() == 2);
  gateway.host.advance(1s);
  CHECK(gateway.spans.size() == 1);
}

GW_TEST_CASE("a Retry-After beyond max_retry_time gives the batch up at once") {
  Gateway gateway(exporting(R"("queue": {"max_coalescing_delay": 0})"));
  gateway.answer = [](const http_call&) { return answer_of(503, {{"retry-after", "61"}}); };
  gateway.request();
  CHECK(gateway.host.metric(k_dropped, {"failed"}) == 1);
}

GW_TEST_CASE("a partial success is told and counted, and not sent again") {
  Gateway gateway(exporting());
  gateway.answer = [](const http_call&) {
    return answer_of(200, {}, otlp::encode_partial_success(2, "too old"));
  };
  for (int i = 0; i < 5; ++i) gateway.request();
  gateway.flush();
  gateway.host.advance(60s);
  CHECK(gateway.calls.size() == 1);
  CHECK(gateway.host.metric(k_exported) == 3);
  CHECK(gateway.host.metric(k_dropped, {"rejected"}) == 2);
  REQUIRE(gateway.host.logs().size() == 1);
  CHECK(gateway.host.logs()[0].level == GW_LOG_WARN);
  CHECK(gateway.host.logs()[0].kv[1].second == "too old");
}

GW_TEST_CASE("a full queue drops the oldest spans, counts them and has warned before") {
  Gateway gateway(exporting(R"("queue": {"max_batch_size": 5, "max_entries": 10,
      "initial_retry_delay": 5, "max_retry_delay": 5})"));
  gateway.answer = [](const http_call&) { return answer_of(503); };
  std::vector<std::string> traces;
  for (int i = 0; i < 9; ++i) traces.push_back(gateway.request().trace_id());
  REQUIRE(gateway.host.logs().size() == 1);
  CHECK(contains(gateway.host.logs()[0].text, "80 %"));
  for (int i = 0; i < 4; ++i) traces.push_back(gateway.request().trace_id());
  CHECK(gateway.host.metric(k_dropped, {"queue_full"}) == 3);
  gateway.answer = [](const http_call&) { return answer_of(200); };
  gateway.host.advance(10s);
  std::vector<std::string> got;
  for (const otlp::Span& span : gateway.spans) got.push_back(span.trace_id);
  CHECK(got == std::vector<std::string>(traces.begin() + 3, traces.end()));
}

GW_TEST_CASE("a batch that lost all its spans while it waited leaves its place to the next") {
  Gateway gateway(exporting(R"("queue": {"max_batch_size": 2, "max_entries": 4,
      "initial_retry_delay": 50, "max_retry_delay": 50})"));
  gateway.answer = [](const http_call&) { return answer_of(503); };
  for (int i = 0; i < 4; ++i) gateway.request();
  CHECK(gateway.calls.size() == 1);
  gateway.answer = [](const http_call&) { return answer_of(200); };
  for (int i = 0; i < 2; ++i) gateway.request();
  CHECK(gateway.host.metric(k_dropped, {"queue_full"}) == 2);
  CHECK(gateway.spans.size() == 4);
}

GW_TEST_CASE("max_bytes bounds the queue as well") {
  Gateway gateway(exporting(R"("queue": {"max_bytes": 2000})"));
  for (int i = 0; i < 20; ++i) gateway.request();
  CHECK(gateway.host.metric(k_dropped, {"queue_full"}) > 0);
  gateway.flush();
  REQUIRE(gateway.calls.size() == 1);
  CHECK(gateway.calls[0].body.size() < 2500);
  CHECK(gateway.host.metric(k_dropped, {"queue_full"}) + std::int64_t(gateway.spans.size()) == 20);
}

GW_TEST_CASE("what is left when the worker stops is posted once more") {
  Gateway gateway(exporting());
  gateway.request();
  gateway.plugin.stop();
  REQUIRE(gateway.host.http_calls().size() == 1);
  CHECK(otlp::decode(gateway.host.http_calls()[0].body).spans.size() == 1);
  gateway.host.turn();
}
