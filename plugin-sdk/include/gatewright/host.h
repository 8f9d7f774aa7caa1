/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host.h: the host as a plugin sees it. Everything else is asked for by id with get_api.
 */
#ifndef GATEWRIGHT_HOST_H
#define GATEWRIGHT_HOST_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t gw_log_level;
enum { GW_LOG_DEBUG = 0, GW_LOG_INFO = 1, GW_LOG_NOTICE = 2, GW_LOG_WARN = 3, GW_LOG_ERROR = 4 };

struct gw_host {
  uint32_t size;
  uint16_t major, minor; /* of the host's ABI */
  uint32_t flags;        /* 0 */
  uint32_t rsv;
  const int32_t
      *log_level; /* lines below *log_level are dropped: read it before building a costly line */

  /* The table of one capability, "gw.loop/1"…; NULL if this host does not offer it. Valid for ever.
   * @since 1.0 @thread any @phase any */
  const void *(*get_api)(const gw_host *host, const char *id);

  /* Ends a pause. Never calls back from inside; on_resume runs later on the request's own thread. A
   * token whose request or pause is gone is ignored.
   * @since 1.0 @thread any @phase any */
  gw_status (*resume)(const gw_host *host, gw_token token, int64_t value);

  /* One line in the gateway's log, under the plugin's name (self may be NULL outside of a request).
   * Control bytes are escaped, text is cut at 4096 bytes. Keeps nothing.
   * @since 1.0 @thread any @phase any */
  void (*log)(const gw_host *host, const gw_self *self, gw_log_level level, gw_str text,
              const gw_kv *kv, uint32_t nkv);

  /* Wall clock, ns since 1970, cached for one turn of the worker's loop.
   * @since 1.0 @thread any @phase any */
  uint64_t (*unix_ns)(const gw_host *host);

  /* A clock that never steps back, ns, cached as above.
   * @since 1.0 @thread any @phase any */
  uint64_t (*mono_ns)(const gw_host *host);

  /* Fills n bytes from a fast generator, seeded by the kernel. For ids and sampling, not for keys.
   * @since 1.0 @thread any @phase any */
  void (*random)(const gw_host *host, void *out, size_t n);
};

#ifdef __cplusplus
}
#endif
#endif
