// SPDX-License-Identifier: Apache-2.0
// A plugin that breaks one rule of the ABI, the one that its option names. For rules_test.cpp and
// tests/scenarios/checking_test.cpp.
#include <sys/eventfd.h>

#include <chrono>
#include <cstring>
#include <gatewright/plugin.hpp>
#include <thread>

namespace {

struct rulebreaker {
  static constexpr auto name = "rulebreaker";
  static constexpr int priority = 10;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "break": {"type": "string", "default": ""}}})";

  struct worker_state {
    worker_state(gw::worker w, const rulebreaker& p) : worker(w), plugin(p) {}
    ~worker_state() {
      if (plugin.breaks == "timer in worker_stop") start_timer();
      if (plugin.breaks == "descriptor in worker_stop") watch_descriptor();
    }
    // Which nobody closes.
    void watch_descriptor() const {
      static const int fd = ::eventfd(0, EFD_CLOEXEC);
      worker.host()
          .api<gw_loop_api>(GW_LOOP_API)
          ->fd_watch(
              worker.raw(), fd, GW_FD_READ, [](gw_worker*, int32_t, uint32_t, void*) {}, nullptr,
              nullptr);
    }
    void start_timer() const {
      const auto* loop = worker.host().api<gw_loop_api>(GW_LOOP_API);
      loop->timer_start(
          worker.raw(), 5, 0, [](gw_worker*, void*) {}, nullptr);
    }
    gw::worker worker;
    const rulebreaker& plugin;
  };

  explicit rulebreaker(gw::config c)
      : account(c.host().api<gw_memory_api>(GW_MEMORY_API)->account(c.args().cfg)),
        breaks(c.str("break")),
        in(c.header_id("X-In")),
        out(c.header_id("X-Out")),
        cfg(c.args().cfg) {
    config_api = c.host().api<gw_config_api>(GW_CONFIG_API);
    if (!is("")) return;
    const gw_host* host = c.args().host;
    for (const char* id : {GW_CONFIG_API, GW_CONSUMERS_API, GW_LOOP_API, GW_HTTP_API, GW_KV_API,
                           GW_METRICS_API, GW_POOL_API, GW_MEMORY_API, GW_TLS_API})
      if (host->get_api(host, id) == nullptr) throw gw::config_error(id);
  }

  bool is(const char* what) const { return breaks == what; }

  gw::action on_request(gw::request r) const {
    gw_req* raw = r.raw();
    const gw_req_api& api = *raw->v;
    auto& w = r.worker_state<worker_state>();
    if (is("descriptor left open")) w.watch_descriptor();
    if (is("memory left")) {
      const auto* memory = w.worker.host().api<gw_memory_api>(GW_MEMORY_API);
      memory->alloc(account, 100, 16);
    }
    if (is("late slice")) kept = r.header(in);
    if (is("changed slice")) {
      const gw::view old = r.header(in);
      r.set_header(in, "new");
      r.decide(GW_ALLOW, "seen", gw::view(old.data(), old.size()));
    }
    if (is("past the end")) {
      const gw::view value = r.header(in);
      sum += value.data()[value.size()];
    }
    if (is("late memory")) kept = r.copy("1234");
    if (is("late request")) w.worker.after(gw::milliseconds(1), [=] { raw->v->get(raw, GW_PATH); });
    if (is("other thread"))
      std::thread([&] {
        api.get(raw, GW_PATH);
        w.start_timer();
      }).join();
    if (is("borrow changes")) {
      buffer = "before";
      r.set_header(out, buffer, GW_BORROW);
    }
    if (is("borrow of a slice")) r.set_header(out, r.header(in), GW_BORROW);
    if (is("line end")) r.set_header(out, "a\r\nb");
    if (is("flags")) r.set_header(out, "a", 6);
    if (is("token without pause")) r.pause();
    if (is("pause without token")) return gw::pause;
    if (is("respond without answer")) return gw::action{GW_RESPOND};
    if (is("answer without respond")) r.respond(403);
    if (is("unknown action")) return gw::action{17};
    if (is("late config")) config_api->json(cfg);
    if (is("later work")) break_later_work(w);
    if (is("worker gone")) gone(w.worker);
    if (is("stall")) {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1100);
      while (std::chrono::steady_clock::now() < end) ++sum;
    }
    if (is("pause for ever")) return r.pause(gw::milliseconds(100)), gw::pause;
    if (is("past the table")) {
      void* next;
      std::memcpy(&next, reinterpret_cast<const char*>(&api) + api.size, sizeof next);
      sum += next != nullptr;
    }
    return gw::next;
  }
  gw::action on_request_body(gw::request, gw::chunk c) const {
    ++pieces;
    if (is("late chunk") && kept.empty()) kept = c.bytes;
    return gw::next;
  }
  gw::action on_response(gw::request) const {
    if (is("late slice") || is("late memory")) sum += kept.at(0);
    if (is("borrow changes")) buffer = "behind";
    return gw::next;
  }
  void on_log(gw::request r) const {
    if (is("late chunk")) sum += kept.at(0);
    if (is("wrong phase")) r.set_header(out, "too late");
    if (is("split")) r.log(GW_LOG_NOTICE, std::to_string(pieces));
  }

  // Each with something missing, or with a worker that is none.
  static void break_later_work(const worker_state& w) {
    const auto& loop = *w.worker.host().api<gw_loop_api>(GW_LOOP_API);
    const auto& pool = *w.worker.host().api<gw_pool_api>(GW_POOL_API);
    loop.post(w.worker.raw(), nullptr, nullptr);
    loop.fd_watch(w.worker.raw(), 0, GW_FD_READ, nullptr, nullptr, nullptr);
    loop.background(
        w.worker.raw(), {"", 0}, 5, [](gw_worker*, void*) {}, nullptr);
    pool.run(w.worker.raw(), nullptr, nullptr, nullptr, nullptr);
  }
  static void gone(gw::worker w) {
    const auto host = w.host();
    auto* none = reinterpret_cast<gw_worker*>(&static_nothing);
    host.api<gw_loop_api>(GW_LOOP_API)
        ->post(
            none, [](gw_worker*, void*) {}, nullptr);
    host.api<gw_loop_api>(GW_LOOP_API)->fd_unwatch(none, 1);
    host.api<gw_pool_api>(GW_POOL_API)->cancel(none, 1);
    host.api<gw_tls_api>(GW_TLS_API)->certificate_drop(none, 1);
  }
  static inline int static_nothing = 0;

  gw_account account;
  std::string breaks;
  gw::hid in, out;
  gw_cfg* cfg;
  const gw_config_api* config_api;
  mutable gw::view kept;
  mutable std::string buffer;
  mutable int sum = 0, pieces = 0;
};

}  // namespace

GW_PLUGIN(rulebreaker)
