// SPDX-License-Identifier: Apache-2.0
// What is behind gw::test::host: one struct with the state of all tables, so that each table is one
// source file of free functions. The opaque types of the ABI are defined here.
#pragma once

#include <deque>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <unordered_map>

#include "gatewright/testkit.hpp"

// An entry's configuration while its instance is made.
struct gw_cfg {
  gw::test::world* world;
  const gw_plugin_desc* plugin;
  const nlohmann::json* doc;
  std::deque<std::string> texts;  // what was handed out as text
};

struct gw_worker {
  gw::test::world* world;
  gw::test::instance* owner;
  uint32_t index, count;
  bool ended = false;  // takes no more posts
};

struct gw_collection {
  std::deque<std::string> texts;
  std::deque<gw_credential> entries;
  std::unordered_map<std::string, const gw_credential*> by_key;
};

namespace gw::test {

inline gw_str to_str(const std::string& s) { return gw_str{s.data(), s.size()}; }
inline std::string to_string(gw_str s) { return s.p == nullptr ? "" : std::string(s.p, s.n); }
std::string lower_case(std::string s);
void write_error(gw_error* error, const std::string& text);

struct timer {
  uint64_t due_ns, repeat_ns;
  gw_worker* worker;
  gw_timer_cb cb;
  void* ud;
  std::string claim = {};  // of a background timer: whose turn it is
};

struct fd_watch {
  gw_worker* worker;
  int fd;
  uint32_t mask;
  gw_fd_cb cb;
  void* ud;
};

// A descriptor that was watched to the end.
struct left_fd {
  const instance* owner;
  int fd;
  uint64_t device, inode;  // of what it was open on
};

struct waiting_post {
  gw_worker* worker;
  gw_post_cb cb;
  void* ud;
};

struct queued_job {
  gw_worker* worker;
  gw_job job;
  gw_job_done done;
  void* ud;
};

struct running_call {
  gw_worker* worker;
  gw_http_cb cb;
  void* ud;
  http_call call;
};

struct pending_credential {
  std::string collection, id, consumer_id, json;
};

struct world {
  world();
  ~world();

  gw_host host_table{};
  int32_t log_level = GW_LOG_DEBUG;
  uint64_t mono = 1'000'000'000, unix_offset = 1'700'000'000'000'000'000;
  uint64_t random_state = 0x9E3779B97F4A7C15;
  std::vector<log_line> logs;

  std::map<std::string, gw_hid> header_ids;
  std::map<gw_hid, std::string> header_names;
  struct slot_shape {
    gw_slot id;
    uint32_t size;
  };
  std::map<std::string, slot_shape> slots;

  std::deque<std::string> entity_texts;
  std::deque<gw_consumer> consumers;
  std::vector<pending_credential> credentials;
  std::map<std::string, std::unique_ptr<gw_collection>> collections;

  uint64_t next_handle = 1;
  std::map<gw_handle, timer> timers;
  std::map<std::string, gw_worker*> claims;
  std::map<gw_handle, fd_watch> watches;
  std::vector<left_fd> left_fds;
  std::map<gw_handle, queued_job> jobs;
  std::map<gw_handle, running_call> calls;
  std::map<gw_certificate, std::pair<gw_worker*, std::string>> certificates;  // of whom, and chain
  std::vector<http_call> call_log;
  std::function<http_answer(const http_call&)> script;

  std::mutex resume_lock;  // what other threads hand in
  std::vector<std::pair<gw_token, int64_t>> resumes;
  std::vector<waiting_post> posts;
  std::map<gw_token, exchange*> paused;

  const mode running = current_mode();
  uint32_t minor = GW_ABI_MINOR;  // that the plugins require, for mode::truncated
  std::map<std::string, const void*> truncated;
  const gw_host* offered_host = nullptr;  // what plugins are given
  std::vector<std::string> broken;
  std::deque<exchange::handle> handles;

  std::vector<std::unique_ptr<instance>> instances;
  std::map<const gw_plugin_desc*, void*> initialised;
  bool stores_broken = false;

  gw_hid header_id(const std::string& any_case);
  gw_consumer* find_consumer(const std::string& id_or_name);
  // The collection as the plugin sees it; throws when an entry does not fit the schema.
  gw_collection* collection(const gw_plugin_desc& plugin, const std::string& name);
  void release_worker(gw_worker* worker, bool started);
  bool holds(const timer& t);
  // Behind worker_stop: nothing that was started in it fires; what must not be started is a fault.
  void check_stopped(gw_worker* worker);
  // Behind the instance's end: a descriptor that the host has unwatched is the plugin's to close.
  void note_left_fds(gw_worker* worker);
  void check_left_fds(const instance& of);
  // Behind the last instance: what was counted as a plugin's memory is given back.
  void check_memory();
  bool deliver();
  // Only those to this worker, if one is named.
  bool deliver_posts(gw_worker* only = nullptr);
  bool poll_fds(int wait_ms);
  bool run_jobs();
  void drop_jobs(gw_worker* worker, bool tell);
  uint64_t first_deadline() const;  // UINT64_MAX: nothing is paused
  void expire_pauses();

  // Plugins get the host's table as it was in this minor, until a lower one is required.
  void offer_host(uint32_t required);
  // rules.cpp: what the mode asks for.
  void start_mode();
  void end_mode();
  void broke(const std::string& plugin, const std::string& function, const std::string& phase,
             const std::string& text);
  // A table as plugins get it.
  const void* offered(const std::string& id, const void* table);
  gw_plugin_desc checked(const gw_plugin_desc& desc, const void* identity) const;
  // Bytes of a piece of a body; wanted: 0 or what the test says.
  size_t piece_size(size_t wanted, size_t body) const;
  bool has_pending(const instance& of) const;
};

// Fills the defaults of `schema` (JSON text) into `value` and throws for what does not fit. A part
// of what the gateway checks: types, required and unknown members, enum, minimum and maximum.
void apply_schema(const std::string& where, const nlohmann::json& schema, nlohmann::json& value);
// As a descriptor has it; null: any object.
nlohmann::json parse_schema(const char* text);

// Of gw.loop/1, in watches.cpp.
gw_status post(gw_worker* worker, gw_post_cb cb, void* ud);
gw_handle watch_fd(gw_worker* worker, int32_t fd, uint32_t mask, gw_fd_cb cb, void* ud,
                   gw_error* error);
gw_status update_fd(gw_worker* worker, gw_handle h, uint32_t mask);
gw_status unwatch_fd(gw_worker* worker, gw_handle h);

extern const gw_config_api k_config_api;
extern const gw_consumers_api k_consumers_api;
extern const gw_loop_api k_loop_api;
extern const gw_http_api k_http_api;
extern const gw_kv_api k_kv_api;
extern const gw_metrics_api k_metrics_api;
extern const gw_pool_api k_pool_api;
extern const gw_memory_api k_memory_api;
extern const gw_tls_api k_tls_api;
extern const gw_req_api k_req_api;

// Stores and metrics are found by number alone, so they live in registries of the process.
void forget_stores(const world* w);
void forget_metrics(const world* w);
void forget_accounts(const world* w);
struct series {
  int64_t value = 0;
  double sum = 0;
};
const series* find_series(const world* w, const std::string& name,
                          const std::vector<std::string>& labels);

}  // namespace gw::test
