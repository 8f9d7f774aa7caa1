// SPDX-License-Identifier: Apache-2.0
// The reading side: sums over the slots.
#include <bit>
#include <cstring>

#include "shared/metrics_layout.hpp"
#include "shared/region.hpp"

namespace gw::shared {

MetricShape Metrics::shape_of(const Definition& definition) const {
  MetricShape shape;
  shape.kind = definition.kind;
  const char* text = region_.at<char>(definition.text_at);
  const auto next = [&text] {
    const std::string_view piece(text);
    text += piece.size() + 1;
    return piece;
  };
  shape.name = next();
  for (std::uint32_t i = 0; i < definition.label_count; ++i) shape.labels.push_back(next());
  shape.help = {text, definition.help_length};
  shape.buckets.assign(definition.buckets, definition.buckets + definition.bucket_count);
  return shape;
}

SeriesView Metrics::view_of(const Series& series) const {
  SeriesView view;
  const Definition& definition = definitions_[series.definition];
  const char* text = region_.at<char>(series.labels_at);
  for (std::uint32_t i = 0; i < definition.label_count; ++i) {
    std::uint16_t length;
    std::memcpy(&length, text, sizeof length);
    view.labels.emplace_back(text + sizeof length, length);
    text += sizeof length + length;
  }
  sum_up(series, view);
  return view;
}

void Metrics::sum_up(const Series& series, SeriesView& view) const {
  const Definition& definition = definitions_[series.definition];
  const bool histogram = series.kind == MetricKind::histogram;
  if (histogram) view.buckets.resize(definition.bucket_count + 1);
  for (std::uint32_t slot = 0; slot < region_.slots(); ++slot) {
    const Cell* cells = shard(slot) + series.cell;
    if (!histogram) {
      view.value += std::int64_t(cells[0].load(std::memory_order_relaxed));
      continue;
    }
    for (std::size_t i = 0; i < view.buckets.size(); ++i)
      view.buckets[i] += cells[i].load(std::memory_order_relaxed);
    view.sum += std::bit_cast<double>(cells[view.buckets.size()].load(std::memory_order_relaxed));
  }
}

MetricKind Metrics::kind_of(MetricId series) const {
  const bool is_one = series != 0 && series <= root_.max_series;
  return is_one ? series_[series].kind : MetricKind::counter;
}

bool Metrics::read(MetricId series, SeriesView& out) const {
  if (series == 0 || series > root_.max_series) return false;
  const Series& known = series_[series];
  if (known.live.load(std::memory_order_acquire) == 0) return false;
  sum_up(known, out);
  return true;
}

void Metrics::collect(MetricVisitor& visitor) const {
  std::vector<std::vector<const Series*>> found(root_.definitions.load(std::memory_order_acquire));
  const std::uint32_t series = root_.series.load(std::memory_order_acquire);
  for (std::uint32_t id = 1; id <= series; ++id) {
    const Series& one = series_[id];
    // A definition made since the count was read is left to the next time.
    if (one.live.load(std::memory_order_acquire) != 0 && one.definition < found.size())
      found[one.definition].push_back(&one);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    visitor.on_metric(shape_of(definitions_[i]));
    for (const Series* one : found[i]) visitor.on_series(view_of(*one));
  }
}

std::uint64_t Metrics::overflow() const { return root_.overflow.load(std::memory_order_relaxed); }

void Metrics::clear_gauges(std::uint32_t slot) {
  const std::uint32_t series = root_.series.load(std::memory_order_acquire);
  for (std::uint32_t id = 1; id <= series; ++id)
    if (series_[id].live.load(std::memory_order_acquire) != 0 &&
        series_[id].kind == MetricKind::gauge)
      shard(slot)[series_[id].cell].store(0, std::memory_order_relaxed);
}

}  // namespace gw::shared
