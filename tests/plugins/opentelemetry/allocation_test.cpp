// SPDX-License-Identifier: Apache-2.0
// A span's way into a batch allocates nothing once the buffers have their size.
#include "opentelemetry/attribute_text.hpp"
#include "opentelemetry/span_queue.hpp"
#include "support/catch.hpp"
#include "support/counted_new.hpp"

using support::allocations;

namespace {

void encode(otel::ProtoBuffer& bytes, std::string& scratch) {
  const otel::TraceId trace{1};
  const otel::SpanId id{2};
  bytes.clear();
  otel::SpanEncoder span(bytes, {.trace_id = trace, .span_id = id});
  span.name("GET", "orders");
  span.attribute("url.path", otel::clean_text("/orders/\xff/of/a/length/beyond/small", scratch));
  span.attribute("http.response.status_code", std::int64_t(200));
  span.error();
}

}  // namespace

TEST_CASE("spans are encoded, queued, batched and released without an allocation") {
  const otel::RequestPrefix prefix(otel::Attributes{{"service.name", "gatewright"}});
  otel::SpanQueue queue({.max_batch_size = 20, .max_entries = 50}, prefix.max_size());
  otel::ProtoBuffer bytes;
  std::string scratch;
  std::uint32_t lost = 0;
  const auto push_batch = [&] {
    while (!queue.open_is_full()) {
      encode(bytes, scratch);
      lost += queue.push(bytes.view(), [](otel::Batch*) {});
    }
    queue.close_open();
  };
  const auto turn_over = [&](int batches) {
    for (int i = 0; i < batches; ++i) {
      push_batch();
      push_batch();
      queue.release(queue.next_to_send());
    }
  };
  turn_over(50);
  const std::uint64_t before = allocations;
  turn_over(100);
  CHECK(allocations == before);
  CHECK(lost > 0);
}
