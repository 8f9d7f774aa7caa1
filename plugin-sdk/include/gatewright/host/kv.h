/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/kv.h: "gw.kv/1", values shared by all workers, in memory, bounded.
 *
 * A store belongs to its name: the same name is the same store, in all workers and all generations.
 * It survives the death of a worker at any instruction; it does not survive the supervisor. When it
 * is full, expired entries go first, then those that expire soonest. Key and value together: at
 * most GW_KV_MAX bytes, and a key is not empty (GW_E_TOOBIG); a longer key should be hashed. */
#ifndef GATEWRIGHT_HOST_KV_H
#define GATEWRIGHT_HOST_KV_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_KV_API "gw.kv/1"
#define GW_KV_MAX 208

typedef struct gw_kv_api {
  uint32_t size, rsv;

  /* Opens (the first time: makes) a store of about max_bytes. 0 with an error when the region has
   * no room or the store exists with another size. @since 1.0 @thread config */
  gw_store (*store)(gw_cfg *cfg, gw_str name, uint64_t max_bytes, gw_error *error);
  /* Copies the value into buf (cap bytes); *len is its full length; cas (may be NULL) a stamp for
   * set. GW_E_NOTFOUND, GW_E_TOOBIG (*len tells), GW_E_BUSY. @since 1.0 @thread any */
  gw_status (*get)(gw_store store, gw_str key, void *buf, size_t cap, size_t *len, uint64_t *cas);
  /* ttl_ms 0: for ever. cas 0: whatever is there; UINT64_MAX: only if absent; else only if
   * unchanged (GW_E_CHANGED).
   * @since 1.0 @thread any */
  gw_status (*set)(gw_store store, gw_str key, gw_str value, uint64_t ttl_ms, uint64_t cas);
  /* GW_OK also when there was none. @since 1.0 @thread any */
  gw_status (*del)(gw_store store, gw_str key);
  /* In one step: starts at init with ttl_ms if absent (or not a counter), adds delta, and tells the
   * new value in *now. The lifetime of an existing counter is left as it is. @since 1.0 @thread any
   */
  gw_status (*add)(gw_store store, gw_str key, int64_t delta, int64_t init, uint64_t ttl_ms,
                   int64_t *now);
  /* In one step: adds delta only if the result is at most limit. GW_E_TOOBIG when it would be
   * above: nothing is added, and *now is the value as it is. Else as add. @since 1.0 @thread any */
  gw_status (*add_limit)(gw_store store, gw_str key, int64_t delta, int64_t limit, uint64_t ttl_ms,
                         int64_t *now);
} gw_kv_api;

#ifdef __cplusplus
}
#endif
#endif
