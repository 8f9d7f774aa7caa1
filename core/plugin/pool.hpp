// SPDX-License-Identifier: Apache-2.0
// Pool: the threads behind gw.pool/1, and the jobs of all plugins of this worker. Threads are made
// when there is work for them. All functions are for the loop's thread; a job's end comes back to
// it through the mailbox.
#pragma once

#include <gatewright/plugin.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "net/mailbox.hpp"

namespace gw::plugin {

class Pool {
 public:
  // Told whenever the last job of a worker's handle has ended.
  Pool(net::Mailbox& mailbox, void (*on_idle)(void* context), void* context)
      : mailbox_(mailbox), on_idle_(on_idle), context_(context) {}
  // REQUIRES: settle().
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // 0: too many wait.
  gw_handle run(gw_worker& worker, gw_job job, gw_job_done done, void* ud);
  gw_status cancel(gw_worker& worker, gw_handle handle);
  // Takes back what is queued for an instance that ends, and tells it (worker.tell_jobs).
  void drop_queued(gw_worker& worker);
  // Waits until no job runs, at most so long, and ends the process if one still does: its memory
  // cannot be taken from under it.
  void settle(std::uint64_t wait_ms);

 private:
  struct Job {
    gw_handle handle;
    gw_worker* worker;
    gw_job job;
    gw_job_done done;
    void* ud;
  };
  void work();
  void collect();
  void finish(const Job& job, gw_status status);

  net::Mailbox& mailbox_;
  void (*on_idle_)(void*);
  void* context_;
  gw_handle next_ = 1;
  std::vector<std::thread> threads_;
  std::mutex lock_;  // what follows
  std::condition_variable wake_, ended_;
  std::deque<Job> queued_;
  std::list<Job> running_, finished_;
  bool stop_ = false;
};

}  // namespace gw::plugin
