// SPDX-License-Identifier: Apache-2.0
#include "plugin/host.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <vector>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "plugin/checks.hpp"
#include "plugin/generation.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

namespace {

Host* g_current = nullptr;

constexpr std::size_t k_max_log_text = 4096;

const void* get_api(const gw_host*, const char* id) noexcept {
  return id != nullptr ? find_api(id) : nullptr;
}

gw_status resume(const gw_host* host, gw_token token, std::int64_t value) noexcept {
  Host& self = Host::of(host);
  self.environment().mailbox.post([&self, token, value] { self.pauses().resume(token, value); });
  return GW_OK;
}

void write_log(const gw_host*, const gw_self* self, gw_log_level level, gw_str text,
               const gw_kv* kv, std::uint32_t nkv) noexcept {
  const auto l = log::Level(std::clamp<std::int32_t>(level, GW_LOG_DEBUG, GW_LOG_ERROR));
  if (!log::enabled(l)) return;
  std::vector<log::Pair> pairs;
  if (self != nullptr && self->worker != nullptr)
    pairs.push_back({"plugin", self->worker->plugin_name()});
  for (std::uint32_t i = 0; kv != nullptr && i < nkv; ++i)
    pairs.push_back({from_abi(kv[i].k), from_abi(kv[i].v)});
  log::write(l, from_abi(text).substr(0, k_max_log_text), pairs.data(), pairs.size());
}

std::uint64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::uint64_t(now.tv_sec) * 1000000000u + std::uint64_t(now.tv_nsec);
}

// The loop's clock belongs to its thread; others read their own.
std::uint64_t unix_ns(const gw_host* host) noexcept {
  Host& self = Host::of(host);
  return self.on_own_thread() ? self.environment().loop.unix_ns() : read_clock(CLOCK_REALTIME);
}

std::uint64_t mono_ns(const gw_host* host) noexcept {
  Host& self = Host::of(host);
  return self.on_own_thread() ? self.environment().loop.now_ns() : read_clock(CLOCK_MONOTONIC);
}

void random_bytes(const gw_host*, void* out, std::size_t n) noexcept {
  thread_random().fill(out, n);
}

struct Api {
  std::string_view id;
  const void* table;
};

constexpr std::array k_apis{
    Api{GW_CONFIG_API, &k_config_api}, Api{GW_CONSUMERS_API, &k_consumers_api},
    Api{GW_KV_API, &k_kv_api},         Api{GW_METRICS_API, &k_metrics_api},
    Api{GW_TLS_API, &k_tls_api},       Api{GW_LOOP_API, &k_loop_api},
    Api{GW_HTTP_API, &k_http_api},     Api{GW_POOL_API, &k_pool_api},
    Api{GW_MEMORY_API, &k_memory_api},
};

}  // namespace

Host::Host(WorkerEnvironment& environment)
    : environment_(environment),
      slot_(environment.region.board().mine()),
      pauses_(environment.loop),
      claims_(environment.region),
      pool_(
          environment.mailbox, [](void* self) { static_cast<Host*>(self)->end_idle(); }, this),
      clock_(environment.region.metrics()) {
  static_assert(sizeof(std::atomic<std::int32_t>) == sizeof(std::int32_t));
  gw_host& table = abi_.table;
  table.size = sizeof(gw_host);
  table.major = GW_ABI_MAJOR;
  table.minor = GW_ABI_MINOR;
  table.log_level = reinterpret_cast<const std::int32_t*>(&log::g_level);
  table.get_api = get_api;
  table.resume = resume;
  table.log = write_log;
  table.unix_ns = unix_ns;
  table.mono_ns = mono_ns;
  table.random = random_bytes;
  abi_.host = this;
  g_current = this;
  shared::MetricShape shape;
  shape.name = "gatewright_plugin_errors_total";
  shape.help = "Requests that a plugin failed, by plugin and phase.";
  shape.labels = {"plugin", "phase"};
  if (auto made = environment.region.metrics().define(shape); made.ok()) failures_ = made.value();
  checks_ = start_checks(environment, abi_.table);
}

Host::~Host() = default;

void Host::count_jobs(std::string_view plugin, int n) {
  auto& metrics = environment_.region.metrics();
  if (jobs_ == 0) {
    shared::MetricShape shape;
    shape.kind = shared::MetricKind::gauge;
    shape.name = "gatewright_plugin_jobs";
    shape.help = "Jobs of plugins that are queued or run on the pool, by plugin.";
    shape.labels = {"plugin"};
    if (auto made = metrics.define(shape); made.ok()) jobs_ = made.value();
  }
  metrics.add(metrics.with(jobs_, {&plugin, 1}), n);
}

void Host::keep_until_idle(std::unique_ptr<Generation> generation) {
  waiting_.push_back(std::move(generation));
}

void Host::end_idle() {
  const bool any = !waiting_.empty();
  std::erase_if(waiting_, [](const auto& generation) { return !generation->has_jobs(); });
  if (any && waiting_.empty() && on_idle != nullptr) on_idle(on_idle_context);
}

void Host::end_waiting(std::uint64_t wait_ms) {
  if (!waiting_.empty()) pool_.settle(wait_ms);
  waiting_.clear();
}

void Host::count_failure(std::string_view plugin, std::string_view phase) {
  const std::string_view labels[] = {plugin, phase};
  auto& metrics = environment_.region.metrics();
  metrics.add(metrics.with(failures_, labels), 1);
}

Host* Host::current() { return g_current; }

Host& Host::of(const gw_host* host) { return *reinterpret_cast<const Abi*>(host)->host; }

const void* find_api(std::string_view id) {
  for (const Api& api : k_apis)
    if (api.id == id) return api.table;
  return nullptr;
}

void set_error(gw_error* error, std::int32_t code, std::string_view text) {
  if (error == nullptr) return;
  error->code = code;
  const std::size_t n = std::min(text.size(), sizeof error->msg - 1);
  std::memcpy(error->msg, text.data(), n);
  error->msg[n] = '\0';
}

}  // namespace gw::plugin
