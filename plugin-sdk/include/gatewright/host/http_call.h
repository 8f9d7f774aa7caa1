/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/http_call.h: "gw.http/1", HTTP calls of a plugin, on the worker's loop.
 *
 * Connections are kept and reused. The callback is called exactly once, never before call()
 * returns, and not at all after cancel(). It is given ud, never a request: use resume(token) to go
 * on with one. */
#ifndef GATEWRIGHT_HOST_HTTP_CALL_H
#define GATEWRIGHT_HOST_HTTP_CALL_H

#include "gatewright/request.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_HTTP_API "gw.http/1"

typedef struct gw_http_request {
  uint32_t size;
  uint32_t timeout_ms; /* for everything, from call to the last byte; 0: 60,000 */
  gw_str url; /* http://host[:port]/path?query, or http://UPSTREAM/… with the name of an upstream */
  gw_str method;            /* p == NULL: GET */
  const gw_field *headers;  /* by name, or by id where name is absent; Host, Content-Length and
                               what belongs to a connection are the host's: refused */
  uint32_t nheaders, flags; /* at most 256; 0 */
  gw_str body;
  uint64_t max_body; /* of the answer, bytes; 0: 1 MiB; over it: GW_E_TOOBIG */
} gw_http_request;

typedef struct gw_http_result {
  uint32_t size;
  gw_status err;       /* GW_OK, GW_E_TIMEOUT, GW_E_CONNECT, GW_E_PROTOCOL, GW_E_TOOBIG */
  int32_t http_status; /* 0 when err */
  uint32_t nheaders;
  const gw_field *headers;
  gw_str body;
  uint64_t ns_total;
} gw_http_result; /* borrowed until the callback returns */

typedef void (*gw_http_cb)(gw_worker *worker, const gw_http_result *result, void *ud);

typedef struct gw_http_api {
  uint32_t size, rsv;
  /* Everything given is copied. 0 when something given is not usable (error, may be NULL, says
   * why).
   * @since 1.0 @thread worker @phase any */
  gw_handle (*call)(gw_worker *worker, const gw_http_request *request, gw_http_cb cb, void *ud,
                    gw_error *error);
  /* GW_E_NOTFOUND when it has ended. @since 1.0 @thread worker @phase any */
  gw_status (*cancel)(gw_worker *worker, gw_handle call);
} gw_http_api;

#ifdef __cplusplus
}
#endif
#endif
