/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/loop.h: "gw.loop/1", the worker's loop: timers, file descriptors, and the way in
 * from other threads.
 *
 * A start function never calls back before it returns. After a cancel function (timer_cancel,
 * fd_unwatch) returned GW_OK, nothing is called, also from within the callback itself. Whatever an
 * instance owns on a worker is cancelled by the host before worker_stop is called. Callbacks run on
 * the worker's thread, one at a time; they are given ud, never a request: use resume(token). */
#ifndef GATEWRIGHT_HOST_LOOP_H
#define GATEWRIGHT_HOST_LOOP_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_LOOP_API "gw.loop/1"

typedef void (*gw_timer_cb)(gw_worker *worker, void *ud);
typedef void (*gw_post_cb)(gw_worker *worker, void *ud);

/* What a descriptor is watched for, and what it is ready for. */
enum {
  GW_FD_READ = 1,
  GW_FD_WRITE = 2,
  GW_FD_ERROR = 4 /* told only, together with all that is watched for: an error or hang-up waits to
                     be read by read(2), write(2) or SO_ERROR */
};
typedef void (*gw_fd_cb)(gw_worker *worker, int32_t fd, uint32_t events, void *ud);

/* Posts of one instance that wait on one worker. */
#define GW_POST_MAX 4096

typedef struct gw_loop_api {
  uint32_t size, rsv;

  /* Calls cb after first_ms, then every repeat_ms (0: once). Not exact: up to 20 ms late by design.
   * 0 without a callback, or for more than a year.
   * @since 1.0 @thread worker @phase any */
  gw_handle (*timer_start)(gw_worker *worker, uint64_t first_ms, uint64_t repeat_ms, gw_timer_cb cb,
                           void *ud);
  /* Of timer_start and background. GW_E_NOTFOUND when it has fired for the last time or was
   * cancelled. @since 1.0 @thread worker @phase any */
  gw_status (*timer_cancel)(gw_worker *worker, gw_handle timer);
  /* The number of this worker, 0 … worker_count - 1. @since 1.0 @thread worker */
  uint32_t (*worker_index)(gw_worker *worker);
  /* How many workers the gateway runs. @since 1.0 @thread worker */
  uint32_t (*worker_count)(gw_worker *worker);

  /* Calls cb every every_ms (at least 1) on one of all workers. Each worker starts it, in
   * worker_start as a rule; who comes first keeps it until it dies, drains, stops or cancels it;
   * then another one has it, at most every_ms after that. The instance of a newer generation takes
   * it over from the one before. `name` (1 to 64 bytes, copied) tells several of one instance
   * apart. 0 without a callback, for a bad name or one that this instance has on this worker
   * already, for more than a year, or when the shared region has no room.
   * @since 1.0 @thread worker @phase any */
  gw_handle (*background)(gw_worker *worker, gw_str name, uint64_t every_ms, gw_timer_cb cb,
                          void *ud);

  /* Calls cb(worker, ud) later on the worker's thread, in the order in which a thread posted. GW_OK
   * is a promise: it is called, at the latest just before worker_stop. GW_E_BUSY: GW_POST_MAX wait
   * already; GW_E_STATE: the instance ends (or its worker_start failed); GW_E_INVALID: no callback.
   * In none of these is it called. `worker` must not be used after worker_stop returned: a
   * plugin's own threads have to end there. @since 1.0 @thread any @phase any */
  gw_status (*post)(gw_worker *worker, gw_post_cb cb, void *ud);

  /* Calls cb whenever fd is ready for one of `mask` (GW_FD_READ, GW_FD_WRITE; 0: not yet), again in
   * each turn of the loop for as long as it is (level-triggered). The fd stays the plugin's and is
   * made non-blocking; it must stay open until fd_unwatch returned or worker_stop is called. 0
   * with an error (may be NULL): GW_E_EXISTS, somebody on this worker watches this fd;
   * GW_E_INVALID, it is not open or cannot be polled (a plain file), the mask has other bits, or cb
   * is NULL.
   * @since 1.0 @thread worker @phase any */
  gw_handle (*fd_watch)(gw_worker *worker, int32_t fd, uint32_t mask, gw_fd_cb cb, void *ud,
                        gw_error *error);
  /* Another mask. GW_E_NOTFOUND, GW_E_INVALID. @since 1.0 @thread worker @phase any */
  gw_status (*fd_update)(gw_worker *worker, gw_handle watch, uint32_t mask);
  /* The fd may be closed afterwards. GW_E_NOTFOUND. @since 1.0 @thread worker @phase any */
  gw_status (*fd_unwatch)(gw_worker *worker, gw_handle watch);
} gw_loop_api;

#ifdef __cplusplus
}
#endif
#endif
