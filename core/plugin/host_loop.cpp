// SPDX-License-Identifier: Apache-2.0
// gw.loop/1: timers on the worker's loop, and what belongs to a worker's handle.
#include "plugin/host_loop.hpp"

#include "base/text.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/host.hpp"
#include "plugin/http_caller.hpp"
#include "plugin/registry.hpp"
#include "plugin/worker_handle.hpp"

struct gw_worker::Timer {
  Timer(gw_worker& w, gw_handle h) : worker(w), handle(h) {}
  ~Timer() {
    if (!claim.empty()) worker.host.claims().release(claim, worker.generation);
  }
  static void fire(void* self);

  gw_worker& worker;
  gw_handle handle;
  std::uint64_t repeat_ms = 0;
  gw_timer_cb callback = nullptr;
  void* ud = nullptr;
  std::string claim;  // background: which worker's turn it is; else empty
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
  if (repeat != 0 && !timer->claim.empty() &&
      !worker.host.claims().hold(timer->claim, worker.generation))
    return;
  const gw::plugin::Breadcrumb crumb(worker.host, worker.plugin, gw::shared::Where::callback);
  callback(&worker, ud);
}

gw_worker::gw_worker(gw::plugin::Host& h, const gw::plugin::Plugin& p, std::string_view k,
                     std::uint64_t g)
    : host(h),
      plugin(p),
      key(k),
      generation(g),
      posts(std::make_shared<gw::plugin::Posts>(*this)) {}

gw_worker::~gw_worker() { cancel_all(false); }

std::string_view gw_worker::plugin_name() const { return plugin.name; }

void gw_worker::cancel_all(bool started) {
  ends = true;
  if (!started) tell_jobs = false;
  posts->close(started);
  timers.clear();
  watches.clear();
  for (const auto& [id, running] : calls) host.environment().http->cancel(id);
  calls.clear();
  host.pool().drop_queued(*this);
}

void gw_worker::add_jobs(int n) {
  jobs += n;
  host.count_jobs(plugin_name(), n);
}

void gw_worker::leave_calls() {
  timers.clear();
  watches.clear();
  for (const auto& [id, running] : calls) host.environment().http->abandon(id);
  calls.clear();
}

namespace gw::plugin {

namespace {

constexpr std::uint64_t k_max_ms = 366ull * 24 * 3600 * 1000;  // a year

constexpr std::size_t k_max_name = 64;

gw_worker::Timer& add_timer(gw_worker& worker, std::uint64_t first_ms, std::uint64_t repeat_ms,
                            gw_timer_cb callback, void* ud) {
  const gw_handle handle = worker.next_handle++;
  auto timer = std::make_unique<gw_worker::Timer>(worker, handle);
  timer->repeat_ms = repeat_ms;
  timer->callback = callback;
  timer->ud = ud;
  timer->deadline.set(worker.host.environment().loop.deadlines(), first_ms);
  return *worker.timers.emplace(handle, std::move(timer)).first->second;
}

gw_handle timer_start(gw_worker* worker, std::uint64_t first_ms, std::uint64_t repeat_ms,
                      gw_timer_cb callback, void* ud) noexcept {
  if (callback == nullptr || first_ms > k_max_ms || repeat_ms > k_max_ms) return 0;
  return add_timer(*worker, first_ms, repeat_ms, callback, ud).handle;
}

gw_status timer_cancel(gw_worker* worker, gw_handle handle) noexcept {
  return worker->timers.erase(handle) > 0 ? GW_OK : GW_E_NOTFOUND;
}

std::uint32_t worker_index(gw_worker* worker) noexcept { return worker->host.environment().index; }

std::uint32_t worker_count(gw_worker* worker) noexcept { return worker->host.environment().count; }

gw_handle background(gw_worker* worker, gw_str name, std::uint64_t every_ms, gw_timer_cb callback,
                     void* ud) noexcept {
  const std::string_view text = from_abi(name);
  if (callback == nullptr || every_ms == 0 || every_ms > k_max_ms) return 0;
  if (text.empty() || text.size() > k_max_name || !worker->host.claims().open()) return 0;
  std::string claim = cat(worker->key, "/", text);
  for (const auto& [handle, timer] : worker->timers)
    if (timer->claim == claim) return 0;
  auto& timer = add_timer(*worker, every_ms, every_ms, callback, ud);
  timer.claim = std::move(claim);
  return timer.handle;
}

gw_status post(gw_worker* worker, gw_post_cb callback, void* ud) noexcept {
  return worker->posts->add(callback, ud);
}

}  // namespace

const gw_loop_api k_loop_api{
    sizeof(gw_loop_api), 0,    timer_start, timer_cancel, worker_index, worker_count,
    background,          post, fd_watch,    fd_update,    fd_unwatch};

}  // namespace gw::plugin
