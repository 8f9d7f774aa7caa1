// SPDX-License-Identifier: Apache-2.0
#include "plugin/pool.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

Pool::~Pool() {
  {
    const std::lock_guard lock(lock_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

gw_handle Pool::run(gw_worker& worker, gw_job job, gw_job_done done, void* ud) {
  const std::lock_guard lock(lock_);
  if (queued_.size() >= GW_POOL_MAX) return 0;
  queued_.push_back({next_, &worker, job, done, ud});
  worker.add_jobs(1);
  if (threads_.size() < GW_POOL_THREADS && queued_.size() + running_.size() > threads_.size())
    threads_.emplace_back([this] { work(); });
  wake_.notify_one();
  return next_++;
}

// A thread's life.
void Pool::work() {
  std::unique_lock lock(lock_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queued_.empty(); });
    if (stop_) return;
    running_.push_back(queued_.front());
    queued_.pop_front();
    const auto mine = std::prev(running_.end());
    lock.unlock();
    mine->job(mine->ud);
    lock.lock();
    finished_.splice(finished_.end(), running_, mine);
    ended_.notify_all();
    if (finished_.size() == 1) mailbox_.post([this] { collect(); });
  }
}

void Pool::collect() {
  std::list<Job> ended;
  {
    const std::lock_guard lock(lock_);
    ended.swap(finished_);
  }
  for (const Job& job : ended) finish(job, GW_OK);
  if (!ended.empty()) on_idle_(context_);
}

void Pool::finish(const Job& job, gw_status status) {
  gw_worker& worker = *job.worker;
  worker.add_jobs(-1);
  if (job.done == nullptr || !worker.tell_jobs) return;
  const Breadcrumb crumb(worker.host, worker.plugin, shared::Where::callback);
  job.done(&worker, status, job.ud);
}

gw_status Pool::cancel(gw_worker& worker, gw_handle handle) {
  const std::lock_guard lock(lock_);
  const auto is_it = [&](const Job& job) { return job.handle == handle && job.worker == &worker; };
  const auto found = std::find_if(queued_.begin(), queued_.end(), is_it);
  if (found != queued_.end()) {
    queued_.erase(found);
    worker.add_jobs(-1);
    return GW_OK;
  }
  const bool begun = std::any_of(running_.begin(), running_.end(), is_it) ||
                     std::any_of(finished_.begin(), finished_.end(), is_it);
  return begun ? GW_E_STATE : GW_E_NOTFOUND;
}

void Pool::drop_queued(gw_worker& worker) {
  std::deque<Job> dropped;
  {
    const std::lock_guard lock(lock_);
    const auto first =
        std::stable_partition(queued_.begin(), queued_.end(),
                              [&worker](const Job& job) { return job.worker != &worker; });
    dropped.assign(first, queued_.end());
    queued_.erase(first, queued_.end());
  }
  for (const Job& job : dropped) finish(job, GW_E_STATE);
}

void Pool::settle(std::uint64_t wait_ms) {
  {
    std::unique_lock lock(lock_);
    const auto idle = [this] { return running_.empty(); };
    if (!ended_.wait_for(lock, std::chrono::milliseconds(wait_ms), idle)) {
      for (const Job& job : running_)
        log::error("a job of a plugin does not end, and is cut off with the process",
                   {{"plugin", job.worker->plugin_name()}});
      ::_exit(1);
    }
  }
  collect();
}

}  // namespace gw::plugin
