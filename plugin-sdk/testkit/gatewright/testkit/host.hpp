// SPDX-License-Identifier: Apache-2.0
// The host in memory: what a plugin sees of Gatewright, without sockets, threads or a real clock.
// Time moves only by advance(); resumes, timers and answers to HTTP calls are delivered only by
// advance() and turn(). Whatever a test does wrong (a missing .so, a refused configuration) throws
// std::runtime_error with the text a user would read. Not for more than one thread, but for
// resume() of a token and the store functions.
//
// When a host ends it fails on every rule of the ABI that a plugin has broken (mode.hpp says in
// which modes which are seen), also on timers that outlive their worker and on pauses that nothing
// could have ended: the current mode_scope gets the list, without one the destructor throws a
// std::logic_error.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatewright/plugin.h"
#include "gatewright/testkit/mode.hpp"

namespace gw::test {

using field_list = std::vector<std::pair<std::string, std::string>>;

struct log_line {
  gw_log_level level;
  std::string plugin;  // empty outside of a request
  std::string text;
  field_list kv;
};

// A call that a plugin made, and what the script answers.
struct http_call {
  std::string url, method, body;
  field_list headers;
  uint32_t timeout_ms;
};
struct http_answer {
  int status = 200;
  std::string body;
  field_list headers;
  gw_status error = GW_OK;  // else status is 0
};

struct load_options {
  std::string plugin;  // of a module with several; empty: its first
  std::string key = "entry-1";
  std::string route_id, service_id, consumer_id;
  uint32_t workers = 1;
  class instance* prev = nullptr;  // the same entry in the generation before
};

struct world;  // private

// One entry of the configuration with its workers; lives as long as the host.
class instance {
 public:
  instance(world& w, const gw_plugin_desc& desc, const std::string& config, const load_options& o);
  ~instance();
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  const gw_plugin_desc& desc() const { return desc_; }
  void* raw() const { return inst_; }
  gw_worker* worker(uint32_t i) const;
  void* worker_state(uint32_t i) const;
  // Stops the workers and frees the instance, as when its generation ends.
  void stop();

 private:
  world& world_;
  gw_plugin_desc desc_{};
  void* inst_ = nullptr;
  struct started;
  std::vector<std::unique_ptr<started>> workers_;
};

class host {
 public:
  host();
  ~host() noexcept(false);
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  // Entities, to be added before the plugin that uses them is loaded.
  void add_consumer(const std::string& id, const std::string& username = {},
                    const std::string& custom_id = {});
  void add_credential(const std::string& collection, const std::string& id,
                      const std::string& consumer_id, const std::string& json);

  instance& load(const std::string& path, const std::string& config = "{}",
                 const load_options& options = {});
  // What the .so says of itself.
  const gw_plugin_desc& describe(const std::string& path, const std::string& plugin = {});

  // Lets time pass, timer by timer.
  void advance(std::chrono::nanoseconds d);
  // Delivers what is due now: resumes, answers to HTTP calls.
  void turn();
  uint64_t unix_ns() const;
  uint64_t mono_ns() const;
  void set_unix_ns(uint64_t t);

  // Called for each HTTP call at the next turn(); without a script: GW_E_CONNECT.
  void script_http(std::function<http_answer(const http_call&)> script);
  const std::vector<http_call>& http_calls() const;
  const std::vector<log_line>& logs() const;
  // A counter's or gauge's value, a histogram's count; 0 for a series that was never touched.
  int64_t metric(const std::string& name, const std::vector<std::string>& labels = {}) const;
  double histogram_sum(const std::string& name, const std::vector<std::string>& labels = {}) const;
  // Makes each store answer GW_E_BUSY, as when it is locked or broken.
  void break_stores(bool broken);
  size_t pending_timers() const;
  mode running() const;
  // What was found so far, a line each: plugin, function, phase, what was done.
  std::vector<std::string> broken_rules() const;
  // Takes those with this text off the list; throws when there is none.
  void expect_broken(const std::string& part);

  world& internals() { return *world_; }

 private:
  std::unique_ptr<world> world_;
};

}  // namespace gw::test
