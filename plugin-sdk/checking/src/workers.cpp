// SPDX-License-Identifier: Apache-2.0
#include "workers.hpp"

#include <mutex>
#include <thread>
#include <unordered_map>

#include "tables.hpp"

namespace gw::checking {

namespace {

struct living {
  const known_plugin* plugin;
  std::thread::id thread;
};
std::mutex g_lock;
std::unordered_map<gw_worker*, living> g_workers;

bool find(gw_worker* w, living& out) {
  const std::lock_guard<std::mutex> lock(g_lock);
  const auto it = g_workers.find(w);
  if (it == g_workers.end()) return false;
  out = it->second;
  return true;
}

}  // namespace

gw_status start_worker(const known_plugin& p, gw_worker* w, void* inst, void** state,
                       gw_error* error) {
  {
    const std::lock_guard<std::mutex> lock(g_lock);
    g_workers[w] = {&p, std::this_thread::get_id()};
  }
  const frame f(&p, "worker_start", "worker");
  const gw_status s = p.desc.worker_start == nullptr ? gw_status{GW_OK}
                                                     : p.desc.worker_start(w, inst, state, error);
  if (s == GW_OK) return s;
  const std::lock_guard<std::mutex> lock(g_lock);
  g_workers.erase(w);
  return s;
}

void stop_worker(const known_plugin& p, gw_worker* w, void* inst, void* state) {
  {
    frame f(&p, "worker_stop", "worker");
    f.may_last = true;  // it sends what it still has
    if (p.desc.worker_stop != nullptr) p.desc.worker_stop(w, inst, state);
  }
  forget_callbacks(w);
  const std::lock_guard<std::mutex> lock(g_lock);
  g_workers.erase(w);
}

const known_plugin* owner_of(gw_worker* w) {
  living found{};
  return find(w, found) ? found.plugin : nullptr;
}

bool usable(gw_worker* w, const char* function) {
  living found{};
  const frame* f = current();
  if (!find(w, found)) {
    broke(f == nullptr ? nullptr : f->plugin, function, f == nullptr ? "none" : f->phase,
          "this gw_worker has stopped, or is none");
    return false;
  }
  if (found.thread != std::this_thread::get_id()) {
    broke(found.plugin, function, "none", "called on another thread than its worker's");
    return false;
  }
  if (f != nullptr && f->plugin != nullptr && f->plugin != found.plugin)
    broke(function, std::string("with a gw_worker of the plugin ") + name_of(found.plugin));
  return true;
}

bool on_worker_thread() {
  const std::lock_guard<std::mutex> lock(g_lock);
  for (const auto& [w, l] : g_workers)
    if (l.thread == std::this_thread::get_id()) return true;
  return false;
}

}  // namespace gw::checking
