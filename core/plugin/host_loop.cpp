// SPDX-License-Identifier: Apache-2.0
// gw.loop/1: timers on the worker's loop.
#include "plugin/breadcrumb.hpp"
#include "plugin/host.hpp"
#include "plugin/http_caller.hpp"
#include "plugin/registry.hpp"
#include "plugin/worker_handle.hpp"

struct gw_worker::Timer {
  Timer(gw_worker& w, gw_handle h) : worker(w), handle(h) {}
  static void fire(void* self);

  gw_worker& worker;
  gw_handle handle;
  std::uint64_t repeat_ms = 0;
  gw_timer_cb callback = nullptr;
  void* ud = nullptr;
  gw::net::Deadline deadline{fire, this};
};

void gw_worker::Timer::fire(void* self) {
  auto* timer = static_cast<Timer*>(self);
  gw_worker& worker = timer->worker;
  const gw_handle handle = timer->handle;
  const auto callback = timer->callback;
  void* ud = timer->ud;
  const std::uint64_t repeat = timer->repeat_ms;
  // A timer that has fired for the last time is gone before the plugin is called; one that repeats
  // is set again first.
  if (repeat == 0)
    worker.timers.erase(handle);
  else
    timer->deadline.set(worker.host.environment().loop.deadlines(), repeat);
  const gw::plugin::Breadcrumb crumb(worker.host, worker.plugin, gw::shared::Where::callback);
  callback(&worker, ud);
}

gw_worker::gw_worker(gw::plugin::Host& h, const gw::plugin::Plugin& p) : host(h), plugin(p) {}

gw_worker::~gw_worker() { cancel_all(); }

std::string_view gw_worker::plugin_name() const { return plugin.name; }

void gw_worker::cancel_all() {
  timers.clear();
  for (const auto& [id, running] : calls) host.environment().http->cancel(id);
  calls.clear();
}

void gw_worker::leave_calls() {
  timers.clear();
  for (const auto& [id, running] : calls) host.environment().http->abandon(id);
  calls.clear();
}

namespace gw::plugin {

namespace {

constexpr std::uint64_t k_max_ms = 366ull * 24 * 3600 * 1000;  // a year

gw_handle timer_start(gw_worker* worker, std::uint64_t first_ms, std::uint64_t repeat_ms,
                      gw_timer_cb callback, void* ud) noexcept {
  if (callback == nullptr || first_ms > k_max_ms || repeat_ms > k_max_ms) return 0;
  const gw_handle handle = worker->next_timer++;
  auto timer = std::make_unique<gw_worker::Timer>(*worker, handle);
  timer->repeat_ms = repeat_ms;
  timer->callback = callback;
  timer->ud = ud;
  timer->deadline.set(worker->host.environment().loop.deadlines(), first_ms);
  worker->timers.emplace(handle, std::move(timer));
  return handle;
}

gw_status timer_cancel(gw_worker* worker, gw_handle handle) noexcept {
  return worker->timers.erase(handle) > 0 ? GW_OK : GW_E_NOTFOUND;
}

std::uint32_t worker_index(gw_worker* worker) noexcept { return worker->host.environment().index; }

std::uint32_t worker_count(gw_worker* worker) noexcept { return worker->host.environment().count; }

}  // namespace

const gw_loop_api k_loop_api{sizeof(gw_loop_api), 0,           timer_start, timer_cancel,
                             worker_index,        worker_count};

}  // namespace gw::plugin
