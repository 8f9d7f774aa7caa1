// SPDX-License-Identifier: Apache-2.0
#include "plugin/checks.hpp"

#include <gatewright/checking.hpp>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "shared/metrics.hpp"

namespace gw::plugin {

namespace {

// What is broken on another thread is counted on the worker's own.
class Reporter {
 public:
  explicit Reporter(WorkerEnvironment& environment) : environment_(environment) {
    shared::MetricShape shape;
    shape.name = "gatewright_plugin_rules_broken_total";
    shape.help = "What plugins did against the rules of the ABI, by plugin and function.";
    shape.labels = {"plugin", "function"};
    if (auto made = environment.region.metrics().define(shape); made.ok()) broken_ = made.value();
  }

  void report(const checking::violation& v) const {
    log::error(
        "plugin broke a rule",
        {{"plugin", v.plugin}, {"function", v.function}, {"phase", v.phase}, {"rule", v.text}});
    if (std::this_thread::get_id() == thread_) return count(v);
    environment_.mailbox.post([self = *this, v] { self.count(v); });
  }

 private:
  void count(const checking::violation& v) const {
    auto& metrics = environment_.region.metrics();
    const std::string_view labels[] = {v.plugin, v.function};
    metrics.add(metrics.with(broken_, labels), 1);
  }

  WorkerEnvironment& environment_;
  std::thread::id thread_ = std::this_thread::get_id();
  shared::MetricId broken_ = 0;
};

}  // namespace

bool start_checks(WorkerEnvironment& environment, gw_host& table) {
  if (!checking::asked_for()) return false;
  checking::options options;
  options.report = [reporter = Reporter(environment)](const auto& v) { reporter.report(v); };
  options.fatal_fd = log::descriptor();
  checking::start(std::move(options));
  checking::wrap(table);
  log::warn("plugins run with checks: each call of theirs costs more");
  return true;
}

}  // namespace gw::plugin
