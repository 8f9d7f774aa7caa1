// SPDX-License-Identifier: Apache-2.0
#include "plugin/plugin_clock.hpp"

#include <ctime>

#include "plugin/phase_order.hpp"

namespace gw::plugin {

PluginClock::PluginClock(shared::Metrics& metrics) : metrics_(metrics) {
  shared::MetricShape shape;
  shape.kind = shared::MetricKind::histogram;
  shape.name = k_metric;
  shape.help = "Time in callbacks of plugins, of one request in 64.";
  shape.labels = {"plugin", "phase"};
  shape.buckets = {1e-7, 5e-7, 1e-6, 5e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1};
  if (auto made = metrics.define(shape); made.ok()) metric_ = made.value();
}

void PluginClock::note(const Plugin& plugin, Phase phase, std::uint64_t ns) {
  if (plugin.index >= series_.size()) series_.resize(std::size_t(plugin.index) + 1);
  shared::MetricId& series = series_[plugin.index][std::size_t(phase)];
  if (series == 0) {
    const std::string_view labels[] = {plugin.name, phase_name(phase)};
    series = metrics_.with(metric_, labels);
  }
  metrics_.observe(series, double(ns) * 1e-9);
}

std::uint64_t PluginClock::now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::uint64_t(now.tv_sec) * 1'000'000'000 + std::uint64_t(now.tv_nsec);
}

}  // namespace gw::plugin
