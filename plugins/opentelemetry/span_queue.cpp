// SPDX-License-Identifier: Apache-2.0
#include "span_queue.hpp"

#include <algorithm>
#include <cstring>

namespace otel {
namespace {

constexpr std::size_t k_kept_batches = 4;     // free ones, after a burst
constexpr std::size_t k_dead_bytes = 65'536;  // in front of a batch, before it is moved up

// What stays after the first spans were dropped is moved to the front once it is the smaller part,
// so that a batch that loses as many spans as it gains doesn't grow.
void move_up(Batch& batch, std::size_t headroom) {
  const std::size_t live = batch.bytes.size() - batch.begin;
  const std::size_t dead = batch.begin - headroom;
  if (live != 0 && (dead < k_dead_bytes || dead < live)) return;
  std::memmove(batch.bytes.data() + headroom, batch.bytes.data() + batch.begin, live);
  batch.bytes.clear();
  batch.bytes.grow(headroom + live);
  batch.begin = headroom;
}

}  // namespace

SpanQueue::SpanQueue(QueueLimits limits, std::size_t headroom)
    : limits_(limits), headroom_(headroom) {
  limits_.max_batch_size = std::min(limits_.max_batch_size, limits_.max_entries);
}

bool SpanQueue::fits(std::size_t size) const {
  return spans_ < limits_.max_entries &&
         (limits_.max_bytes == 0 || bytes_ + size <= limits_.max_bytes);
}

bool SpanQueue::nearly_full() const {
  return std::uint64_t(spans_) * 5 > std::uint64_t(limits_.max_entries) * 4 ||
         (limits_.max_bytes != 0 && bytes_ / 4 > limits_.max_bytes / 5);
}

Batch* SpanQueue::victim() const {
  for (Batch* batch = first_; batch != nullptr; batch = batch->next) {
    if (batch->state != BatchState::calling && batch->spans != 0) return batch;
  }
  return nullptr;
}

// True when it was the last one.
bool SpanQueue::drop_first_span(Batch* batch) {
  const std::size_t size = first_span_size(batch->span_bytes());
  batch->begin += size;
  --batch->spans;
  bytes_ -= size;
  --spans_;
  move_up(*batch, headroom_);
  return batch->spans == 0;
}

void SpanQueue::append(std::string_view span, std::size_t size) {
  if (open_ == nullptr) open_ = acquire();
  append_span(open_->bytes, span);
  ++open_->spans;
  ++spans_;
  bytes_ += size;
}

Batch* SpanQueue::acquire() {
  if (free_.empty()) free_.push_back(std::make_unique<Batch>());
  Batch* batch = free_.back().get();
  in_use_.push_back(std::move(free_.back()));
  free_.pop_back();
  batch->bytes.clear();
  batch->bytes.grow(headroom_);
  batch->begin = headroom_;
  batch->spans = 0;
  batch->state = BatchState::open;
  batch->failures = 0;
  batch->first_call_ns = 0;
  batch->timer = 0;
  batch->prev = last_;
  batch->next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = batch;
  last_ = batch;
  return batch;
}

void SpanQueue::close_open() {
  open_->state = BatchState::closed;
  open_ = nullptr;
}

Batch* SpanQueue::next_to_send() const {
  for (Batch* batch = first_; batch != nullptr; batch = batch->next) {
    if (batch->state == BatchState::closed) return batch;
  }
  return nullptr;
}

void SpanQueue::release(Batch* batch) {
  spans_ -= batch->spans;
  bytes_ -= batch->bytes.size() - batch->begin;
  (batch->prev == nullptr ? first_ : batch->prev->next) = batch->next;
  (batch->next == nullptr ? last_ : batch->next->prev) = batch->prev;
  if (batch == open_) open_ = nullptr;
  const auto at = std::find_if(in_use_.begin(), in_use_.end(),
                               [&](const auto& owned) { return owned.get() == batch; });
  std::swap(*at, in_use_.back());
  if (free_.size() < k_kept_batches) free_.push_back(std::move(in_use_.back()));
  in_use_.pop_back();
}

}  // namespace otel
