// SPDX-License-Identifier: Apache-2.0
// Metrics: what gw.metrics/1 and the core count, in the shared region: definitions and series found
// by name and labels, and one block of numbers for each slot, written by that worker alone, so that
// adding is a plain load and store on a line that nobody else writes. Readers sum over the blocks.
// Counters and histograms outlive the process that counted; a gauge ends with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gw::shared {

class Region;

enum class MetricKind : std::uint32_t { counter = 1, gauge = 2, histogram = 3 };

// A definition or a series of one; 0 is none. Of a definition without labels it is its only series.
using MetricId = std::uint32_t;

struct MetricShape {
  MetricKind kind = MetricKind::counter;
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> labels;  // names; at most 8
  std::vector<double> buckets;           // upper bounds, ascending, at most 32; +Inf is added
};

inline constexpr std::uint32_t k_dynamic_series = 1000;
inline constexpr std::string_view k_other = "_other";

struct SeriesView {
  std::vector<std::string_view> labels;  // values, in the order of the shape
  std::int64_t value = 0;                // counter, gauge
  std::vector<std::uint64_t> buckets;    // histogram: how many in each, the last one above all
  double sum = 0;
};

class MetricVisitor {
 public:
  virtual ~MetricVisitor() = default;
  // Once for each definition, before its series. Views end with the call.
  virtual void on_metric(const MetricShape& shape) = 0;
  virtual void on_series(const SeriesView& series) = 0;
};

class Metrics {
 public:
  // Makes the tables in the region or finds them; null when there is no room.
  static std::unique_ptr<Metrics> open(Region& region);

  // Finds or makes. An error for a bad shape, another shape under the same name, or no room.
  Result<MetricId> define(const MetricShape& shape);
  // The series of these label values (each cut at 256 bytes). 0 when there are too many, which is
  // counted. Not for the hot path: keep the id.
  MetricId with(MetricId metric, std::span<const std::string_view> values);
  // The same for values that are known late: at most k_dynamic_series of a metric, then the one
  // whose labels all are k_other. Allocates nothing once it is made.
  MetricId dynamic(MetricId metric, std::span<const std::string_view> values);

  // No-ops on id 0 and on a metric of another kind. For the one thread of this process that counts.
  void add(MetricId series, std::int64_t n);      // counter, gauge
  void set(MetricId series, std::int64_t value);  // gauge
  void observe(MetricId series, double value);    // histogram
  // To a gauge that is counted in this way only. Any thread.
  void add_any_thread(MetricId series, std::int64_t n);
  // Over all workers, without labels. False: no such series.
  bool read(MetricId series, SeriesView& out) const;
  // Of a series; counter for none.
  MetricKind kind_of(MetricId series) const;

  // Definitions in the order in which they were made, each with its series. Any process.
  void collect(MetricVisitor& visitor) const;
  // Series that were asked for and not made.
  std::uint64_t overflow() const;

  // For Region and WorkerBoard.
  void use_slot(std::uint32_t slot);
  void clear_gauges(std::uint32_t slot);

 private:
  struct Root;
  struct Definition;
  struct Series;
  using Cell = std::atomic<std::uint64_t>;

  Metrics(Region& region, Root& root);
  Definition* find(std::string_view name) const;
  Result<MetricId> make(const MetricShape& shape);
  MetricId find_series(std::uint32_t definition, std::string_view labels, std::uint32_t* place);
  MetricId make_series(std::uint32_t definition, std::string_view labels, std::uint32_t place);
  MetricShape shape_of(const Definition& definition) const;
  SeriesView view_of(const Series& series) const;
  void sum_up(const Series& series, SeriesView& view) const;
  MetricId find_or_make(std::uint32_t definition, std::string_view labels);
  Cell* shard(std::uint32_t slot) const;

  Region& region_;
  Root& root_;
  Definition* definitions_;
  Series* series_;
  std::atomic<std::uint32_t>* index_;  // open addressing; numbers of series
  Cell* mine_;
};

}  // namespace gw::shared
