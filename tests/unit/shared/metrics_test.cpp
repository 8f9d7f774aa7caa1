// SPDX-License-Identifier: Apache-2.0
#include "shared/metrics.hpp"

#include <cmath>
#include <map>
#include <string>

#include "catch.hpp"
#include "children.hpp"
#include "shared/region.hpp"
#include "shared/worker_board.hpp"

using namespace gw::shared;
using gw::test::Child;

namespace {

std::unique_ptr<Region> make_region() { return std::move(Region::create(16 << 20, 2)).value(); }

// All series as "name{labels} value".
class Reading : public MetricVisitor {
 public:
  explicit Reading(const Region& region) { const_cast<Region&>(region).metrics().collect(*this); }
  void on_metric(const MetricShape& shape) override {
    name_ = std::string(shape.name);
    help[name_] = std::string(shape.help);
  }
  void on_series(const SeriesView& series) override {
    std::string key = name_;
    for (const std::string_view label : series.labels) key += "," + std::string(label);
    values[key] = series.value;
    buckets[key] = series.buckets;
    sums[key] = series.sum;
  }
  std::map<std::string, std::int64_t> values;
  std::map<std::string, std::vector<std::uint64_t>> buckets;
  std::map<std::string, double> sums;
  std::map<std::string, std::string> help;

 private:
  std::string name_;
};

const std::vector<std::string_view> k_get{"GET"}, k_put{"PUT"};

}  // namespace

TEST_CASE("counters of all slots are summed") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricShape shape{MetricKind::counter, "requests_total", "All requests.", {"method"}, {}};
  const MetricId metric = metrics.define(shape).value();
  const MetricId get = metrics.with(metric, k_get);
  const MetricId put = metrics.with(metric, k_put);
  REQUIRE(get != 0);
  REQUIRE(get != put);
  CHECK(metrics.with(metric, k_get) == get);
  for (std::uint32_t slot = 0; slot < region->slots(); ++slot) {
    region->use_slot(slot);
    metrics.add(get, 10);
    metrics.add(put, slot);
  }
  const Reading reading(*region);
  CHECK(reading.values.at("requests_total,GET") == 40);
  CHECK(reading.values.at("requests_total,PUT") == 6);
  CHECK(reading.help.at("requests_total") == "All requests.");
}

TEST_CASE("a definition is found again by its name; another shape is refused") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricShape shape{MetricKind::counter, "a_total", "", {"x"}, {}};
  const MetricId metric = metrics.define(shape).value();
  const auto other = std::move(Region::attach(region->fd())).value();
  CHECK(other->metrics().define(shape).value() == metric);
  CHECK_FALSE(metrics.define({MetricKind::counter, "a_total", "", {"y"}, {}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::gauge, "a_total", "", {"x"}, {}}).ok());
}

TEST_CASE("bad shapes are refused") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  CHECK_FALSE(metrics.define({MetricKind::counter, "no-dash", "", {}, {}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::counter, "", "", {}, {}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::counter, "a", "", {"b:c"}, {}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::counter, "a", "", {}, {1.0}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::histogram, "a", "", {}, {}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::histogram, "a", "", {}, {2.0, 1.0}}).ok());
  CHECK_FALSE(metrics.define({MetricKind::histogram, "a", "", {}, {INFINITY}}).ok());
  const std::vector<std::string_view> nine(9, "l");
  CHECK_FALSE(metrics.define({MetricKind::counter, "a", "", nine, {}}).ok());
}

TEST_CASE("a metric without labels is its own series") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricId up = metrics.define({MetricKind::gauge, "up", "", {}, {}}).value();
  metrics.set(up, 3);
  metrics.add(up, -1);
  CHECK(metrics.with(up, {}) == up);
  CHECK(Reading(*region).values.at("up") == 2);
}

TEST_CASE("a histogram counts into its buckets and sums") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricId id =
      metrics.define({MetricKind::histogram, "seconds", "", {}, {0.1, 1.0}}).value();
  for (const double value : {0.05, 0.1, 0.5, 2.0, 3.0}) metrics.observe(id, value);
  metrics.observe(id, NAN);
  metrics.add(id, 1);  // wrong kind: nothing
  const Reading reading(*region);
  CHECK(reading.buckets.at("seconds") == std::vector<std::uint64_t>{2, 1, 2});
  CHECK(std::abs(reading.sums.at("seconds") - 5.65) < 1e-9);
}

TEST_CASE("ids that are none are no-ops") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricId metric = metrics.define({MetricKind::counter, "n_total", "", {"a"}, {}}).value();
  for (const MetricId id : {MetricId(0), metric, MetricId(12345), ~MetricId(0)}) {
    metrics.add(id, 1);
    metrics.set(id, 1);
    metrics.observe(id, 1);
  }
  CHECK(metrics.with(metric, {}) == 0);
  CHECK(metrics.with(77, k_get) == 0);
  CHECK(Reading(*region).values.empty());
}

TEST_CASE("series over the cap are refused and counted, and the others go on") {
  const auto region = std::move(Region::create(1 << 20, 2)).value();
  Metrics& metrics = region->metrics();
  const MetricId metric = metrics.define({MetricKind::counter, "n_total", "", {"a"}, {}}).value();
  std::uint64_t refused = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::string text = std::to_string(i);
    const std::vector<std::string_view> labels{text};
    refused += metrics.with(metric, labels) == 0;
  }
  CHECK(refused > 0);
  CHECK(refused < 100000);
  CHECK(metrics.overflow() == refused);
  const std::vector<std::string_view> first{"0"};
  metrics.add(metrics.with(metric, first), 7);
  CHECK(Reading(*region).values.at("n_total,0") == 7);
}

TEST_CASE("counters outlive a killed worker, gauges end with it") {
  const auto region = make_region();
  Metrics& metrics = region->metrics();
  const MetricId count = metrics.define({MetricKind::counter, "n_total", "", {}, {}}).value();
  const MetricId open = metrics.define({MetricKind::gauge, "open", "", {}, {}}).value();
  for (int round = 0; round < 2; ++round) {
    region->board().begin(1, 0);
    Child worker([&] {
      region->use_slot(1);
      region->metrics().add(count, 5);
      region->metrics().add(open, 2);
      region->board().mine().connections_active.set(1);
      return raise(SIGKILL);
    });
    CHECK(worker.wait() == -1);
    CHECK(Reading(*region).values.at("open") == 2);
    region->board().end(1);
  }
  const Reading reading(*region);
  CHECK(reading.values.at("n_total") == 10);
  CHECK(reading.values.at("open") == 0);
  CHECK(region->board().slots()[1].connections_active.get() == 0);
  CHECK(region->board().slots()[1].starts == 2);
}

TEST_CASE("processes that make the same series at the same time get the same one") {
  const auto region = make_region();
  const MetricId metric =
      region->metrics().define({MetricKind::counter, "n_total", "", {"a"}, {}}).value();
  const auto work = [&](std::uint32_t slot) {
    region->use_slot(slot);
    for (int i = 0; i < 300; ++i) {
      const std::string text = std::to_string(i);
      const std::vector<std::string_view> labels{text};
      region->metrics().add(region->metrics().with(metric, labels), 1);
    }
    return 0;
  };
  Child a([&] { return work(0); }), b([&] { return work(1); });
  CHECK(a.wait() == 0);
  CHECK(b.wait() == 0);
  const Reading reading(*region);
  CHECK(reading.values.size() == 300);
  for (const auto& [name, value] : reading.values) CHECK(value == 2);
}
