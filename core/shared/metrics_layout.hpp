// SPDX-License-Identifier: Apache-2.0
// How metrics lie in the region. Private to the two metrics sources. Everything is made under the
// region's lock, filled first and published by its last store (`count` of definitions, `live` of a
// series), so what a dying process leaves behind is never seen.
#pragma once

#include "shared/metrics.hpp"

namespace gw::shared {

inline constexpr std::uint32_t k_max_definitions = 1024;
inline constexpr std::size_t k_max_labels = 8;
inline constexpr std::size_t k_max_buckets = 32;

struct Metrics::Root {
  std::atomic<std::uint32_t> definitions;  // made
  std::atomic<std::uint32_t> series;       // numbers given; the first is 1
  std::uint32_t max_series;
  std::uint32_t index_mask;
  std::uint32_t cells;       // of each slot
  std::uint32_t cells_used;  // cell 0 is where writes without effect go
  std::atomic<std::uint64_t> overflow;
  std::uint64_t definitions_at;  // offsets in the region
  std::uint64_t series_at;
  std::uint64_t index_at;
  std::uint64_t shards_at;
};

struct Metrics::Definition {
  MetricKind kind;
  std::uint32_t label_count;
  std::uint32_t bucket_count;  // without +Inf
  std::uint32_t help_length;
  std::uint64_t text_at;  // name NUL label NUL … help
  std::atomic<std::uint32_t> dynamic_series;
  std::atomic<std::uint32_t> other;  // the series that counts what is above k_dynamic_series
  double buckets[k_max_buckets];
};

// 32 bytes. A histogram has bucket_count + 2 cells: the buckets, +Inf, the sum as a double.
struct Metrics::Series {
  std::uint32_t cell;
  std::uint32_t definition;
  std::uint64_t labels_at;
  std::uint32_t labels_length;
  std::uint32_t hash;
  MetricKind kind;
  std::atomic<std::uint32_t> live;
};

}  // namespace gw::shared
