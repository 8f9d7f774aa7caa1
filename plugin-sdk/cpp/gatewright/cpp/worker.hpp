// SPDX-License-Identifier: Apache-2.0
// An instance on one worker: timers, descriptors and HTTP calls with closures. The worker owns the
// closures: each is freed after its last call, when it is cancelled, or at worker_stop, so none
// leaks and none fires late. Handles are the host's. Everything here is for the worker's own
// thread, but a poster.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "gatewright/cpp/host.hpp"

namespace gw {

class worker;

struct http_request {
  std::string url;  // http://host[:port]/path?query, or http://UPSTREAM/...
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers{};
  view body{};
  milliseconds timeout{0};  // 0: the host's default
  uint64_t max_body = 0;
};

// The answer to a call; borrowed until the closure returns.
class http_result {
 public:
  explicit http_result(const gw_http_result* raw) : raw_(raw) {}
  gw_status error() const { return raw_->err; }
  bool ok() const { return raw_->err == GW_OK; }
  int status() const { return raw_->http_status; }  // 0 when !ok()
  view body() const { return to_view(raw_->body); }
  // First value of a field; name in lower case.
  view header(view name) const {
    for (uint32_t i = 0; i < raw_->nheaders; ++i)
      if (same_name(to_view(raw_->headers[i].name), name)) return to_view(raw_->headers[i].value);
    return {};
  }

 private:
  const gw_http_result* raw_;
};

namespace detail {

struct worker_base;

enum class kind : uint8_t { timer, fd, call };

// A closure that the host may still call.
struct pending {
  explicit pending(kind k) : what(k) {}
  const kind what;
  worker_base* owner = nullptr;
  gw_handle handle = 0;
  bool running = false, done = false;
  bool repeats = false;
  std::function<void()> on_timer;
  std::function<void(uint32_t)> on_fd;
  std::function<void(const http_result&)> on_result;
};

struct job_box {
  worker_base* owner;
  gw_handle handle;
  std::function<void()> job;
  std::function<void(gw_status)> done;
  bool threw = false;
};

// What gw_self::worker_state points to in a C++ plugin.
struct worker_base {
  const gw_host* host = nullptr;
  gw_worker* raw = nullptr;
  const gw_loop_api* loop = nullptr;
  const gw_http_api* http = nullptr;
  void* state = nullptr;  // P::worker_state, if there is one
  std::vector<std::unique_ptr<pending>> closures;
  // By handle; not owned, since a thread may have one when worker_start fails.
  std::map<gw_handle, job_box*> jobs;

  pending* keep(std::unique_ptr<pending> p) {
    p->owner = this;
    closures.push_back(std::move(p));
    return closures.back().get();
  }
  void drop(pending* p) {
    for (auto& c : closures) {
      if (c.get() != p) continue;
      std::swap(c, closures.back());
      closures.pop_back();
      return;
    }
  }
  // Calls it once more. A closure may cancel itself: it is freed only after it returned.
  template <class Call>
  void run(pending* p, bool again, const Call& call) {
    p->running = true;
    guard(call);
    p->running = false;
    if (p->done || !again) drop(p);
  }
  template <class Call>
  void guard(const Call& call) const {
    try {
      call();
    } catch (const std::exception& e) {
      gw::host(host).log(GW_LOG_ERROR, e.what());
    } catch (...) {
      gw::host(host).log(GW_LOG_ERROR, "a callback threw what is no std::exception");
    }
  }
};

inline void on_timer(gw_worker*, void* ud) noexcept {
  auto* p = static_cast<pending*>(ud);
  p->owner->run(p, p->repeats, [p] { p->on_timer(); });
}

inline void on_fd(gw_worker*, int32_t, uint32_t events, void* ud) noexcept {
  auto* p = static_cast<pending*>(ud);
  p->owner->run(p, true, [p, events] { p->on_fd(events); });
}

inline void on_http(gw_worker*, const gw_http_result* result, void* ud) noexcept {
  auto* p = static_cast<pending*>(ud);
  p->owner->run(p, false, [p, result] { p->on_result(http_result(result)); });
}

inline void on_job(void* ud) noexcept {
  auto* box = static_cast<job_box*>(ud);
  try {
    box->job();
  } catch (...) {
    box->threw = true;
  }
}
inline void on_job_done(gw_worker*, gw_status status, void* ud) noexcept {
  const std::unique_ptr<job_box> box(static_cast<job_box*>(ud));
  box->owner->jobs.erase(box->handle);
  if (box->threw) gw::host(box->owner->host).log(GW_LOG_ERROR, "a job threw");
  if (box->done)
    box->owner->guard([&] { box->done(box->threw ? gw_status{GW_E_INVALID} : status); });
}

struct posted {
  const worker_base* owner;
  std::function<void()> f;
};
inline void on_post(gw_worker*, void* ud) noexcept {
  const std::unique_ptr<posted> p(static_cast<posted*>(ud));
  p->owner->guard(p->f);
}

}  // namespace detail

// The way to a worker from any thread. To be copied; not to be used after the worker has stopped,
// so a plugin's own threads have to end in the destructor of its worker_state.
class poster {
 public:
  explicit poster(const detail::worker_base* base) : base_(base) {}
  // GW_OK: f is called on the worker, later, once. GW_E_BUSY, GW_E_STATE (the worker ends): never.
  gw_status operator()(std::function<void()> f) const {
    if (base_->loop == nullptr) return GW_E_UNSUPPORTED;
    auto box = std::unique_ptr<detail::posted>(new detail::posted{base_, std::move(f)});
    const gw_status status = base_->loop->post(base_->raw, detail::on_post, box.get());
    if (status == GW_OK) (void)box.release();
    return status;
  }

 private:
  const detail::worker_base* base_;
};

class worker {
 public:
  explicit worker(detail::worker_base* base) : base_(base) {}

  gw::host host() const { return gw::host(base_->host); }
  gw_worker* raw() const { return base_->raw; }
  uint32_t index() const { return base_->loop == nullptr ? 0 : base_->loop->worker_index(raw()); }
  uint32_t count() const { return base_->loop == nullptr ? 1 : base_->loop->worker_count(raw()); }
  template <class T>
  T& state() const {
    return *static_cast<T*>(base_->state);
  }

  // 0 when the host has no timers to give.
  handle after(milliseconds delay, std::function<void()> f) const {
    return start_timer(false, std::move(f), [&](detail::pending* p) {
      return base_->loop->timer_start(raw(), count_of(delay), 0, detail::on_timer, p);
    });
  }
  handle every(milliseconds period, std::function<void()> f) const {
    return start_timer(true, std::move(f), [&](detail::pending* p) {
      const uint64_t ms = count_of(period);
      return base_->loop->timer_start(raw(), ms, ms, detail::on_timer, p);
    });
  }
  // On one of all workers, each of which has to start it; `name` tells several apart (host/loop.h).
  handle background(view name, milliseconds period, std::function<void()> f) const {
    return start_timer(true, std::move(f), [&](detail::pending* p) {
      return base_->loop->background(raw(), to_str(name), count_of(period), detail::on_timer, p);
    });
  }
  void cancel_timer(handle h) const { cancel(h, detail::kind::timer); }

  // f(events) for as long as fd is ready for one of `mask` (GW_FD_*). 0 when it cannot be watched,
  // *why tells. The fd must stay open until unwatch() or the worker's end.
  handle watch(int fd, uint32_t mask, std::function<void(uint32_t)> f,
               std::string* why = nullptr) const {
    if (base_->loop == nullptr) return 0;
    auto box = std::make_unique<detail::pending>(detail::kind::fd);
    box->on_fd = std::move(f);
    gw_error error{};
    error.size = sizeof error;
    return keep(std::move(box), error, why, [&](detail::pending* p) {
      return base_->loop->fd_watch(raw(), fd, mask, detail::on_fd, p, &error);
    });
  }
  gw_status rewatch(handle h, uint32_t mask) const {
    return base_->loop->fd_update(raw(), h, mask);
  }
  void unwatch(handle h) const { cancel(h, detail::kind::fd); }

  // job() on a thread of the host's, then done(status) here: GW_OK, GW_E_INVALID if the job threw,
  // GW_E_STATE if it never ran because the instance ends. 0: too many jobs wait, or the host has no
  // pool; neither is called.
  handle run(std::function<void()> job, std::function<void(gw_status)> done = {}) const {
    const auto* pool = host().api<gw_pool_api>(GW_POOL_API);
    if (pool == nullptr) return 0;
    auto box = std::unique_ptr<detail::job_box>(
        new detail::job_box{base_, 0, std::move(job), std::move(done)});
    box->handle = pool->run(raw(), detail::on_job, detail::on_job_done, box.get(), nullptr);
    if (box->handle == 0) return 0;
    base_->jobs[box->handle] = box.get();
    return box.release()->handle;
  }
  // True: neither is called. False: it runs or has run, and done comes.
  bool cancel_job(handle h) const {
    const auto found = base_->jobs.find(h);
    if (found == base_->jobs.end()) return false;
    if (host().api<gw_pool_api>(GW_POOL_API)->cancel(raw(), h) != GW_OK) return false;
    const std::unique_ptr<detail::job_box> box(found->second);
    base_->jobs.erase(found);
    return true;
  }

  gw::poster poster() const { return gw::poster(base_); }

  // f is called exactly once, later. 0 when the URL is not usable: f is never called, *why tells.
  handle http(const http_request& q, std::function<void(const http_result&)> f,
              std::string* why = nullptr) const {
    if (base_->http == nullptr) return 0;
    auto box = std::make_unique<detail::pending>(detail::kind::call);
    box->on_result = std::move(f);
    std::vector<gw_field> fields;
    for (const auto& [name, value] : q.headers)
      fields.push_back(gw_field{to_str(name), to_str(value), 0, 0});
    gw_http_request raw_request{};
    raw_request.size = sizeof raw_request;
    raw_request.timeout_ms = static_cast<uint32_t>(q.timeout.count());
    raw_request.url = to_str(q.url);
    raw_request.method = to_str(q.method);
    raw_request.headers = fields.data();
    raw_request.nheaders = static_cast<uint32_t>(fields.size());
    raw_request.body = to_str(q.body);
    raw_request.max_body = q.max_body;
    gw_error error{};
    error.size = sizeof error;
    return keep(std::move(box), error, why, [&](detail::pending* p) {
      return base_->http->call(raw(), &raw_request, detail::on_http, p, &error);
    });
  }
  void cancel_http(handle h) const { cancel(h, detail::kind::call); }

 private:
  static uint64_t count_of(milliseconds time) { return static_cast<uint64_t>(time.count()); }
  // start(pending*) is the host's function; without a handle the closure is dropped.
  template <class Start>
  handle keep(std::unique_ptr<detail::pending> box, const gw_error& error, std::string* why,
              const Start& start) const {
    detail::pending* p = base_->keep(std::move(box));
    p->handle = start(p);
    if (p->handle != 0) return p->handle;
    if (why != nullptr) *why = error.msg;
    base_->drop(p);
    return 0;
  }
  template <class Start>
  handle start_timer(bool repeats, std::function<void()> f, const Start& start) const {
    if (base_->loop == nullptr) return 0;
    auto box = std::make_unique<detail::pending>(detail::kind::timer);
    box->on_timer = std::move(f);
    box->repeats = repeats;
    return keep(std::move(box), gw_error{}, nullptr, start);
  }
  void cancel(handle h, detail::kind what) const {
    for (auto& c : base_->closures) {
      if (c->handle != h || c->what != what) continue;
      if (what == detail::kind::call)
        base_->http->cancel(raw(), h);
      else if (what == detail::kind::fd)
        base_->loop->fd_unwatch(raw(), h);
      else
        base_->loop->timer_cancel(raw(), h);
      c->done = true;
      if (!c->running) base_->drop(c.get());
      return;
    }
  }

  detail::worker_base* base_;
};

}  // namespace gw
