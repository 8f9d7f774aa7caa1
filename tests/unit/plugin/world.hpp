// SPDX-License-Identifier: Apache-2.0
// World: the plugin layer of one worker without connections, with plugins that are written in the
// test: a Script says what a plugin's callbacks do. What was called stands in the trace.
#pragma once

#include <gatewright/plugin.h>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/bodies.hpp"
#include "plugin/chain.hpp"
#include "plugin/generation.hpp"
#include "plugin/host.hpp"
#include "plugin/registry.hpp"

namespace world {

using gw::plugin::Outcome;
using gw::plugin::Phase;

// One callback of a plugin.
struct Call {
  gw_req* r;
  gw_self* self;
  std::string label;  // of the instance's options
  const gw_chunk* chunk = nullptr;
  std::int64_t value = 0;

  const gw_req_api& api() const { return *r->v; }
};
using Act = std::function<gw_action(const Call&)>;

// Callbacks by name: rewrite, request, request_body, upstream, response, response_body, resume,
// cancel, log. Those that are not named are NULL.
struct Script {
  std::string name;
  int priority = 0;
  std::map<std::string, Act> on;
  std::uint32_t flags = 0;
  std::uint32_t state_size = 0;
  // Told of each instance when it is made; nothing: fine.
  std::function<void(const gw_instance_args&)> made;
};

struct Worker {
  Worker();
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // REQUIRES: before configure().
  void add(Script script);
  // A generation of `entities` (YAML); false with diagnostics when there is none.
  bool configure(const std::string& entities, const std::string& settings = "");
  // Runs the loop until `done`, at most ten seconds.
  void run_until(const std::function<bool()>& done);
  // Takes what was called since the last time, as "name(label).callback name.callback …".
  std::string trace();
  // Diagnostics as lines.
  std::string problems() const;
  std::int64_t failures(const std::string& plugin, const std::string& phase);

  gw::net::Loop loop;
  std::unique_ptr<gw::shared::Region> region;
  std::unique_ptr<gw::net::Mailbox> mailbox;
  std::unique_ptr<gw::plugin::WorkerEnvironment> environment;
  std::unique_ptr<gw::plugin::Host> host;
  std::unique_ptr<gw::plugin::Registry> registry;
  std::shared_ptr<gw::plugin::Generation> generation;
  std::vector<gw::config::Diagnostic> diagnostics;
  std::uint64_t generations = 0;
};

Script script(const std::string& name, int priority, std::map<std::string, Act> on,
              std::uint32_t flags = 0);

// The plugins "first" and "second" on the one route, "r".
inline const std::string k_both =
    "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n  - name: r\n    paths: [/]\n"
    "plugins:\n- name: first\n- name: second\n";

// A worker with them, in this order.
struct Two : Worker {
  Two(std::map<std::string, Act> first, std::map<std::string, Act> second);
};

// One request.
struct Ask : gw::plugin::Resumable {
  explicit Ask(Worker& worker, const std::string& route = "");
  ~Ask();

  Outcome rewrite() { return run_phase(seen, Phase::rewrite); }
  // Takes the route's chain first.
  Outcome access();
  Outcome response() { return run_phase(seen, Phase::response); }
  Outcome resume_now() { return resume_phase(seen); }
  // Waits until the request is woken, and goes on.
  Outcome woken();
  // The whole body that a plugin waits for.
  Outcome give_body(const std::string& body);
  // A piece of a body that streams: next at its end, wait_body before. What got through is in sent.
  Outcome run_body(Phase phase, const std::string& bytes, bool last);
  Outcome pump(Phase phase);
  void finish();

  std::string header(const std::string& name);

  void resume() override { ++wakes; }
  void resume_body(Phase) override { ++wakes; }
  std::string_view server_ip() override { return "192.0.2.1"; }
  std::uint64_t elapsed_ns() override { return 1; }

  Worker& worker;
  std::string route;
  gw::Arena arena;
  gw::http::RequestHead request;
  gw::http::ResponseHead response_head;
  gw::plugin::Request seen;
  std::string sent[2];                 // of each body, by map
  std::vector<std::size_t> pieces[2];  // their sizes
  int wakes = 0;
  bool finished = false;
};

// --- what scripts do ---

inline gw_action go_on(const Call&) { return GW_CONTINUE; }
inline gw_action fail(const Call&) { return GW_FAIL; }
Act respond(int status, const std::string& code = "test");
// Pauses; the token is written there.
Act pause_here(gw_token* token = nullptr, std::uint32_t timeout_ms = 5000);
// Publishes the consumer of this name, as an auth plugin does.
Act publish(Worker& worker, const std::string& name);
Act buffer(std::uint64_t limit = 0);

}  // namespace world
