// SPDX-License-Identifier: Apache-2.0
// PluginClock: what the callbacks of plugins take, by plugin and phase, as a histogram of metrics
// that all workers share. Only one request of k_every is timed, so that the others pay one test.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plugin/chain.hpp"
#include "plugin/registry.hpp"
#include "shared/metrics.hpp"

namespace gw::plugin {

class PluginClock {
 public:
  static constexpr std::uint64_t k_every = 64;
  static constexpr std::string_view k_metric = "gatewright_plugin_callback_seconds";

  explicit PluginClock(shared::Metrics& metrics);
  void note(const Plugin& plugin, Phase phase, std::uint64_t ns);

  static std::uint64_t now_ns();

 private:
  shared::Metrics& metrics_;
  shared::MetricId metric_ = 0;
  // By the plugin's index; 0: not made yet.
  std::vector<std::array<shared::MetricId, k_phases>> series_;
};

// Times what lies between its making and its end.
class TimedCallback {
 public:
  TimedCallback(PluginClock& clock, const Plugin& plugin, Phase phase)
      : clock_(clock), plugin_(plugin), phase_(phase), begun_(PluginClock::now_ns()) {}
  ~TimedCallback() { clock_.note(plugin_, phase_, PluginClock::now_ns() - begun_); }
  TimedCallback(const TimedCallback&) = delete;
  TimedCallback& operator=(const TimedCallback&) = delete;

 private:
  PluginClock& clock_;
  const Plugin& plugin_;
  Phase phase_;
  std::uint64_t begun_;
};

}  // namespace gw::plugin
