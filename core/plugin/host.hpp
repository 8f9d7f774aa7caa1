// SPDX-License-Identifier: Apache-2.0
// Host: the gw_host that plugins are given, and the tables behind get_api; one for each process.
// Its functions find the worker that they run in through it. host_*.cpp hold one table each.
#pragma once

#include <gatewright/plugin.h>

#include <string_view>

#include "plugin/pauses.hpp"
#include "plugin/worker_environment.hpp"

namespace gw::plugin {

class Host {
 public:
  explicit Host(WorkerEnvironment& environment);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const gw_host& abi() const { return abi_.table; }
  WorkerEnvironment& environment() { return environment_; }
  Pauses& pauses() { return pauses_; }
  // The one of this process; null before it is made and in processes without plugins.
  static Host* current();
  static Host& of(const gw_host* host);

 private:
  struct Abi {
    gw_host table{};  // first: what plugins hold
    Host* host = nullptr;
  };
  Abi abi_;
  WorkerEnvironment& environment_;
  Pauses pauses_;
};

// A plugin's table by id; null: not offered.
const void* find_api(std::string_view id);
// One for each host_*.cpp.
extern const gw_req_api k_request_api;
extern const gw_config_api k_config_api;
extern const gw_consumers_api k_consumers_api;
extern const gw_kv_api k_kv_api;
extern const gw_metrics_api k_metrics_api;
extern const gw_loop_api k_loop_api;
extern const gw_http_api k_http_api;

inline gw_str to_abi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view from_abi(gw_str text) { return {text.p, text.n}; }
// Fills an error of the plugin's; cut if longer. error may be null.
void set_error(gw_error* error, std::int32_t code, std::string_view text);

}  // namespace gw::plugin
