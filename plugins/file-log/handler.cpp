// SPDX-License-Identifier: Apache-2.0
// file-log: one JSON line for each request, in Kong's shape.
#include <memory>

#include "config.hpp"
#include "file-log_schema.h"
#include "record.hpp"
#include "writer.hpp"

namespace file_log {

class Handler {
 public:
  static constexpr auto name = "file-log";
  static constexpr int priority = 9;
  static constexpr auto version = "1.0.0";
  static constexpr auto schema = gw_schema;

  struct WorkerState {
    WorkerState(gw::worker worker, const Handler& handler)
        : host(worker.host()),
          writer({handler.config_.path, handler.config_.reopen, handler.config_.flush_interval_ms,
                  handler.config_.queue_max_bytes}) {}
    gw::host host;
    Writer writer;
    std::string line;
    std::uint64_t warned_ns = 0;
  };
  using worker_state = WorkerState;

  explicit Handler(gw::config source)
      : config_(source), identity_(source.slot<gw_identity>(GW_SLOT_CONSUMER)) {
    const gw::metric dropped =
        source.counter("gatewright_log_dropped_total", "Lines that log plugins did not write.",
                       {"plugin", "reason"});
    queue_full_ = dropped.with({name, "queue_full"});
    write_failed_ = dropped.with({name, "write_failed"});
  }

  void on_log(gw::request r) const {
    auto& state = r.worker_state<WorkerState>();
    state.line.clear();
    append_record(state.line, r, identity_, config_);
    const bool taken = state.writer.add(state.line);
    const std::uint64_t failed = state.writer.take_failed();
    if (!taken) queue_full_.add(1);
    if (failed > 0) write_failed_.add(static_cast<std::int64_t>(failed));
    if (!taken || failed > 0) warn(state, r);
  }

 private:
  // At most once a minute.
  void warn(WorkerState& state, gw::request r) const {
    const std::uint64_t now = state.host.mono_ns();
    if (state.warned_ns != 0 && now - state.warned_ns < 60'000'000'000u) return;
    state.warned_ns = now;
    r.log(GW_LOG_WARN, gw::join("log lines are lost: ", config_.path,
                                " does not take them fast enough, or not at all"));
  }

  Config config_;
  gw::slot<gw_identity> identity_;
  gw::metric queue_full_, write_failed_;
};

}  // namespace file_log

using file_log::Handler;
GW_PLUGIN(Handler)
