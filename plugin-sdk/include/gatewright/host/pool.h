/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/pool.h: "gw.pool/1", work that would hold the worker up, on threads of the host's
 * own.
 *
 * For what blocks (a library without an asynchronous interface, a slow computation); what can wait
 * for a descriptor belongs to gw.loop/1, which is a thousand times cheaper. The threads are the
 * host's alone, shared by all plugins of the worker: GW_POOL_THREADS of them, with at most
 * GW_POOL_MAX jobs that wait. The gauge gatewright_plugin_jobs{plugin} shows how many are queued or
 * run. */
#ifndef GATEWRIGHT_HOST_POOL_H
#define GATEWRIGHT_HOST_POOL_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_POOL_API "gw.pool/1"
#define GW_POOL_THREADS 4
#define GW_POOL_MAX 1024

typedef void (*gw_job)(void *ud);
typedef void (*gw_job_done)(gw_worker *worker, gw_status status, void *ud);

typedef struct gw_pool_api {
  uint32_t size, rsv;

  /* Calls job(ud) on a thread of the pool, then done(worker, status, ud) on the worker's own; never
   * before run returned. done (may be NULL) is called exactly once, but after a cancel that
   * returned GW_OK: with GW_OK when the job ran, with GW_E_STATE when the instance ended while it
   * was queued. 0 with an error (may be NULL): GW_E_BUSY, GW_POOL_MAX jobs wait; GW_E_STATE, the
   * instance ends; GW_E_INVALID, no job.
   *
   * The job may use what is marked [any], and must not touch requests. When the instance ends,
   * before worker_stop: queued jobs are dropped (done with GW_E_STATE), running ones are waited for
   * (done with GW_OK), also for long, while the worker goes on with its work; at the end of the
   * process as long as shutdown_timeout allows, and a job that is not over then is cut off with the
   * process. If worker_start fails, no done is called.
   * @since 1.0 @thread worker @phase any */
  gw_handle (*run)(gw_worker *worker, gw_job job, gw_job_done done, void *ud, gw_error *error);
  /* GW_OK: neither job nor done is called. GW_E_STATE: it runs or has run, done comes.
   * GW_E_NOTFOUND. @since 1.0 @thread worker @phase any */
  gw_status (*cancel)(gw_worker *worker, gw_handle job);
} gw_pool_api;

#ifdef __cplusplus
}
#endif
#endif
