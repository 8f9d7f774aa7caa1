// SPDX-License-Identifier: Apache-2.0
// Host: the gw_host that plugins are given, and the tables behind get_api; one for each process,
// made on the thread of its loop. Its functions find the worker that they run in through it.
// host_*.cpp hold one table each.
#pragma once

#include <gatewright/plugin.h>

#include <cstring>
#include <memory>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "plugin/claims.hpp"
#include "plugin/pauses.hpp"
#include "plugin/plugin_clock.hpp"
#include "plugin/pool.hpp"
#include "plugin/worker_environment.hpp"
#include "shared/metrics.hpp"

namespace gw::plugin {

class Generation;

class Host {
 public:
  explicit Host(WorkerEnvironment& environment);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const gw_host& abi() const { return abi_.table; }
  WorkerEnvironment& environment() { return environment_; }
  Pauses& pauses() { return pauses_; }
  Claims& claims() { return claims_; }
  Pool& pool() { return pool_; }
  PluginClock& clock() { return clock_; }
  // Descriptors that plugins watch on this worker.
  std::unordered_set<int>& watched() { return watched_; }
  // Of this process, on the worker board.
  shared::WorkerSlot& slot() { return slot_; }
  // Whether the caller is the thread of this worker's loop.
  bool on_own_thread() const { return std::this_thread::get_id() == thread_; }
  // A callback of a plugin failed in this phase: gatewright_plugin_errors_total.
  void count_failure(std::string_view plugin, std::string_view phase);
  // So many jobs more: gatewright_plugin_jobs.
  void count_jobs(std::string_view plugin, int n);
  // A generation that only waits for jobs of its plugins: it ends when these have.
  void keep_until_idle(std::unique_ptr<Generation> generation);
  bool has_waiting_generations() const { return !waiting_.empty(); }
  // Ends those, after a last wait for their jobs. Before the plugins go.
  void end_waiting(std::uint64_t wait_ms);
  // Told when the last of them has ended; null: nobody.
  void (*on_idle)(void* context) = nullptr;
  void* on_idle_context = nullptr;
  // Whether plugins run with checks (GATEWRIGHT_CHECK_PLUGINS=1).
  bool checks_plugins() const { return checks_; }
  // The one of this process; null before it is made and in processes without plugins.
  static Host* current();
  static Host& of(const gw_host* host);

 private:
  void end_idle();
  struct Abi {
    gw_host table{};  // first: what plugins hold
    Host* host = nullptr;
  };
  Abi abi_;
  WorkerEnvironment& environment_;
  shared::WorkerSlot& slot_;
  Pauses pauses_;
  Claims claims_;
  std::unordered_set<int> watched_;
  Pool pool_;
  PluginClock clock_;
  std::vector<std::unique_ptr<Generation>> waiting_;
  std::thread::id thread_ = std::this_thread::get_id();
  shared::MetricId failures_ = 0;
  shared::MetricId jobs_ = 0;
  bool checks_ = false;
};

// A plugin's table by id; null: not offered.
const void* find_api(std::string_view id);
// One for each host_*.cpp.
extern const gw_req_api k_request_api;
extern const gw_config_api k_config_api;
extern const gw_consumers_api k_consumers_api;
extern const gw_kv_api k_kv_api;
extern const gw_metrics_api k_metrics_api;
extern const gw_tls_api k_tls_api;
extern const gw_loop_api k_loop_api;
extern const gw_pool_api k_pool_api;
extern const gw_memory_api k_memory_api;
extern const gw_http_api k_http_api;

inline gw_str to_abi(std::string_view text) { return {text.data(), text.size()}; }
// An absent text is an empty one with null data, whatever its length says.
inline std::string_view from_abi(gw_str text) { return {text.p, text.p != nullptr ? text.n : 0}; }
// What a plugin wrote into an error that it was given; ends within it.
inline std::string_view text_of(const gw_error& error) {
  return {error.msg, ::strnlen(error.msg, sizeof error.msg)};
}
// Fills an error of the plugin's; cut if longer. error may be null.
void set_error(gw_error* error, std::int32_t code, std::string_view text);

}  // namespace gw::plugin
