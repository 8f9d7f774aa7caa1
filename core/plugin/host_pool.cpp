// SPDX-License-Identifier: Apache-2.0
// gw.pool/1 over the worker's threads.
#include "plugin/host.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

namespace {

gw_handle run(gw_worker* worker, gw_job job, gw_job_done done, void* ud, gw_error* error) noexcept {
  if (job == nullptr) return set_error(error, GW_E_INVALID, "there is no job"), 0;
  if (worker->ends) return set_error(error, GW_E_STATE, "the instance ends"), 0;
  const gw_handle handle = worker->host.pool().run(*worker, job, done, ud);
  if (handle == 0) set_error(error, GW_E_BUSY, "too many jobs wait");
  return handle;
}

gw_status cancel(gw_worker* worker, gw_handle job) noexcept {
  return worker->host.pool().cancel(*worker, job);
}

}  // namespace

const gw_pool_api k_pool_api{sizeof(gw_pool_api), 0, run, cancel};

}  // namespace gw::plugin
