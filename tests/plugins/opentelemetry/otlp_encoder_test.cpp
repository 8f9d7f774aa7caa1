// SPDX-License-Identifier: Apache-2.0
#include "opentelemetry/otlp_encoder.hpp"

#include <limits>

#include "opentelemetry/span_queue.hpp"
#include "support/catch.hpp"
#include "support/otlp_collector.hpp"

namespace {

const otel::TraceId k_trace{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                            0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};
const otel::SpanId k_span{0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7};
const otel::SpanId k_parent{1, 2, 3, 4, 5, 6, 7, 8};

std::string small_span(const std::string& name) {
  otel::ProtoBuffer bytes;
  otel::SpanEncoder span(bytes, {.trace_id = k_trace, .span_id = k_span});
  span.name(name, {});
  return std::string(bytes.view());
}

// The request that a batch becomes.
otlp::Export decoded(const otel::Batch& batch, const otel::RequestPrefix& prefix) {
  otel::ProtoBuffer copy;
  copy.append(batch.bytes.view());
  char* spans = copy.data() + batch.begin;
  const std::size_t size = batch.span_bytes().size();
  const char* begin = prefix.write_before(spans, size);
  return otlp::decode({begin, std::size_t(spans - begin) + size});
}

const auto k_ignore = [](otel::Batch*) {};

}  // namespace

TEST_CASE("a span is encoded with every field that it has") {
  otel::ProtoBuffer bytes;
  otel::SpanEncoder span(bytes, {.trace_id = k_trace,
                                 .span_id = k_span,
                                 .parent = &k_parent,
                                 .parent_is_remote = true,
                                 .trace_flags = 3,
                                 .trace_state = "a=1",
                                 .kind = otel::SpanKind::client,
                                 .start_ns = 1'700'000'000'123'456'789ULL,
                                 .end_ns = 1'700'000'001'000'000'000ULL});
  span.name("GET", "orders");
  span.attribute("text", "value");
  span.attribute("empty", "");
  span.attribute("long", std::string(1000, 'x'));
  span.attribute("small", std::int64_t(1));
  span.attribute("negative", std::int64_t(-1));
  span.attribute("largest", std::numeric_limits<std::int64_t>::max());
  span.error();

  const otel::RequestPrefix prefix(otel::Attributes{{"service.name", "gatewright"}});
  otel::SpanQueue queue({}, prefix.max_size());
  REQUIRE(queue.push(bytes.view(), k_ignore) == 0);
  const otlp::Export sent = decoded(*queue.open(), prefix);

  CHECK(sent.resource == otlp::Attributes{{"service.name", std::string("gatewright")}});
  CHECK(sent.scope_name == "gatewright/opentelemetry");
  CHECK(sent.resource_schema_url == sent.scope_schema_url);
  REQUIRE(sent.spans.size() == 1);
  const otlp::Span& got = sent.spans[0];
  CHECK(got.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(got.span_id == "00f067aa0ba902b7");
  CHECK(got.parent_span_id == "0102030405060708");
  CHECK(got.trace_state == "a=1");
  CHECK(got.flags == 0x303);
  CHECK(got.kind == 3);
  CHECK(got.name == "GET orders");
  CHECK(got.start_ns == 1'700'000'000'123'456'789ULL);
  CHECK(got.end_ns == 1'700'000'001'000'000'000ULL);
  CHECK(got.status == 2);
  CHECK(got.attributes == otlp::Attributes{{"text", std::string("value")},
                                           {"empty", std::string()},
                                           {"long", std::string(1000, 'x')},
                                           {"small", std::int64_t(1)},
                                           {"negative", std::int64_t(-1)},
                                           {"largest", std::numeric_limits<std::int64_t>::max()}});
}

TEST_CASE("a root span has no parent, and no status when nothing failed") {
  const otel::RequestPrefix prefix(otel::Attributes{});
  otel::SpanQueue queue({}, prefix.max_size());
  REQUIRE(queue.push(small_span("GET"), k_ignore) == 0);
  const otlp::Export sent = decoded(*queue.open(), prefix);
  REQUIRE(sent.spans.size() == 1);
  CHECK(sent.spans[0].parent_span_id.empty());
  CHECK(sent.spans[0].flags == 0x100);
  CHECK(sent.spans[0].status == 0);
  CHECK(sent.resource.empty());
}

TEST_CASE("the prefix fits batches of any size") {
  const otel::RequestPrefix prefix(otel::Attributes{{"service.name", "s"}});
  for (const std::size_t name_size : {1U, 100U, 5'000U, 300'000U, 3'000'000U}) {
    otel::SpanQueue queue({}, prefix.max_size());
    REQUIRE(queue.push(small_span(std::string(name_size, 'n')), k_ignore) == 0);
    REQUIRE(queue.push(small_span("last"), k_ignore) == 0);
    const otlp::Export sent = decoded(*queue.open(), prefix);
    REQUIRE(sent.spans.size() == 2);
    CHECK(sent.spans[0].name.size() == name_size);
    CHECK(sent.spans[1].name == "last");
  }
}

TEST_CASE("a collector's answer tells how many spans it rejected") {
  const std::string body = otlp::encode_partial_success(300, "no");
  const otel::PartialSuccess answer = otel::parse_response(body);
  CHECK(answer.rejected_spans == 300);
  CHECK(answer.message == "no");
  CHECK(otel::parse_response("").rejected_spans == 0);
  CHECK(otel::parse_response("{\"partialSuccess\":{}}").rejected_spans == 0);
  CHECK(otel::parse_response("\x0a\x7f").rejected_spans == 0);
}

TEST_CASE("a full queue loses the oldest spans first") {
  const otel::RequestPrefix prefix(otel::Attributes{});
  otel::SpanQueue queue({.max_batch_size = 3, .max_entries = 5}, prefix.max_size());
  std::uint32_t lost = 0;
  for (int i = 0; i < 8; ++i) {
    lost += queue.push(small_span("n" + std::to_string(i)), k_ignore);
    if (queue.open_is_full()) queue.close_open();
  }
  CHECK(lost == 3);
  CHECK(queue.spans() == 5);
  std::string names;
  for (const otel::Batch* batch = queue.first(); batch != nullptr; batch = batch->next) {
    for (const otlp::Span& span : decoded(*batch, prefix).spans) names += span.name + " ";
  }
  CHECK(names == "n3 n4 n5 n6 n7 ");
}

TEST_CASE("a full queue takes nothing from a batch that is being sent") {
  const otel::RequestPrefix prefix(otel::Attributes{});
  otel::SpanQueue queue({.max_batch_size = 2, .max_entries = 2}, prefix.max_size());
  REQUIRE(queue.push(small_span("a"), k_ignore) == 0);
  REQUIRE(queue.push(small_span("b"), k_ignore) == 0);
  queue.close_open();
  queue.first()->state = otel::BatchState::calling;
  CHECK(queue.push(small_span("c"), k_ignore) == 1);
  CHECK(decoded(*queue.first(), prefix).spans.size() == 2);
  queue.first()->state = otel::BatchState::waiting;
  int emptied = 0;
  const auto count = [&](otel::Batch*) { ++emptied; };
  CHECK(queue.push(small_span("d"), count) == 1);
  CHECK(emptied == 0);
  CHECK(queue.push(small_span("e"), count) == 1);
  CHECK(emptied == 1);
  CHECK(queue.spans() == 2);
}

TEST_CASE("the queue is bounded in bytes, and by what is in it alone") {
  const otel::RequestPrefix prefix(otel::Attributes{});
  const std::string span = small_span(std::string(900, 'x'));
  const std::size_t size = otel::span_field_size(span.size());
  otel::SpanQueue queue({.max_batch_size = 1000, .max_entries = 1000, .max_bytes = 10 * size},
                        prefix.max_size());
  std::uint32_t lost = 0;
  for (int i = 0; i < 100'000; ++i) lost += queue.push(span, k_ignore);
  CHECK(lost == 99'990);
  CHECK(queue.spans() == 10);
  CHECK(queue.bytes() == 10 * size);
  CHECK(queue.open()->bytes.size() < 256 * 1024);
  CHECK(decoded(*queue.open(), prefix).spans.size() == 10);
  CHECK(queue.push(std::string(10 * size, 'x'), k_ignore) == 1);
  CHECK(queue.spans() == 10);
}

TEST_CASE("the queue tells when more than 80 % of a limit is taken") {
  const otel::RequestPrefix prefix(otel::Attributes{});
  otel::SpanQueue queue({.max_batch_size = 10, .max_entries = 10}, prefix.max_size());
  for (int i = 0; i < 8; ++i) REQUIRE(queue.push(small_span("s"), k_ignore) == 0);
  CHECK_FALSE(queue.nearly_full());
  REQUIRE(queue.push(small_span("s"), k_ignore) == 0);
  CHECK(queue.nearly_full());
}
