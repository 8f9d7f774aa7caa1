// SPDX-License-Identifier: Apache-2.0
#include "shared/metrics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "shared/metrics_layout.hpp"
#include "shared/region.hpp"
#include "shared/robust_mutex.hpp"
#include "shared/sip_hash.hpp"

namespace gw::shared {

namespace {

constexpr std::uint64_t k_config_wait_ms = 5000;
constexpr std::uint64_t k_wait_ms = 50;
constexpr MetricId k_definition_bit = 1u << 31;
constexpr std::size_t k_max_label = 256;

bool good_name(std::string_view name, bool colons) {
  const auto good = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  if (name.empty() || name.size() > 128 || !good(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return good(c) || (c >= '0' && c <= '9'); });
}

Status check_shape(const MetricShape& shape) {
  if (!good_name(shape.name, true))
    return Error{cat("\"", shape.name, "\" is no metric name; expected [a-z_:][a-z0-9_:]*")};
  if (shape.labels.size() > k_max_labels)
    return Error{cat(shape.name, ": ", shape.labels.size(), " labels; expected at most 8")};
  for (const std::string_view label : shape.labels)
    if (!good_name(label, false))
      return Error{cat(shape.name, ": \"", label, "\" is no label name")};
  const bool histogram = shape.kind == MetricKind::histogram;
  if (shape.kind < MetricKind::counter || shape.kind > MetricKind::histogram)
    return Error{cat(shape.name, ": expected a counter, a gauge or a histogram")};
  if (shape.buckets.size() > k_max_buckets || histogram == shape.buckets.empty())
    return Error{cat(shape.name, ": ", shape.buckets.size(),
                     " buckets; expected 1 to 32 for a histogram, else none")};
  for (std::size_t i = 0; i < shape.buckets.size(); ++i)
    if (!std::isfinite(shape.buckets[i]) || (i > 0 && shape.buckets[i] <= shape.buckets[i - 1]))
      return Error{cat(shape.name, ": the buckets' bounds are not finite and ascending")};
  return ok_status();
}

bool same_shape(const MetricShape& a, const MetricShape& b) {
  return a.kind == b.kind && a.labels == b.labels && a.buckets == b.buckets;
}

}  // namespace

std::unique_ptr<Metrics> Metrics::open(Region& region) {
  std::uint64_t at = region.root(shared::Root::metrics);
  if (at == 0) {
    at = region.allocate(sizeof(Root));
    if (at == 0) return nullptr;
    Root& root = *region.at<Root>(at);
    // Up to 64 Ki numbers (512 KiB) for each slot, and never over a quarter of the region.
    const std::size_t share = region.bytes() / 4 / region.slots() / sizeof(Cell);
    root.cells = std::uint32_t(std::min<std::size_t>(65536, share)) & ~7u;
    root.cells_used = 1;
    root.max_series = std::bit_floor(std::max(root.cells / 4, 64u));
    root.index_mask = root.max_series * 2 - 1;
    root.definitions_at = region.allocate(k_max_definitions * sizeof(Definition));
    root.series_at = region.allocate((root.max_series + 1) * sizeof(Series));
    root.index_at = region.allocate((root.index_mask + 1) * sizeof(std::uint32_t));
    root.shards_at = region.allocate(std::size_t(region.slots()) * root.cells * sizeof(Cell));
    if (root.cells < 256 || root.shards_at == 0 || root.index_at == 0) return nullptr;
    region.set_root(shared::Root::metrics, at);
  }
  return std::unique_ptr<Metrics>(new Metrics(region, *region.at<Root>(at)));
}

Metrics::Metrics(Region& region, Root& root)
    : region_(region),
      root_(root),
      definitions_(region.at<Definition>(root.definitions_at)),
      series_(region.at<Series>(root.series_at)),
      index_(region.at<std::atomic<std::uint32_t>>(root.index_at)),
      mine_(shard(region.slot())) {}

Metrics::Cell* Metrics::shard(std::uint32_t slot) const {
  return region_.at<Cell>(root_.shards_at) + std::size_t(slot) * root_.cells;
}

void Metrics::use_slot(std::uint32_t slot) { mine_ = shard(slot); }

Result<MetricId> Metrics::define(const MetricShape& shape) {
  const Status good = check_shape(shape);
  if (!good) return good.error();
  Result<MetricId> made = make(shape);
  if (!made || !shape.labels.empty()) return made;
  const MetricId only = with(*made, {});
  if (only == 0) return Error{cat("no room for the metric ", shape.name)};
  return only;
}

Result<MetricId> Metrics::make(const MetricShape& shape) {
  const RobustLock lock(region_.mutex(), k_config_wait_ms, [] {});
  if (!lock.held()) return Error{"the shared memory region is busy"};
  if (const Definition* known = find(shape.name)) {
    if (same_shape(shape_of(*known), shape))
      return MetricId(known - definitions_) | k_definition_bit;
    return Error{cat("the metric ", shape.name, " exists with other labels, buckets or kind")};
  }
  const std::uint32_t number = root_.definitions.load(std::memory_order_relaxed);
  std::string text = cat(shape.name, '\0');
  for (const std::string_view label : shape.labels) text += cat(label, '\0');
  text += shape.help;
  const std::uint64_t at = number < k_max_definitions ? region_.allocate(text.size()) : 0;
  if (at == 0) return Error{cat("no room for the metric ", shape.name)};
  text.copy(region_.at<char>(at), text.size());
  Definition& definition = definitions_[number];
  definition.kind = shape.kind;
  definition.label_count = std::uint32_t(shape.labels.size());
  definition.bucket_count = std::uint32_t(shape.buckets.size());
  definition.help_length = std::uint32_t(shape.help.size());
  definition.text_at = at;
  std::copy(shape.buckets.begin(), shape.buckets.end(), definition.buckets);
  root_.definitions.store(number + 1, std::memory_order_release);
  return number | k_definition_bit;
}

Metrics::Definition* Metrics::find(std::string_view name) const {
  const std::uint32_t count = root_.definitions.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i)
    if (region_.at<char>(definitions_[i].text_at) == name) return &definitions_[i];
  return nullptr;
}

namespace {

// Label values as a series keeps them: each with its length before it.
class Labels {
 public:
  explicit Labels(std::span<const std::string_view> values) {
    for (std::string_view value : values) {
      value = value.substr(0, k_max_label);
      const auto length = std::uint16_t(value.size());
      std::memcpy(bytes_ + size_, &length, sizeof length);
      value.copy(bytes_ + size_ + sizeof length, value.size());
      size_ += sizeof length + value.size();
    }
  }
  std::string_view bytes() const { return {bytes_, size_}; }

 private:
  char bytes_[k_max_labels * (k_max_label + sizeof(std::uint16_t))];
  std::size_t size_ = 0;
};

}  // namespace

MetricId Metrics::with(MetricId metric, std::span<const std::string_view> values) {
  if ((metric & k_definition_bit) == 0) {
    // A metric without labels is already its own series.
    return values.empty() && metric <= root_.max_series ? metric : 0;
  }
  const std::uint32_t definition = metric & ~k_definition_bit;
  if (definition >= root_.definitions.load(std::memory_order_acquire)) return 0;
  if (values.size() != definitions_[definition].label_count) return 0;
  return find_or_make(definition, Labels(values).bytes());
}

MetricId Metrics::find_or_make(std::uint32_t definition, std::string_view labels) {
  std::uint32_t place = 0;
  if (const MetricId known = find_series(definition, labels, &place)) return known;
  const RobustLock lock(region_.mutex(), k_wait_ms, [] {});
  MetricId id = 0;
  if (lock.held()) {
    id = find_series(definition, labels, &place);
    if (id == 0) id = make_series(definition, labels, place);
  }
  if (id == 0) root_.overflow.fetch_add(1, std::memory_order_relaxed);
  return id;
}

MetricId Metrics::dynamic(MetricId metric, std::span<const std::string_view> values) {
  if ((metric & k_definition_bit) == 0) return with(metric, values);
  const std::uint32_t definition = metric & ~k_definition_bit;
  if (definition >= root_.definitions.load(std::memory_order_acquire)) return 0;
  Definition& shape = definitions_[definition];
  if (values.size() != shape.label_count) return 0;
  // First of all, while there is room for it.
  MetricId other = shape.other.load(std::memory_order_relaxed);
  if (other == 0) {
    const std::vector<std::string_view> others(values.size(), k_other);
    other = find_or_make(definition, Labels(others).bytes());
    shape.other.store(other, std::memory_order_relaxed);
  }
  const Labels labels(values);
  std::uint32_t place = 0;
  if (const MetricId known = find_series(definition, labels.bytes(), &place)) return known;
  if (shape.dynamic_series.load(std::memory_order_relaxed) >= k_dynamic_series) return other;
  const MetricId made = find_or_make(definition, labels.bytes());
  if (made == 0) return other;
  shape.dynamic_series.fetch_add(1, std::memory_order_relaxed);
  return made;
}

// *place: where it would stand in the index.
MetricId Metrics::find_series(std::uint32_t definition, std::string_view labels,
                              std::uint32_t* place) {
  const auto hash = std::uint32_t(sip_hash({definition, 0}, labels));
  for (*place = hash & root_.index_mask;; *place = (*place + 1) & root_.index_mask) {
    const MetricId id = index_[*place].load(std::memory_order_acquire);
    if (id == 0) return 0;
    const Series& series = series_[id];
    if (series.live.load(std::memory_order_acquire) == 0 || series.hash != hash) continue;
    if (series.definition != definition || series.labels_length != labels.size()) continue;
    if (std::memcmp(region_.at<char>(series.labels_at), labels.data(), labels.size()) == 0)
      return id;
  }
}

MetricId Metrics::make_series(std::uint32_t definition, std::string_view labels,
                              std::uint32_t place) {
  const Definition& shape = definitions_[definition];
  const std::uint32_t cells = shape.kind == MetricKind::histogram ? shape.bucket_count + 2 : 1;
  const std::uint32_t id = root_.series.load(std::memory_order_relaxed) + 1;
  if (id > root_.max_series || root_.cells_used + cells > root_.cells) return 0;
  const std::uint64_t at = region_.allocate(labels.size());
  if (at == 0) return 0;
  root_.series.store(id, std::memory_order_relaxed);
  labels.copy(region_.at<char>(at), labels.size());
  Series& series = series_[id];
  series.cell = root_.cells_used;
  root_.cells_used += cells;
  series.definition = definition;
  series.labels_at = at;
  series.labels_length = std::uint32_t(labels.size());
  series.hash = std::uint32_t(sip_hash({definition, 0}, labels));
  series.kind = shape.kind;
  index_[place].store(id, std::memory_order_release);
  series.live.store(1, std::memory_order_release);
  return id;
}

void Metrics::add(MetricId series, std::int64_t n) {
  if (series > root_.max_series) return;
  const Series& known = series_[series];
  if (known.kind == MetricKind::histogram) return;
  Cell& cell = mine_[known.cell];
  cell.store(cell.load(std::memory_order_relaxed) + std::uint64_t(n), std::memory_order_relaxed);
}

void Metrics::add_any_thread(MetricId series, std::int64_t n) {
  if (series > root_.max_series || series_[series].kind != MetricKind::gauge) return;
  mine_[series_[series].cell].fetch_add(std::uint64_t(n), std::memory_order_relaxed);
}

void Metrics::set(MetricId series, std::int64_t value) {
  if (series > root_.max_series || series_[series].kind != MetricKind::gauge) return;
  mine_[series_[series].cell].store(std::uint64_t(value), std::memory_order_relaxed);
}

void Metrics::observe(MetricId series, double value) {
  if (series > root_.max_series || std::isnan(value)) return;
  const Series& known = series_[series];
  if (known.kind != MetricKind::histogram) return;
  const Definition& shape = definitions_[known.definition];
  std::uint32_t bucket = 0;
  while (bucket < shape.bucket_count && value > shape.buckets[bucket]) ++bucket;
  Cell& count = mine_[known.cell + bucket];
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  Cell& sum = mine_[known.cell + shape.bucket_count + 1];
  const double before = std::bit_cast<double>(sum.load(std::memory_order_relaxed));
  sum.store(std::bit_cast<std::uint64_t>(before + value), std::memory_order_relaxed);
}

}  // namespace gw::shared
