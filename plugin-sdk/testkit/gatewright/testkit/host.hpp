// SPDX-License-Identifier: Apache-2.0
// The host in memory: what a plugin sees of Gatewright, without sockets, threads or a real clock.
// Time moves only by advance(); resumes, timers and answers to HTTP calls are delivered only by
// advance() and turn(). Whatever a test does wrong (a missing .so, a refused configuration) throws
// std::runtime_error with the text a user would read. Not for more than one thread, but for
// resume() of a token, post() and the store functions.
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

// A request to the admin side, and what the plugin answers.
struct admin_request {
  std::string method = "GET";
  std::string target = "/";  // "/plugin-api/NAME/keys?x=1", or one of its whole paths
  field_list headers;
  std::string body;
};
struct admin_answer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  field_list headers;
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
  // As the module has it.
  const gw_plugin_desc& given() const { return given_; }
  void* raw() const { return inst_; }
  const std::string& key() const { return key_; }
  uint64_t generation() const { return generation_; }
  gw_worker* worker(uint32_t i) const;
  void* worker_state(uint32_t i) const;
  // What the plugin answers to the beginning of a TLS connection on a worker (host/tls.h):
  // GW_E_UNSUPPORTED when it does not look at them. `chain`: the PEM of the certificate that it
  // chose; empty: none.
  gw_status client_hello(const std::string& server_name, std::string& chain,
                         const std::string& client_ip = "203.0.113.7", uint32_t worker = 0);
  // Stops the workers and frees the instance, as when its generation ends.
  void stop();
  // One of them ends, the others go on. It must not be asked for afterwards.
  void stop_worker(uint32_t i);

 private:
  world& world_;
  const gw_plugin_desc& given_;
  std::string key_;
  uint64_t generation_;
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
  // Delivers what is due now: resumes, posts, answers to HTTP calls, watched descriptors that are
  // ready (each once).
  void turn();
  // The same, after a wait in real time until a watched descriptor is ready, at most so long.
  // False: none was. For libraries that talk to a real peer.
  bool wait_fds(std::chrono::milliseconds limit);
  uint64_t unix_ns() const;
  uint64_t mono_ns() const;
  void set_unix_ns(uint64_t t);

  // What has been loaded so far begins to serve: gw.plugin.configure/1 of each plugin.
  void configure();
  // gw.plugin.admin/1 of the plugin; 404 when it has nothing there.
  admin_answer admin(const std::string& plugin, const admin_request& request);
  // Bytes that the plugin has taken through gw.memory/1 and not given back.
  int64_t memory_of(const std::string& plugin) const;

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
