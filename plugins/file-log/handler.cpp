// SPDX-License-Identifier: Apache-2.0
// file-log: one JSON line for each request, in Kong's shape.
#include "config.hpp"
#include "file-log_schema.h"
#include "gatewright/log_record.hpp"
#include "queue.hpp"

namespace file_log {

class Handler {
 public:
  static constexpr auto name = "file-log";
  static constexpr int priority = 9;
  static constexpr auto version = "1.0.0";
  static constexpr auto schema = gw_schema;

  struct WorkerState {
    WorkerState(gw::worker worker, const Handler& handler)
        : queue(worker, handler.config_, handler.drops_) {}
    Queue queue;
  };
  using worker_state = WorkerState;

  explicit Handler(gw::config source) : config_(source), record_(source), drops_(source) {}

  void on_log(gw::request r) const {
    Queue& queue = r.worker_state<WorkerState>().queue;
    gw::byte_buffer& lines = queue.lines();
    const std::size_t before = lines.size();
    record_.append(lines, r);
    lines.append("\n");
    queue.added(before);
  }

 private:
  Config config_;
  gw::log_record record_;
  Drops drops_;
};

}  // namespace file_log

using file_log::Handler;
GW_PLUGIN(Handler)
