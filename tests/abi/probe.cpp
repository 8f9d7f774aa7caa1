// SPDX-License-Identifier: Apache-2.0
// Two plugins in one .so that use every member which the C++ wrapper knows, and do as their
// configuration says; for wrapper_test.cpp.
#include <unistd.h>

#include <gatewright/plugin.hpp>
#include <thread>

namespace {

struct probe {
  static constexpr auto name = "probe";
  static constexpr int priority = 7;
  static constexpr auto version = "2.0";
  static constexpr uint32_t flags = GW_P_SECURITY;
  static constexpr auto schema =
      R"({"type": "object", "properties": {"mode": {"type": "string", "default": ""}}})";

  struct request_state {
    ~request_state() { ended.add(); }
    gw::metric ended;
    std::string seen = "made";
  };
  struct worker_state {
    worker_state(gw::worker w, const probe& p) : owner(w), plugin(p) {
      if (p.mode == "worker throws") throw std::runtime_error("no worker today");
      if (p.mode == "background")
        w.background("count", gw::milliseconds(10), [&p] { p.once.add(); });
      if (p.mode == "fds") watch_pipe();
      if (p.mode == "jobs") run_jobs();
      if (p.mode == "posts") start_thread();
      if (p.mode != "timers") return;
      w.after(gw::milliseconds(5), [this] { plugin.once.add(); });
      timer = w.every(gw::milliseconds(10), [this] {
        plugin.ticks.add();
        if (++n == 3) owner.cancel_timer(timer);
        if (n == 2) throw std::runtime_error("a tick that throws");
      });
    }
    ~worker_state() {
      if (thread.joinable()) thread.join();
      for (const int fd : ends)
        if (fd >= 0) ::close(fd);
    }
    // Reads what it writes itself, three times.
    void watch_pipe() {
      if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
      watch = owner.watch(ends[0], GW_FD_READ, [this](uint32_t events) {
        char byte = 0;
        if (events != GW_FD_READ || ::read(ends[0], &byte, 1) != 1) throw std::logic_error("fd");
        plugin.ticks.add();
        if (++n == 3) return owner.unwatch(watch);
        if (::write(ends[1], "x", 1) != 1) throw std::runtime_error("write");
      });
      std::string why;
      if (owner.watch(
              ends[0], GW_FD_READ, [](uint32_t) {}, &why) != 0 ||
          why.empty())
        throw std::logic_error("two watches of one descriptor");
      if (::write(ends[1], "x", 1) != 1) throw std::runtime_error("write");
    }
    void run_jobs() {
      owner.run([this] { n = 7; },
                [this](gw_status status) { plugin.ticks.add(status == GW_OK ? n : 100); });
      owner.run([] { throw std::runtime_error("a job that throws"); },
                [this](gw_status status) { plugin.once.add(status == GW_E_INVALID ? 1 : 100); });
      owner.run([] {});
      const gw::handle never = owner.run([this] { plugin.ticks.add(1000); },
                                         [this](gw_status) { plugin.ticks.add(1000); });
      if (never == 0 || !owner.cancel_job(never) || owner.cancel_job(never))
        throw std::logic_error("a job that waits can be cancelled, once");
    }
    void start_thread() {
      thread = std::thread([this, post = owner.poster()] {
        for (int i = 0; i < 10; ++i) post([this] { plugin.ticks.add(); });
        post([] { throw std::runtime_error("a post that throws"); });
      });
    }
    gw::worker owner;
    const probe& plugin;
    gw::handle timer = 0, watch = 0;
    int n = 0;
    int ends[2] = {-1, -1};
    std::thread thread;
  };

  explicit probe(gw::config c)
      : mode(c.str("mode")),
        trace(c.header_id("x-trace")),
        ended(c.counter("probe_ended_total", "request states that ended")),
        once(c.counter("probe_once_total", "timers that fired once")),
        ticks(c.counter("probe_ticks_total", "timers that fire again")),
        peers(c.counter("probe_peers_total", "by peer", {"peer"})),
        store(c.store("probe", 64 << 10)),
        memory(std::make_unique<gw::memory_resource>(c)),
        kept(memory.get()) {
    if (mode == "remembers") kept.assign(1000, 'x');
    if (mode == "remembers") store.set("label", "remembered", gw::milliseconds(1000));
    if (mode == "many peers")
      for (int i = 0; i < 1005; ++i) peers.dyn({std::to_string(i % 1003)}, 1);
    if (mode == "refused") throw gw::config_error("/mode", "can't be \"refused\"");
  }
  static void on_load(gw::host h) { h.log(GW_LOG_INFO, "loaded"); }
  static const void* extension(const char* id) {
    return gw::view(id) == "probe/1" ? static_cast<const void*>("here") : nullptr;
  }

  static void on_configure(const std::vector<const probe*>& live) {
    for (const probe* one : live) one->once.add(10);
  }
  static void on_admin(gw::admin_request q, gw::page page) {
    if (q.path() == "/throws") throw std::runtime_error("thrown by a page");
    page.status(201).content_type("text/x-probe").write(q.method()).write(q.path());
    page.write(q.query()).write(q.body()).write(q.header("x-in"));
    if (page.header("X-Out", "1") != GW_OK || page.header("Content-Length", "1") == GW_OK ||
        page.header("X Y", "1") != GW_E_BADVALUE || page.header("X-Y", "a\r\nb") != GW_E_BADVALUE)
      page.status(599);
  }

  gw::action on_rewrite(gw::request r) const {
    r.state<request_state>().ended = ended;
    r.add_header(trace, r.state<request_state>().seen);
    return gw::next;
  }
  gw::action on_request(gw::request r) const {
    r.add_header(trace, "request");
    if (mode == "throws") throw std::runtime_error("thrown by the plugin");
    if (mode == "throws a number") throw 42;
    if (mode == "remembers") {
      std::string seen;
      store.for_each([&](gw::view key, gw::view value, const gw_kv_entry& entry) {
        seen += gw::join(key, "=", value, entry.expires_ms > 0 ? " for a while" : "");
      });
      return r.respond(200, seen);
    }
    if (mode == "responds") return r.respond(gw::reply(418).code("teapot").header("X-A", "b"));
    if (mode == "pauses" || mode == "pauses for ever") {
      const gw::token token = r.pause(gw::milliseconds(1000));
      if (mode == "pauses") r.worker().after(gw::milliseconds(50), [token] { token.resume(7); });
      return gw::pause;
    }
    if (mode == "calls") {
      const gw::token token = r.pause();
      gw::http_request q;
      q.url = "http://idp/check";
      q.headers = {{"X-From", "probe"}};
      r.worker().http(q, [token](const gw::http_result& x) { token.resume(x.status()); });
      return gw::pause;
    }
    if (mode == "calls nonsense") {
      gw::http_request q;
      q.url = "nonsense";
      std::string why;
      const gw::handle h = r.worker().http(
          q, [](const gw::http_result&) {}, &why);
      return h == 0 ? r.respond(500, why) : gw::next;
    }
    return gw::next;
  }
  void on_request_body(gw::request r, gw::chunk c) const {
    r.state<request_state>().seen.append(c.bytes).append(c.last ? "." : ",");
  }
  void on_upstream(gw::request r, uint32_t attempt) const {
    r.add_header(trace, gw::join("upstream ", std::to_string(attempt)));
  }
  gw::action on_response(gw::request r) const {
    r.response().add_header(trace, r.state<request_state>().seen);
    return gw::next;
  }
  void on_response_body(gw::request, gw::chunk) const {}
  gw::action on_resume(gw::request r, int64_t value) const {
    return r.respond(static_cast<int>(200 + value % 100), "resumed");
  }
  uint32_t pick(gw::request r, const gw::choice& c) const {
    if (mode == "no pick") throw std::runtime_error("no target is good enough");
    for (uint32_t i = 0; i < c.size(); ++i)
      if (c.host(i) == r.header(trace) && !c.tried(i)) return i;
    return mode == "strict" ? gw::choice::none : gw::choice::ours;
  }
  void on_result(gw::request r, const gw::attempt_result& a) const {
    r.log(GW_LOG_INFO,
          gw::join("target ", std::to_string(a.target), " ", std::to_string(a.status)));
  }
  void on_cancel(gw::request r) const { r.log(GW_LOG_WARN, "cancelled"); }
  void on_log(gw::request r) const { r.log(GW_LOG_INFO, r.method(), {gw::kv("mode", mode)}); }

  std::string mode;
  gw::hid trace;
  gw::metric ended, once, ticks, peers;
  gw::store store;
  std::unique_ptr<gw::memory_resource> memory;
  std::pmr::string kept;
};

// The least that a plugin can be.
struct idle {
  static constexpr auto name = "idle";
  static constexpr int priority = -1;
  static constexpr auto schema = R"({"type": "object", "properties": {}})";
};

}  // namespace

GW_PLUGINS(probe, idle)
