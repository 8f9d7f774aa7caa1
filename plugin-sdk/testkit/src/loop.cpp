// SPDX-License-Identifier: Apache-2.0
// Timers and scripted HTTP calls. Both, and what watches.cpp holds, are delivered from
// host::advance() and host::turn() only.
#include <algorithm>

#include "tracing.hpp"
#include "world.hpp"

namespace gw::test {
namespace {

gw_handle timer_start(gw_worker* worker, uint64_t first_ms, uint64_t repeat_ms, gw_timer_cb cb,
                      void* ud) {
  world& w = *worker->world;
  if (cb == nullptr) return 0;
  const gw_handle h = w.next_handle++;
  w.timers[h] = timer{w.mono + first_ms * 1'000'000, repeat_ms * 1'000'000, worker, cb, ud};
  return h;
}

gw_status timer_cancel(gw_worker* worker, gw_handle h) {
  return worker->world->timers.erase(h) != 0 ? GW_OK : GW_E_NOTFOUND;
}

gw_handle background(gw_worker* worker, gw_str name, uint64_t every_ms, gw_timer_cb cb, void* ud) {
  world& w = *worker->world;
  if (name.p == nullptr || name.n == 0 || name.n > 64 || every_ms == 0) return 0;
  const std::string claim = worker->owner->key() + "/" + to_string(name);
  for (const auto& [h, t] : w.timers)
    if (t.worker == worker && t.claim == claim) return 0;
  const gw_handle h = timer_start(worker, every_ms, every_ms, cb, ud);
  if (h != 0) w.timers[h].claim = claim;
  return h;
}

uint32_t worker_index(gw_worker* worker) { return worker->index; }
uint32_t worker_count(gw_worker* worker) { return worker->count; }

gw_handle call(gw_worker* worker, const gw_http_request* q, gw_http_cb cb, void* ud,
               gw_error* error) {
  world& w = *worker->world;
  const std::string url = to_string(q->url);
  if (url.compare(0, 7, "http://") != 0 && url.compare(0, 8, "https://") != 0) {
    write_error(error, "\"" + url + "\" is not an http URL");
    return 0;
  }
  http_call c{url,
              q->method.p == nullptr ? "GET" : to_string(q->method),
              to_string(q->body),
              {},
              q->timeout_ms};
  for (uint32_t i = 0; i < q->nheaders; ++i)
    c.headers.emplace_back(to_string(q->headers[i].name), to_string(q->headers[i].value));
  w.call_log.push_back(c);
  const gw_handle h = w.next_handle++;
  w.calls[h] = running_call{worker, cb, ud, std::move(c)};
  return h;
}

gw_status cancel(gw_worker* worker, gw_handle h) {
  return worker->world->calls.erase(h) != 0 ? GW_OK : GW_E_NOTFOUND;
}

void answer(const running_call& c, const http_answer& a) {
  std::vector<gw_field> fields;
  for (const auto& [name, value] : a.headers)
    fields.push_back(gw_field{to_str(name), to_str(value), 0, 0});
  gw_http_result result{};
  result.size = sizeof result;
  result.err = a.error;
  result.http_status = a.error == GW_OK ? a.status : 0;
  result.headers = fields.data();
  result.nheaders = static_cast<uint32_t>(fields.size());
  result.body = to_str(a.body);
  const tracing::note n("answer " + tracing::show(static_cast<const gw_http_result*>(&result)));
  c.cb(c.worker, &result, c.ud);
}

}  // namespace

// Whether there was anything to deliver.
bool world::deliver() {
  bool any = deliver_posts();
  any = run_jobs() || any;
  std::map<gw_handle, running_call> due;
  due.swap(calls);
  for (const auto& [h, c] : due) {
    http_answer a;
    if (script)
      a = script(c.call);
    else
      a.error = GW_E_CONNECT;
    if (c.cb != nullptr) answer(c, a);
    any = true;
  }
  std::vector<std::pair<gw_token, int64_t>> ready;
  {
    const std::lock_guard<std::mutex> lock(resume_lock);
    ready.swap(resumes);
  }
  for (const auto& [token, value] : ready) {
    const auto it = paused.find(token);
    if (it == paused.end()) continue;
    exchange* x = it->second;
    paused.erase(it);
    x->resume(value);
    any = true;
  }
  return any;
}

uint64_t world::first_deadline() const {
  uint64_t first = UINT64_MAX;
  for (const auto& [token, x] : paused) first = std::min(first, x->deadline_ns_);
  return first;
}

void world::expire_pauses() {
  for (auto it = paused.begin(); it != paused.end();) {
    if (it->second->deadline_ns_ > mono) {
      ++it;
      continue;
    }
    exchange* x = it->second;
    it = paused.erase(it);
    x->check_pause();
    x->cancel();
  }
}

// A background timer is the worker's that had it first, for as long as that lasts, and a newer
// generation's before an older one's.
bool world::holds(const timer& t) {
  if (t.claim.empty()) return true;
  gw_worker*& holder = claims[t.claim];
  if (holder == nullptr || (holder->index == t.worker->index &&
                            holder->owner->generation() < t.worker->owner->generation()))
    holder = t.worker;
  return holder == t.worker;
}

void world::release_worker(gw_worker* worker, bool started) {
  {
    const std::lock_guard<std::mutex> lock(resume_lock);
    worker->ended = true;
  }
  if (started) deliver_posts(worker);
  posts.erase(std::remove_if(posts.begin(), posts.end(),
                             [worker](const waiting_post& p) { return p.worker == worker; }),
              posts.end());
  const auto forget = [worker](auto& from, const auto& owner) {
    for (auto it = from.begin(); it != from.end();)
      it = owner(it->second) == worker ? from.erase(it) : std::next(it);
  };
  const auto member = [](const auto& x) { return x.worker; };
  note_left_fds(worker);
  forget(timers, member);
  forget(watches, member);
  forget(calls, member);
  forget(claims, [](gw_worker* holder) { return holder; });
  drop_jobs(worker, started);
  for (auto it = certificates.begin(); it != certificates.end();)
    it = it->second.first == worker ? certificates.erase(it) : std::next(it);
}

void world::check_stopped(gw_worker* worker) {
  for (auto it = timers.begin(); it != timers.end();) {
    if (it->second.worker != worker) {
      ++it;
      continue;
    }
    broke(worker->owner->desc().name, "timer_start", "worker",
          "in worker_stop: a timer that can never fire was started, and leaks what it holds");
    it = timers.erase(it);
  }
  for (auto it = watches.begin(); it != watches.end();) {
    if (it->second.worker != worker) {
      ++it;
      continue;
    }
    broke(worker->owner->desc().name, "fd_watch", "worker",
          "in worker_stop: a descriptor was watched that nobody will be told of");
    it = watches.erase(it);
  }
  // Calls are sent; no callback tells of their result.
  for (auto& [h, c] : calls)
    if (c.worker == worker) c.cb = nullptr, c.worker = nullptr;
}

void host::turn() {
  world_->poll_fds(0);
  while (world_->deliver()) {
  }
}

bool host::wait_fds(std::chrono::milliseconds limit) {
  const bool any = world_->poll_fds(static_cast<int>(limit.count()));
  while (world_->deliver()) {
  }
  return any;
}

void host::advance(std::chrono::nanoseconds d) {
  world& w = *world_;
  const uint64_t end = w.mono + static_cast<uint64_t>(d.count());
  turn();
  for (;;) {
    auto first = w.timers.end();
    for (auto it = w.timers.begin(); it != w.timers.end(); ++it)
      if (first == w.timers.end() || it->second.due_ns < first->second.due_ns) first = it;
    uint64_t next = first == w.timers.end() ? end + 1 : first->second.due_ns;
    next = std::min(next, w.first_deadline());
    if (next > end) break;
    w.mono = std::max(w.mono, next);
    w.expire_pauses();
    if (first == w.timers.end() || first->second.due_ns > w.mono) continue;
    const timer t = first->second;
    if (t.repeat_ns == 0)
      w.timers.erase(first);
    else
      first->second.due_ns += t.repeat_ns;
    if (w.holds(t)) {
      const tracing::note n("timer");
      t.cb(t.worker, t.ud);
    }
    turn();
  }
  w.mono = end;
}

const gw_loop_api k_loop_api = {
    sizeof(gw_loop_api), 0,    timer_start, timer_cancel, worker_index, worker_count,
    background,          post, watch_fd,    update_fd,    unwatch_fd};
const gw_http_api k_http_api = {sizeof(gw_http_api), 0, call, cancel};

}  // namespace gw::test
