/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/trace.h: the slot "gw.trace/1", the trace context of a request (W3C Trace
 * Context). */
#ifndef GATEWRIGHT_HOST_TRACE_H
#define GATEWRIGHT_HOST_TRACE_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_SLOT_TRACE "gw.trace/1"
typedef struct gw_trace {
  uint32_t size;
  uint32_t flags;       /* trace-flags: bit 0 sampled, bit 1 random trace id */
  uint8_t trace_id[16]; /* network order; all zero: none */
  uint8_t span_id[8];   /* the span of this gateway for this request */
  gw_str tracestate;    /* as it will be sent upstream; p == NULL: none */
} gw_trace;

#ifdef __cplusplus
}
#endif
#endif
