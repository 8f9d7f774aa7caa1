/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/phase.h: the phases of one request, and what a callback is given beside the request.
 *
 * In the order of a request's life:
 *
 * - rewrite: the request, no route yet. Global instances only. May change method, path, query,
 *   headers.
 * - request: route and service are known, the consumer once an auth plugin has published it.
 * - request_body: bytes of the request's body, in pieces as they pass, or once, whole (body.h).
 *   Not called for a request without a body, unless the whole was asked for.
 * - upstream: a target was chosen; once per attempt. Sign, set Host, or refuse.
 * - response: status and headers of the answer, also of answers that the gateway made
 *   (GW_F_LOCAL_REPLY). Again, with the next answer, when a plugin had the request sent again
 *   (GW_REDISPATCH), and with the gateway's answer, when the upstream breaks while its answer waits
 *   for a plugin.
 * - response_body: bytes of the answer's body, as those of the request's. Begins anew with each
 *   answer that passes response.
 * - log: after the last byte. Read-only. Always, and once.
 *
 * The order of plugins is the same in all phases: by priority, highest first, equal ones by name,
 * or as `gateway.phase_order` says. After GW_RESPOND or GW_FAIL in rewrite, request or upstream,
 * later plugins' callbacks of that phase are skipped, and response, response_body and log run for
 * all that were selected. In response, later plugins' on_response is skipped. In a body phase
 * GW_CONTINUE, GW_PAUSE and GW_FAIL are answers, and with BUFFER what on_request or on_response may
 * answer.
 *
 * What a failure (GW_FAIL, an answer that is none) comes to: 500 with the reason "plugin_failed"
 * while the answer's head is not sent, else the client's connection is broken off so that it sees
 * that something is missing. What comes of response is not shown to on_response again, what comes
 * of response_body to neither of the two. A failure in log changes nothing for anybody.
 */
#ifndef GATEWRIGHT_PHASE_H
#define GATEWRIGHT_PHASE_H

#include "gatewright/request.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  GW_PHASE_NONE = 0,
  GW_PHASE_REWRITE = 1,
  GW_PHASE_REQUEST = 2,
  GW_PHASE_REQUEST_BODY = 3,
  GW_PHASE_UPSTREAM = 4,
  GW_PHASE_RESPONSE = 5,
  GW_PHASE_RESPONSE_BODY = 6,
  GW_PHASE_LOG = 7
};

/* Who is called. Valid for the callback. */
struct gw_self {
  void *inst;         /* from instance_new; shared by all workers of the process: read-only */
  void *worker_state; /* from worker_start; this worker's alone */
  void *req_state;    /* req_state_size bytes of this request, zeroed; NULL if the size is 0 */
  gw_worker *worker;  /* for timers, calls… of this instance on this worker */
  uint32_t phase;     /* GW_PHASE_* */
  uint32_t flags;     /* 0 */
  void *rsv[2];
};

#ifdef __cplusplus
}
#endif
#endif
