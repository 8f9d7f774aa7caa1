// SPDX-License-Identifier: Apache-2.0
// A plugin for tests/scenarios/tables_test.cpp: shows on the admin side what it has been told, and
// runs jobs that last.
#include <future>
#include <gatewright/plugin.hpp>

namespace {

std::string g_live = "none";  // labels, told by on_configure

struct tables {
  static constexpr auto name = "tables";
  static constexpr int priority = 5;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "label": {"type": "string", "default": ""}, "job_ms": {"type": "integer", "default": 0},
    "hold": {"type": "integer", "default": 0}}})";

  struct worker_state {
    worker_state(gw::worker w, const tables& p) : plugin(p), owner(w) {
      if (p.job_ms > 0)
        w.run(
            [w, ms = p.job_ms] {
              w.host().log(GW_LOG_NOTICE, "job runs");
              std::promise<void>().get_future().wait_for(gw::milliseconds(ms));
            },
            [w, &p](gw_status) {
              w.host().log(GW_LOG_NOTICE, "job done", {gw::kv("label", p.label)});
            });
      w.background("beat", gw::milliseconds(20),
                   [&p, index = w.index()] { p.beats.with({std::to_string(index)}).add(); });
    }
    ~worker_state() { owner.host().log(GW_LOG_NOTICE, "stopped", {gw::kv("label", plugin.label)}); }
    const tables& plugin;
    gw::worker owner;
  };

  explicit tables(gw::config c)
      : label(c.str("label")),
        job_ms(c.i64("job_ms")),
        beats(c.counter("tables_beats_total", "Background ticks, by worker.", {"worker"})),
        memory(std::make_unique<gw::memory_resource>(c)),
        held(size_t(c.i64("hold")), 'x', memory.get()) {}

  static void on_configure(const std::vector<const tables*>& live) {
    g_live.clear();
    for (const tables* one : live) g_live += one->label + ";";
  }
  static void on_admin(gw::admin_request q, gw::page page) {
    if (q.path() == "/live") return void(page.write(g_live));
    page.status(202).content_type("text/x-echo");
    page.header("X-Method", q.method());
    page.write(q.path()).write("|").write(q.query()).write("|").write(q.header("x-in")).write("|");
    page.write(std::to_string(q.body().size()));
  }

  std::string label;
  int64_t job_ms;
  gw::metric beats;
  std::unique_ptr<gw::memory_resource> memory;
  std::pmr::string held;
};

}  // namespace

GW_PLUGIN(tables)
