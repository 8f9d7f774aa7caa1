// SPDX-License-Identifier: Apache-2.0
// gw.pool/1, gw.memory/1, dynamic series and the walk through a store, in the real host.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <latch>
#include <set>
#include <thread>

#include "catch.hpp"
#include "plugin/worker_handle.hpp"
#include "shared/metrics.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

struct One : Worker {
  explicit One(std::function<void(const gw_instance_args&)> made = {}) {
    Script s;
    s.name = "one";
    s.made = std::move(made);
    add(s);
    REQUIRE(configure("plugins:\n- name: one\n"));
  }
  gw_worker* handle() { return generation->instances()[0]->worker.get(); }
  template <class Api>
  const Api& api(const char* id) {
    return *static_cast<const Api*>(host->abi().get_api(&host->abi(), id));
  }
};

// A job that waits until it may end.
struct Held {
  std::latch begun{1}, go{1};
  std::atomic<int> ran{0};
  int done = 0;
  gw_status status = 1;
  static void job(void* ud) {
    auto& self = *static_cast<Held*>(ud);
    self.begun.count_down();
    self.go.wait();
    ++self.ran;
  }
  static void note(gw_worker*, gw_status status, void* ud) {
    auto& self = *static_cast<Held*>(ud);
    self.status = status;
    ++self.done;
  }
};

struct Counts {
  std::atomic<int> ran{0};
  int ok = 0, dropped = 0;
  static void job(void* ud) { ++static_cast<Counts*>(ud)->ran; }
  static void done(gw_worker*, gw_status status, void* ud) {
    auto& self = *static_cast<Counts*>(ud);
    ++(status == GW_OK ? self.ok : self.dropped);
  }
};

gw_str str(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

TEST_CASE("jobs run on other threads, and done comes on the worker") {
  One w;
  const auto& pool = w.api<gw_pool_api>(GW_POOL_API);
  struct State {
    std::thread::id job, done;
    gw_status status = 1;
  } state;
  const gw_handle handle = pool.run(
      w.handle(), [](void* ud) { static_cast<State*>(ud)->job = std::this_thread::get_id(); },
      [](gw_worker*, gw_status status, void* ud) {
        auto& s = *static_cast<State*>(ud);
        s.done = std::this_thread::get_id();
        s.status = status;
      },
      &state, nullptr);
  REQUIRE(handle != 0);
  CHECK(state.status == 1);
  w.run_until([&] { return state.status == GW_OK; });
  CHECK(state.done == std::this_thread::get_id());
  CHECK(state.job != state.done);
  CHECK(pool.cancel(w.handle(), handle) == GW_E_NOTFOUND);
  gw_error error{};
  error.size = sizeof error;
  CHECK(pool.run(w.handle(), nullptr, nullptr, nullptr, &error) == 0);
  CHECK(error.code == GW_E_INVALID);
}

TEST_CASE("the queue has a limit, what is queued can be cancelled, what runs cannot") {
  One w;
  const auto& pool = w.api<gw_pool_api>(GW_POOL_API);
  std::vector<std::unique_ptr<Held>> held;
  std::vector<gw_handle> running;
  for (int i = 0; i < GW_POOL_THREADS; ++i) {
    held.push_back(std::make_unique<Held>());
    running.push_back(pool.run(w.handle(), Held::job, Held::note, held.back().get(), nullptr));
    held.back()->begun.wait();
  }
  Counts counts;
  gw_error error{};
  error.size = sizeof error;
  std::vector<gw_handle> queued;
  for (;;) {
    const gw_handle h = pool.run(w.handle(), Counts::job, Counts::done, &counts, &error);
    if (h == 0) break;
    queued.push_back(h);
  }
  CHECK(error.code == GW_E_BUSY);
  CHECK(queued.size() == GW_POOL_MAX);
  CHECK(w.handle()->jobs == GW_POOL_MAX + GW_POOL_THREADS);
  CHECK(pool.cancel(w.handle(), queued[0]) == GW_OK);
  CHECK(pool.cancel(w.handle(), queued[0]) == GW_E_NOTFOUND);
  CHECK(pool.cancel(w.handle(), running[0]) == GW_E_STATE);
  for (auto& one : held) one->go.count_down();
  w.run_until([&] {
    const auto done = [](const auto& one) { return one->done == 1; };
    return counts.ok == GW_POOL_MAX - 1 && std::all_of(held.begin(), held.end(), done);
  });
  CHECK(counts.ran == GW_POOL_MAX - 1);
  CHECK(w.handle()->jobs == 0);
}

TEST_CASE("an instance that ends waits for its running jobs without holding the worker up") {
  One w;
  const auto& pool = w.api<gw_pool_api>(GW_POOL_API);
  Held held[GW_POOL_THREADS];
  for (auto& one : held) {
    REQUIRE(pool.run(w.handle(), Held::job, Held::note, &one, nullptr) != 0);
    one.begun.wait();
  }
  Counts counts;
  for (int i = 0; i < 5; ++i) pool.run(w.handle(), Counts::job, Counts::done, &counts, nullptr);
  w.generation.reset();
  CHECK(counts.dropped == 5);  // queued: told, never run
  CHECK(held[0].done == 0);
  REQUIRE(w.host->has_waiting_generations());
  for (auto& one : held) one.go.count_down();
  w.run_until([&] { return !w.host->has_waiting_generations(); });
  for (auto& one : held) {
    CHECK(one.done == 1);
    CHECK(one.status == GW_OK);
  }
  CHECK(counts.ran == 0);
}

TEST_CASE("memory is counted for its plugin, from any thread, until it is freed") {
  static gw_account account;
  One w([](const gw_instance_args& args) {
    const auto* api = args.host->get_api(args.host, GW_MEMORY_API);
    account = static_cast<const gw_memory_api*>(api)->account(args.cfg);
  });
  const auto& memory = w.api<gw_memory_api>(GW_MEMORY_API);
  REQUIRE(account != 0);
  const auto taken = [&] {
    gw::shared::SeriesView view;
    REQUIRE(w.region->metrics().read(account, view));
    return view.value;
  };
  void* p = memory.alloc(account, 1000, 0);
  CHECK(taken() >= 1000);
  void* aligned = memory.alloc(account, 100, 256);
  CHECK(reinterpret_cast<std::uintptr_t>(aligned) % 256 == 0);
  p = memory.realloc(account, p, 100000);
  CHECK(taken() >= 100100);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) memory.free(account, memory.alloc(account, 64, 0));
    });
  for (auto& thread : threads) thread.join();
  memory.free(account, p);
  memory.free(account, aligned);
  memory.free(account, nullptr);
  CHECK(taken() == 0);
  CHECK(memory.alloc(account, 1, 3) == nullptr);
  CHECK(memory.alloc(account, 1, 8192) == nullptr);
  memory.free(0, memory.realloc(0, nullptr, 10));  // for nobody
}

TEST_CASE("dynamic series have a limit, and what is above it is counted together") {
  One w;
  const auto& metrics = w.api<gw_metrics_api>(GW_METRICS_API);
  const gw_str label = GW_STR("peer");
  const double bucket = 1;
  const gw_metric peers = metrics.define(nullptr, GW_COUNTER, GW_STR("peers_total"), GW_STR(""),
                                         &label, 1, nullptr, 0, nullptr);
  const gw_metric times = metrics.define(nullptr, GW_HISTOGRAM, GW_STR("peer_seconds"), GW_STR(""),
                                         &label, 1, &bucket, 1, nullptr);
  const gw_metric level = metrics.define(nullptr, GW_GAUGE, GW_STR("peer_level"), GW_STR(""),
                                         &label, 1, nullptr, 0, nullptr);
  const auto value = [&](gw_metric metric, std::string_view peer) {
    gw_metric_value out{};
    out.size = sizeof out;
    const gw_str one = str(peer);
    const gw_metric series = metrics.with(metric, &one, 1);
    REQUIRE(metrics.read(series, &out) == GW_OK);
    return out;
  };
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < GW_DYN_SERIES_MAX + 10; ++i) {
      const std::string peer = std::to_string(i);
      const gw_str one = str(peer);
      metrics.dyn(peers, &one, 1, 1);
    }
  CHECK(value(peers, "0").value == 2);
  CHECK(value(peers, std::to_string(GW_DYN_SERIES_MAX - 1)).value == 2);
  CHECK(value(peers, GW_OTHER_SERIES).value == 20);
  const gw_str one = GW_STR("x");
  metrics.dyn(times, &one, 1, 0.5);
  metrics.dyn(times, &one, 1, 1.5);
  CHECK(value(times, "x").count == 2);
  CHECK(value(times, "x").sum == 2);
  CHECK(value(times, "x").kind == GW_HISTOGRAM);
  metrics.dyn(level, &one, 1, 7);
  metrics.dyn(level, &one, 1, 5);
  CHECK(value(level, "x").value == 5);
  for (const std::uint32_t n : {0u, 2u, 9u}) metrics.dyn(peers, &one, n == 2 ? 0 : n, 1);
  metrics.dyn(0, &one, 1, 1);
  gw_metric_value out{};
  out.size = sizeof out;
  CHECK(metrics.read(0, &out) == GW_E_NOTFOUND);
  CHECK(metrics.read(peers, &out) == GW_E_NOTFOUND);
  out.size = 8;
  CHECK(metrics.read(1, &out) == GW_E_INVALID);
}

TEST_CASE("a walk through a store tells what is there once, while others write") {
  One w;
  const auto& kv = w.api<gw_kv_api>(GW_KV_API);
  const gw_store store = kv.store(nullptr, GW_STR("walked"), 512 << 10, nullptr);
  REQUIRE(store != 0);
  CHECK(kv.store(nullptr, GW_STR("gatewright.mine"), 64 << 10, nullptr) == 0);
  gw_kv_entry entry{};
  entry.size = sizeof entry;
  std::uint64_t cursor = 0;
  CHECK(kv.next(store, &cursor, &entry) == GW_E_NOTFOUND);
  for (int i = 0; i < 500; ++i) {
    const std::string key = "stays-" + std::to_string(i);
    REQUIRE(kv.set(store, str(key), str("v" + key), i % 2 == 0 ? 0 : 60000, 0) == GW_OK);
  }
  std::int64_t now = 0;
  REQUIRE(kv.add(store, str("n"), 3, 4, 0, &now) == GW_OK);
  std::atomic<bool> stop{false};
  std::thread other([&] {
    for (int i = 0; !stop.load(); i = (i + 1) % 50) {
      const std::string key = "comes-" + std::to_string(i);
      kv.set(store, str(key), str("x"), 0, 0);
      kv.set(store, str("stays-" + std::to_string(i)), str("vstays-" + std::to_string(i)), 0, 0);
      kv.del(store, str(key));
    }
  });
  std::set<std::string> seen;
  int counters = 0;
  cursor = 0;
  for (gw_status status; (status = kv.next(store, &cursor, &entry)) != GW_E_NOTFOUND;) {
    REQUIRE(status == GW_OK);
    const std::string key(entry.bytes, entry.key_size);
    if (key == "n") {
      ++counters;
      CHECK((entry.flags == GW_KV_COUNTER && entry.number == 7 && entry.value_size == 0));
      continue;
    }
    if (key.substr(0, 6) != "stays-") continue;
    CHECK(seen.insert(key).second);
    CHECK(std::string(entry.bytes + entry.key_size, entry.value_size) == "v" + key);
    CHECK(entry.expires_ms <= 60001);
  }
  stop = true;
  other.join();
  CHECK(seen.size() == 500);
  CHECK(counters == 1);
  CHECK(kv.next(store + 100, &cursor, &entry) == GW_E_NOTFOUND);
  entry.size = 8;
  CHECK(kv.next(store, &cursor, &entry) == GW_E_INVALID);
}
