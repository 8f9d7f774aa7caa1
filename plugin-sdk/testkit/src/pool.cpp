// SPDX-License-Identifier: Apache-2.0
// gw.pool/1 and gw.memory/1. Jobs run one after the other when host::turn() delivers.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "tracing.hpp"
#include "world.hpp"

namespace gw::test {
namespace {

gw_handle run(gw_worker* worker, gw_job job, gw_job_done done, void* ud, gw_error* error) {
  world& w = *worker->world;
  gw_status fault = GW_OK;
  if (job == nullptr) fault = GW_E_INVALID;
  if (worker->ended) fault = GW_E_STATE;
  if (w.jobs.size() >= GW_POOL_MAX) fault = GW_E_BUSY;
  if (fault != GW_OK) {
    write_error(error, "the job is not taken");
    if (error != nullptr) error->code = fault;
    return 0;
  }
  const gw_handle h = w.next_handle++;
  w.jobs[h] = queued_job{worker, job, done, ud};
  return h;
}

gw_status cancel(gw_worker* worker, gw_handle h) {
  return worker->world->jobs.erase(h) != 0 ? GW_OK : GW_E_NOTFOUND;
}

struct account_state {
  const world* owner;
  std::string plugin;
  std::atomic<int64_t> bytes{0};
};
// By number alone, as stores are; the first is never used.
std::deque<account_state>& accounts() {
  static std::deque<account_state> all(1);
  return all;
}

gw_account account(gw_cfg* cfg) {
  auto& all = accounts();
  for (size_t i = 1; i < all.size(); ++i)
    if (all[i].owner == cfg->world && all[i].plugin == cfg->plugin->name)
      return static_cast<gw_account>(i);
  all.emplace_back();
  all.back().owner = cfg->world;
  all.back().plugin = cfg->plugin->name;
  return static_cast<gw_account>(all.size() - 1);
}

int64_t size_of(void* p) { return static_cast<int64_t>(::malloc_usable_size(p)); }
void count(gw_account a, int64_t n) { accounts().at(a).bytes += n; }

void* allocate(gw_account a, size_t n, size_t align) {
  if (align > 4096 || (align & (align - 1)) != 0) return nullptr;
  void* p = nullptr;
  if (::posix_memalign(&p, std::max<size_t>(align, 16), n) != 0) return nullptr;
  count(a, size_of(p));
  return p;
}

void* reallocate(gw_account a, void* p, size_t n) {
  const int64_t before = p == nullptr ? 0 : size_of(p);
  void* moved = std::realloc(p, std::max<size_t>(n, 1));
  if (moved != nullptr) count(a, size_of(moved) - before);
  return moved;
}

void release(gw_account a, void* p) {
  if (p != nullptr) count(a, -size_of(p));
  std::free(p);
}

}  // namespace

bool world::run_jobs() {
  std::map<gw_handle, queued_job> due;
  due.swap(jobs);
  for (const auto& [h, j] : due) {
    const tracing::note n("job");
    j.job(j.ud);
    if (j.done != nullptr) j.done(j.worker, GW_OK, j.ud);
  }
  return !due.empty();
}

void world::drop_jobs(gw_worker* worker, bool tell) {
  for (auto it = jobs.begin(); it != jobs.end();) {
    const queued_job j = it->second;
    if (j.worker != worker) {
      ++it;
      continue;
    }
    it = jobs.erase(it);
    if (tell && j.done != nullptr) j.done(worker, GW_E_STATE, j.ud);
  }
}

int64_t host::memory_of(const std::string& plugin) const {
  for (const account_state& a : accounts())
    if (a.owner == world_.get() && a.plugin == plugin) return a.bytes;
  return 0;
}

void world::check_memory() {
  for (const account_state& a : accounts())
    if (a.owner == this && a.bytes != 0)
      broke(a.plugin, "alloc", "worker",
            std::to_string(a.bytes) + " bytes of its memory were never given back");
}

void forget_accounts(const world* w) {
  for (account_state& a : accounts())
    if (a.owner == w) a.owner = nullptr;
}

const gw_pool_api k_pool_api = {sizeof(gw_pool_api), 0, run, cancel};
const gw_memory_api k_memory_api = {
    sizeof(gw_memory_api), 0, account, allocate, reallocate, release};

}  // namespace gw::test
