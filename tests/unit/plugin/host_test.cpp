// SPDX-License-Identifier: Apache-2.0
// What the host offers beside requests: tokens and clocks from any thread, options, timers,
// metrics, stores, calls.
#include <atomic>
#include <cstring>
#include <thread>

#include "catch.hpp"
#include "plugin/http_caller.hpp"
#include "plugin/worker_handle.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

gw_str str(std::string_view text) { return {text.data(), text.size()}; }

template <class Api>
const Api& api(Worker& w, const char* id) {
  return *static_cast<const Api*>(w.host->abi().get_api(&w.host->abi(), id));
}

// A worker with one plugin and an instance of it.
struct One : Worker {
  One() : One(Script{}) {}
  explicit One(Script s) {
    if (s.name.empty()) s.name = "one";
    add(s);
    REQUIRE(configure("plugins:\n- name: one\n"));
  }
  gw_worker* handle() { return generation->instances()[0]->worker.get(); }
};

}  // namespace

TEST_CASE("a thread of the plugin's own ends pauses, while others end what is gone") {
  constexpr int k_requests = 50;
  std::atomic<gw_token> tokens[k_requests] = {};
  std::atomic<bool> stop{false};
  int at = 0;
  Script s;
  s.name = "one";
  s.on = {{"request",
           [&](const Call& c) {
             tokens[at++].store(c.api().pause(c.r, 10000));
             return gw_action{GW_PAUSE};
           }},
          {"resume", [&](const Call& c) {
             CHECK(c.value == 7);
             return gw_action{GW_CONTINUE};
           }}};
  One w(s);
  const gw_host& host = w.host->abi();
  // Each ends each pause, and once more those that are over.
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (auto& token : tokens) {
        gw_token given = 0;
        while ((given = token.load()) == 0 && !stop.load()) std::this_thread::yield();
        host.resume(&host, given, 7);
        host.resume(&host, tokens[0].load(), 8);
      }
    });
  for (int i = 0; i < k_requests; ++i) {
    Ask ask(w);
    REQUIRE(ask.access() == Outcome::wait);
    CHECK(ask.woken() == Outcome::next);
    CHECK(ask.wakes == 1);
  }
  stop.store(true);
  for (auto& thread : threads) thread.join();
}

TEST_CASE("clocks, randomness and the log may be used on any thread") {
  One w;
  const gw_host& host = w.host->abi();
  std::atomic<std::uint64_t> wall{0}, mono{0}, noise{0};
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      std::uint64_t bytes = 0;
      host.random(&host, &bytes, sizeof bytes);
      noise.fetch_or(bytes);
      wall.store(host.unix_ns(&host));
      mono.store(host.mono_ns(&host));
      host.log(&host, nullptr, GW_LOG_DEBUG, GW_STR("from a thread"), nullptr, 3);
    }
  });
  std::uint64_t own = 0;
  for (int i = 0; i < 100; ++i) own = std::max(host.unix_ns(&host), host.mono_ns(&host));
  other.join();
  CHECK(noise.load() != 0);
  CHECK(mono.load() != 0);
  const std::uint64_t apart = own > wall.load() ? own - wall.load() : wall.load() - own;
  CHECK(apart < 60'000'000'000u);
}

TEST_CASE("a table that is not there is absent") {
  One w;
  CHECK(w.host->abi().get_api(&w.host->abi(), "gw.pool/2") == nullptr);
  CHECK(w.host->abi().get_api(&w.host->abi(), nullptr) == nullptr);
  CHECK(w.host->abi().get_api(&w.host->abi(), "") == nullptr);
}

TEST_CASE("options are found by JSON pointer") {
  Script s;
  s.name = "one";
  s.made = [](const gw_instance_args& args) {
    const auto& config =
        *static_cast<const gw_config_api*>(args.host->get_api(args.host, GW_CONFIG_API));
    CHECK(config.kind(args.cfg, "") == GW_J_OBJECT);
    CHECK(config.kind(args.cfg, "/label") == GW_J_STRING);
    CHECK(config.kind(args.cfg, "label") == GW_J_ABSENT);
    CHECK(config.kind(args.cfg, "/label/0") == GW_J_ABSENT);
    CHECK(config.kind(args.cfg, "/none") == GW_J_ABSENT);
    CHECK(config.count(args.cfg, "") == 1);
    CHECK(config.member(args.cfg, "", 1).p == nullptr);
    CHECK(config.i64(args.cfg, "/label", 5) == 5);
    CHECK(config.header_id(args.cfg, str("no name")) == 0);
    CHECK(config.header_id(args.cfg, {nullptr, 4}) == 0);
    CHECK(config.header_id(args.cfg, str("X-Any")) == config.header_id(args.cfg, str("x-any")));
  };
  One w(s);
}

TEST_CASE("timers: what cannot be started is 0, what has ended is not found") {
  One w;
  const auto& loop = api<gw_loop_api>(w, GW_LOOP_API);
  static int fired;
  fired = 0;
  const gw_timer_cb count = [](gw_worker*, void*) { ++fired; };
  CHECK(loop.timer_start(w.handle(), 0, 0, nullptr, nullptr) == 0);
  CHECK(loop.timer_start(w.handle(), ~0ull, 0, count, nullptr) == 0);
  CHECK(loop.timer_start(w.handle(), 0, ~0ull, count, nullptr) == 0);
  const gw_handle once = loop.timer_start(w.handle(), 0, 0, count, nullptr);
  const gw_handle never = loop.timer_start(w.handle(), 5000, 0, count, nullptr);
  CHECK(fired == 0);  // never within the call
  CHECK(loop.timer_cancel(w.handle(), never) == GW_OK);
  CHECK(loop.timer_cancel(w.handle(), never) == GW_E_NOTFOUND);
  w.run_until([] { return fired == 1; });
  CHECK(loop.timer_cancel(w.handle(), once) == GW_E_NOTFOUND);
}

TEST_CASE("metrics: shapes and names are looked at, and id 0 is a no-op") {
  One w;
  const auto& metrics = api<gw_metrics_api>(w, GW_METRICS_API);
  gw_error error{};
  error.size = sizeof error;
  const gw_str labels[9] = {GW_STR("a"), GW_STR("b")};
  const double buckets[] = {1, 2};
  const auto define = [&](int kind, std::string_view name, std::uint32_t nlabels,
                          std::uint32_t nbuckets) {
    return metrics.define(nullptr, kind, str(name), GW_STR("help"), labels, nlabels, buckets,
                          nbuckets, &error);
  };
  CHECK(define(0, "x_total", 0, 0) == 0);
  CHECK(define(GW_COUNTER, "x-total", 0, 0) == 0);
  CHECK(define(GW_COUNTER, "", 0, 0) == 0);
  CHECK(define(GW_COUNTER, "x_total", 9, 0) == 0);
  CHECK(error.code == GW_E_TOOBIG);
  CHECK(define(GW_COUNTER, "x_total", ~0u, 0) == 0);
  CHECK(define(GW_HISTOGRAM, "x_seconds", 0, ~0u) == 0);
  CHECK(metrics.define(nullptr, GW_COUNTER, GW_STR("x_total"), GW_STR(""), nullptr, 2, nullptr, 0,
                       nullptr) == 0);
  const gw_metric two = define(GW_COUNTER, "x_total", 2, 0);
  REQUIRE(two != 0);
  CHECK(define(GW_COUNTER, "x_total", 2, 0) == two);
  CHECK(define(GW_GAUGE, "x_total", 2, 0) == 0);
  CHECK(std::strstr(error.msg, "exists with other") != nullptr);
  CHECK(metrics.with(two, labels, 1) == 0);
  CHECK(metrics.with(two, nullptr, 2) == 0);
  CHECK(metrics.with(two, labels, 9) == 0);
  CHECK(metrics.with(0, nullptr, 0) == 0);
  const gw_metric series = metrics.with(two, labels, 2);
  REQUIRE(series != 0);
  metrics.add(series, 3);
  for (const gw_metric none : {gw_metric{0}, two, ~gw_metric{0}}) {
    metrics.add(none, 1);
    metrics.set(none, 1);
    metrics.observe(none, 1);
  }
  // Too many: 0, and the process goes on.
  std::uint32_t made = 0;
  for (std::uint32_t i = 0; i < 100000; ++i) {
    const std::string value = std::to_string(i);
    const gw_str values[] = {str(value), GW_STR("b")};
    if (metrics.with(two, values, 2) == 0) break;
    ++made;
  }
  CHECK(made < 100000);
  CHECK(metrics.with(two, labels, 2) == series);
}

TEST_CASE("stores: limits of keys and values, and counters") {
  One w;
  const auto& kv = api<gw_kv_api>(w, GW_KV_API);
  gw_error error{};
  error.size = sizeof error;
  const gw_store store = kv.store(nullptr, GW_STR("test"), 64 << 10, &error);
  REQUIRE(store != 0);
  CHECK(kv.store(nullptr, GW_STR("test"), 64 << 10, nullptr) == store);
  CHECK(kv.store(nullptr, GW_STR("test"), 256 << 10, &error) == 0);
  CHECK(error.msg[0] != '\0');
  CHECK(kv.store(nullptr, GW_STR(""), 64 << 10, nullptr) == 0);
  CHECK(kv.store(nullptr, GW_STR("huge"), ~0ull, nullptr) == 0);
  const std::string longest(GW_KV_MAX - 1, 'k');
  CHECK(kv.set(store, str(longest), str("v"), 0, 0) == GW_OK);
  CHECK(kv.set(store, str(longest), str("vv"), 0, 0) == GW_E_TOOBIG);
  CHECK(kv.set(store, str(""), str("v"), 0, 0) == GW_E_TOOBIG);
  CHECK(kv.set(store, str("once"), str("v"), 0, UINT64_MAX) == GW_OK);
  CHECK(kv.set(store, str("once"), str("v"), 0, UINT64_MAX) == GW_E_CHANGED);
  CHECK(kv.set(store + 100, str("k"), str("v"), 0, 0) == GW_E_NOTFOUND);
  char buffer[8];
  std::size_t length = 0;
  std::uint64_t stamp = 0;
  CHECK(kv.get(store, str("once"), buffer, sizeof buffer, &length, &stamp) == GW_OK);
  CHECK(kv.set(store, str("once"), str("longer value"), 0, stamp) == GW_OK);
  CHECK(kv.set(store, str("once"), str("x"), 0, stamp) == GW_E_CHANGED);
  CHECK(kv.get(store, str("once"), buffer, sizeof buffer, &length, nullptr) == GW_E_TOOBIG);
  CHECK(length == 12);
  CHECK(kv.get(store, str("none"), buffer, sizeof buffer, &length, nullptr) == GW_E_NOTFOUND);
  CHECK(kv.del(store, str("none")) == GW_OK);
  std::int64_t now = 0;
  CHECK(kv.add(store, str("n"), 2, 10, 0, &now) == GW_OK);
  CHECK(now == 12);
  CHECK(kv.add_limit(store, str("n"), 5, 16, 0, &now) == GW_E_TOOBIG);
  CHECK(now == 12);
  CHECK(kv.add_limit(store, str("n"), 4, 16, 0, &now) == GW_OK);
  CHECK(now == 16);
}

namespace {

// Starts every call, keeps its callback.
struct Caller final : gw::plugin::HttpCaller {
  gw::Result<std::uint64_t> start(gw::plugin::HttpCall call, Callback callback) override {
    calls.push_back(std::move(call));
    callbacks[calls.size()] = std::move(callback);
    return std::uint64_t(calls.size());
  }
  bool cancel(std::uint64_t id) override { return callbacks.erase(id) > 0; }
  void abandon(std::uint64_t id) override { callbacks.erase(id); }
  std::vector<gw::plugin::HttpCall> calls;
  std::map<std::uint64_t, Callback> callbacks;
};

}  // namespace

TEST_CASE("calls: what is given is looked at, the callback comes once, and never after cancel") {
  Caller caller;
  One w;
  const auto& http = api<gw_http_api>(w, GW_HTTP_API);
  static std::vector<int> statuses;
  statuses.clear();
  const gw_http_cb note = [](gw_worker*, const gw_http_result* result, void*) {
    statuses.push_back(result->http_status);
  };
  gw_error error{};
  error.size = sizeof error;
  gw_field field{GW_STR("X-A"), GW_STR("1"), 0, 0};
  gw_http_request request{};
  request.size = sizeof request;
  request.url = GW_STR("http://127.0.0.1/x");
  const auto call = [&] { return http.call(w.handle(), &request, note, nullptr, &error); };
  CHECK(call() == 0);
  CHECK(error.code == GW_E_UNSUPPORTED);
  w.environment->http = &caller;
  CHECK(http.call(w.handle(), nullptr, note, nullptr, &error) == 0);
  CHECK(http.call(w.handle(), &request, nullptr, nullptr, nullptr) == 0);
  request.size = 8;
  CHECK(call() == 0);
  request.size = sizeof request;
  request.nheaders = 1;
  CHECK(call() == 0);
  request.headers = &field;
  request.nheaders = 1000;
  CHECK(call() == 0);
  request.nheaders = 1;
  for (const char* name : {"Content-Length", "transfer-encoding", "Host", "Connection"}) {
    field.name = str(name);
    CHECK(call() == 0);
    CHECK(error.code == GW_E_INVALID);
  }
  CHECK(caller.calls.empty());
  field.name = {nullptr, 0};
  field.id = gw_hid(gw::http::HeaderId::authorization);
  const gw_handle first = call(), second = call();
  REQUIRE(first != 0);
  CHECK(caller.calls[0].method == "GET");
  CHECK(caller.calls[0].timeout_ms == 60000);
  CHECK(caller.calls[0].max_body == 1 << 20);
  CHECK(caller.calls[0].headers[0].first == "Authorization");
  CHECK(http.cancel(w.handle(), second) == GW_OK);
  CHECK(http.cancel(w.handle(), second) == GW_E_NOTFOUND);
  CHECK(caller.callbacks.size() == 1);
  caller.callbacks.at(first)({GW_OK, 204, {}, {}, 1});
  CHECK(statuses == std::vector<int>{204});
  CHECK(http.cancel(w.handle(), first) == GW_E_NOTFOUND);
  call();
  w.generation.reset();  // what an instance owns ends with it
  CHECK(caller.callbacks.size() == 1);
  CHECK(statuses.size() == 1);
}
