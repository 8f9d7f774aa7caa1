// SPDX-License-Identifier: Apache-2.0
// The bounded store of encoded spans of one worker: a list of batches, oldest first. Spans are
// appended to the open batch, the last one; a batch's bytes are one piece with room in front, where
// the request's prefix goes, so that it is sent and sent again without copying spans.
//
// When the store is full the oldest spans go first, but never from a batch that is being sent. It
// knows no host: what is done with a batch, and when, is the exporter's. Batches are recycled, so
// that a store in use stops allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gatewright/plugin.h"
#include "otlp_encoder.hpp"

namespace otel {

enum class BatchState { open, closed, calling, waiting };

struct Batch {
  ProtoBuffer bytes;
  std::size_t begin = 0;  // of the first span in bytes
  std::uint32_t spans = 0;
  BatchState state = BatchState::open;
  std::uint32_t failures = 0;       // calls that failed
  std::uint64_t first_call_ns = 0;  // monotonic; 0 before
  gw_handle timer = 0;              // while waiting
  Batch* prev = nullptr;
  Batch* next = nullptr;

  [[nodiscard]] std::string_view span_bytes() const { return bytes.view().substr(begin); }
};

struct QueueLimits {
  std::uint32_t max_batch_size = 200;  // spans
  std::uint32_t max_entries = 10'000;  // spans
  std::uint64_t max_bytes = 0;         // 0: no limit of its own
};

class SpanQueue {
 public:
  // headroom: bytes to leave free in front of the spans of each batch.
  SpanQueue(QueueLimits limits, std::size_t headroom);

  // Appends a span to the open batch. Returns how many spans were lost for it: older ones, or
  // itself when everything else is being sent or it is larger than the store. `emptied` is called
  // with a waiting batch that lost its last span, before it is released.
  template <typename Emptied>
  std::uint32_t push(std::string_view span, Emptied emptied);

  [[nodiscard]] Batch* open() const { return open_; }
  [[nodiscard]] bool open_is_full() const {
    return open_ != nullptr && open_->spans >= limits_.max_batch_size;
  }
  void close_open();
  // The oldest batch, and from there by `next`.
  [[nodiscard]] Batch* first() const { return first_; }
  // The oldest closed batch that nobody sends or waits for.
  [[nodiscard]] Batch* next_to_send() const;
  void release(Batch* batch);

  [[nodiscard]] std::uint32_t spans() const { return spans_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Whether more than 80 % of one of the limits is taken.
  [[nodiscard]] bool nearly_full() const;

 private:
  bool fits(std::size_t size) const;
  Batch* victim() const;
  bool drop_first_span(Batch* batch);
  void append(std::string_view span, std::size_t size);
  Batch* acquire();

  QueueLimits limits_;
  std::size_t headroom_;
  std::uint32_t spans_ = 0;
  std::uint64_t bytes_ = 0;
  Batch* first_ = nullptr;
  Batch* last_ = nullptr;
  Batch* open_ = nullptr;
  std::vector<std::unique_ptr<Batch>> in_use_;
  std::vector<std::unique_ptr<Batch>> free_;
};

template <typename Emptied>
std::uint32_t SpanQueue::push(std::string_view span, Emptied emptied) {
  const std::size_t size = span_field_size(span.size());
  if (limits_.max_bytes != 0 && size > limits_.max_bytes) return 1;
  std::uint32_t lost = 0;
  while (!fits(size)) {
    Batch* batch = victim();
    if (batch == nullptr) return lost + 1;
    ++lost;
    if (!drop_first_span(batch) || batch == open_) continue;
    if (batch->state == BatchState::waiting) emptied(batch);
    release(batch);
  }
  append(span, size);
  return lost;
}

}  // namespace otel
