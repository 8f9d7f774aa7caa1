// SPDX-License-Identifier: Apache-2.0
// gw.metrics/1 over the metrics of the shared region.
#include <numeric>

#include "plugin/host.hpp"
#include "shared/metrics.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint32_t k_max_labels = 8;
constexpr std::uint32_t k_max_buckets = 32;

shared::Metrics& metrics() { return Host::current()->environment().region.metrics(); }

gw_metric define(gw_cfg*, std::int32_t kind, gw_str name, gw_str help, const gw_str* labels,
                 std::uint32_t nlabels, const double* buckets, std::uint32_t nbuckets,
                 gw_error* error) noexcept {
  if (kind < GW_COUNTER || kind > GW_HISTOGRAM)
    return set_error(error, GW_E_INVALID, "no such kind of metric"), 0;
  if (nlabels > k_max_labels || nbuckets > k_max_buckets)
    return set_error(error, GW_E_TOOBIG, "more than 8 labels or 32 buckets"), 0;
  if ((nlabels > 0 && labels == nullptr) || (nbuckets > 0 && buckets == nullptr))
    return set_error(error, GW_E_INVALID, "labels or buckets is NULL"), 0;
  shared::MetricShape shape;
  shape.kind = shared::MetricKind(kind);
  shape.name = from_abi(name);
  shape.help = from_abi(help);
  for (std::uint32_t i = 0; i < nlabels; ++i) shape.labels.push_back(from_abi(labels[i]));
  if (nbuckets > 0) shape.buckets.assign(buckets, buckets + nbuckets);
  auto made = metrics().define(shape);
  if (made.ok()) return made.value();
  set_error(error, GW_E_EXISTS, made.error().text);
  return 0;
}

gw_metric with(gw_metric metric, const gw_str* values, std::uint32_t nvalues) noexcept {
  std::string_view views[k_max_labels];
  if (nvalues > k_max_labels || (nvalues > 0 && values == nullptr)) return 0;
  for (std::uint32_t i = 0; i < nvalues; ++i) views[i] = from_abi(values[i]);
  return metrics().with(metric, {views, nvalues});
}

void add(gw_metric series, std::int64_t n) noexcept { metrics().add(series, n); }

void set(gw_metric series, std::int64_t value) noexcept { metrics().set(series, value); }

void observe(gw_metric series, double value) noexcept { metrics().observe(series, value); }

void dyn(gw_metric metric, const gw_str* values, std::uint32_t nvalues, double value) noexcept {
  std::string_view views[k_max_labels];
  if (nvalues > k_max_labels || (nvalues > 0 && values == nullptr)) return;
  for (std::uint32_t i = 0; i < nvalues; ++i) views[i] = from_abi(values[i]);
  const auto series = metrics().dynamic(metric, {views, nvalues});
  switch (metrics().kind_of(series)) {
    case shared::MetricKind::counter:
      return metrics().add(series, std::int64_t(value));
    case shared::MetricKind::gauge:
      return metrics().set(series, std::int64_t(value));
    case shared::MetricKind::histogram:
      return metrics().observe(series, value);
  }
}

gw_status read(gw_metric series, gw_metric_value* out) noexcept {
  if (out->size < sizeof(gw_metric_value)) return GW_E_INVALID;
  shared::SeriesView view;
  if (!metrics().read(series, view)) return GW_E_NOTFOUND;
  out->kind = std::int32_t(metrics().kind_of(series));
  out->value = view.value;
  out->count = std::accumulate(view.buckets.begin(), view.buckets.end(), std::uint64_t(0));
  out->sum = view.sum;
  return GW_OK;
}

}  // namespace

const gw_metrics_api k_metrics_api{
    sizeof(gw_metrics_api), 0, define, with, add, set, observe, dyn, read};

}  // namespace gw::plugin
