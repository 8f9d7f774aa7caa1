// SPDX-License-Identifier: Apache-2.0
// gw.loop/1 and gw.pool/1 with checks: what runs later runs in a frame of its plugin.
#include "loop_tables.hpp"

#include "given.hpp"
#include "table.hpp"

namespace gw::checking {

namespace {

void on_timer(gw_worker* w, void* ud) {
  const given g = *static_cast<given*>(ud);
  if (!g.repeats) forget(static_cast<given*>(ud));
  const frame f(g.plugin, "timer callback", "worker");
  g.timer(w, g.ud);
}

void on_post(gw_worker* w, void* ud) {
  const given g = *static_cast<given*>(ud);
  forget(static_cast<given*>(ud));
  const frame f(g.plugin, "post callback", "worker");
  g.post(w, g.ud);
}

void on_fd(gw_worker* w, int32_t fd, uint32_t events, void* ud) {
  const given g = *static_cast<given*>(ud);
  const frame f(g.plugin, "fd callback", "worker");
  g.fd(w, fd, events, g.ud);
}

// On a thread of the pool: no frame, since nothing of a worker or a request may be used.
void on_job(void* ud) {
  const given* g = static_cast<given*>(ud);
  g->job(g->ud);
}

void on_done(gw_worker* w, gw_status status, void* ud) {
  const given g = *static_cast<given*>(ud);
  forget(static_cast<given*>(ud));
  if (g.done == nullptr) return;
  const frame f(g.plugin, "job done", "worker");
  g.done(w, status, g.ud);
}

struct start_timer {
  static gw_handle call(gw_worker* w, uint64_t first_ms, uint64_t repeat_ms, gw_timer_cb cb,
                        void* ud) {
    if (!usable(w, "timer_start")) return 0;
    if (cb == nullptr) return broke("timer_start", "the callback is NULL"), 0;
    const bool repeats = repeat_ms != 0;
    return start_with(
        {.worker = w, .plugin = owner_of(w), .ud = ud, .timer = cb, .repeats = repeats},
        [&](given* g) {
          return table<gw_loop_api>::real->timer_start(w, first_ms, repeat_ms, on_timer, g);
        });
  }
};

struct cancel_timer {
  static gw_status call(gw_worker* w, gw_handle h) {
    return end_with(w, h, &given::timer, "timer_cancel", table<gw_loop_api>::real->timer_cancel);
  }
};

struct start_background {
  static gw_handle call(gw_worker* w, gw_str name, uint64_t every_ms, gw_timer_cb cb, void* ud) {
    if (!usable(w, "background")) return 0;
    if (cb == nullptr) return broke("background", "the callback is NULL"), 0;
    if (name.p == nullptr || name.n == 0 || name.n > 64)
      broke("background", "the name has " + std::to_string(name.n) + " bytes, not 1 to 64");
    return start_with({.worker = w, .plugin = owner_of(w), .ud = ud, .timer = cb, .repeats = true},
                      [&](given* g) {
                        return table<gw_loop_api>::real->background(w, name, every_ms, on_timer, g);
                      });
  }
};

struct post_call {
  static gw_status call(gw_worker* w, gw_post_cb cb, void* ud) {
    const known_plugin* owner = owner_of(w);
    if (owner == nullptr)
      return broke("post", "this gw_worker has stopped, or is none: threads end in worker_stop"),
             GW_E_STATE;
    if (cb == nullptr) return broke("post", "the callback is NULL"), GW_E_INVALID;
    given* g = keep({.worker = w, .plugin = owner, .ud = ud, .post = cb});
    const gw_status s = table<gw_loop_api>::real->post(w, on_post, g);
    if (s != GW_OK) forget(g);
    return s;
  }
};

struct watch_fd {
  static gw_handle call(gw_worker* w, int32_t fd, uint32_t mask, gw_fd_cb cb, void* ud,
                        gw_error* error) {
    if (!usable(w, "fd_watch")) return 0;
    if (cb == nullptr) return broke("fd_watch", "the callback is NULL"), 0;
    return start_with({.worker = w, .plugin = owner_of(w), .ud = ud, .fd = cb}, [&](given* g) {
      return table<gw_loop_api>::real->fd_watch(w, fd, mask, on_fd, g, error);
    });
  }
};

struct unwatch_fd {
  static gw_status call(gw_worker* w, gw_handle h) {
    return end_with(w, h, &given::fd, "fd_unwatch", table<gw_loop_api>::real->fd_unwatch);
  }
};

struct run_job {
  static gw_handle call(gw_worker* w, gw_job job, gw_job_done done, void* ud, gw_error* error) {
    if (!usable(w, "run")) return 0;
    if (job == nullptr) return broke("run", "the job is NULL"), 0;
    return start_with(
        {.worker = w, .plugin = owner_of(w), .ud = ud, .job = job, .done = done},
        [&](given* g) { return table<gw_pool_api>::real->run(w, on_job, on_done, g, error); });
  }
};

struct cancel_job {
  static gw_status call(gw_worker* w, gw_handle h) {
    return end_with(w, h, &given::job, "cancel", table<gw_pool_api>::real->cancel);
  }
};

}  // namespace

const void* check_loop(const void* given) {
  return check_table<gw_loop_api>(given, [](gw_loop_api& t) {
    put<&gw_loop_api::timer_start, start_timer>(t);
    put<&gw_loop_api::timer_cancel, cancel_timer>(t);
    put_worker<&gw_loop_api::worker_index, "worker_index">(t);
    put_worker<&gw_loop_api::worker_count, "worker_count">(t);
    put<&gw_loop_api::background, start_background>(t);
    put<&gw_loop_api::post, post_call>(t);
    put<&gw_loop_api::fd_watch, watch_fd>(t);
    put_worker<&gw_loop_api::fd_update, "fd_update">(t);
    put<&gw_loop_api::fd_unwatch, unwatch_fd>(t);
  });
}

const void* check_pool(const void* given) {
  return check_table<gw_pool_api>(given, [](gw_pool_api& t) {
    put<&gw_pool_api::run, run_job>(t);
    put<&gw_pool_api::cancel, cancel_job>(t);
  });
}

}  // namespace gw::checking
