/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/loop.h: "gw.loop/1", timers on the worker's loop.
 *
 * A start function never calls back before it returns. After a cancel function returned, nothing is
 * called. Whatever an instance owns is cancelled by the host before worker_stop is called. */
#ifndef GATEWRIGHT_HOST_LOOP_H
#define GATEWRIGHT_HOST_LOOP_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_LOOP_API "gw.loop/1"

typedef void (*gw_timer_cb)(gw_worker *worker, void *ud);

typedef struct gw_loop_api {
  uint32_t size, rsv;

  /* Calls cb after first_ms, then every repeat_ms (0: once). Not exact: up to 20 ms late by design.
   * 0 without a callback, or for more than a year.
   * @since 1.0 @thread worker @phase any */
  gw_handle (*timer_start)(gw_worker *worker, uint64_t first_ms, uint64_t repeat_ms, gw_timer_cb cb,
                           void *ud);
  /* GW_E_NOTFOUND when it has fired or was cancelled. @since 1.0 @thread worker @phase any */
  gw_status (*timer_cancel)(gw_worker *worker, gw_handle timer);
  /* The number of this worker, 0 … worker_count - 1. @since 1.0 @thread worker */
  uint32_t (*worker_index)(gw_worker *worker);
  uint32_t (*worker_count)(gw_worker *worker);
} gw_loop_api;

#ifdef __cplusplus
}
#endif
#endif
