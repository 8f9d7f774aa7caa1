/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/kv.h: "gw.kv/1", values shared by all workers, in memory, bounded.
 *
 * A store belongs to its name: the same name is the same store, in all workers and all generations.
 * It survives the death of a worker at any instruction; it does not survive the supervisor. Its
 * memory is taken once, when it is made: nothing that is written later takes more. When the place
 * of a key is full, expired entries go first, then those that expire soonest, then those that were
 * written longest ago: what is not to get lost has to be kept elsewhere too.
 *
 * Errors, of all functions but store: GW_E_NOTFOUND, no such store, or no such key (which has
 * expired or was evicted, perhaps); GW_E_TOOBIG, a key that is empty, or key and value together
 * above GW_KV_MAX bytes (a longer key should be hashed); GW_E_BUSY, another process held the place
 * of the key for 50 ms, as one that is stopped does: nothing was done. */
#ifndef GATEWRIGHT_HOST_KV_H
#define GATEWRIGHT_HOST_KV_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_KV_API "gw.kv/1"
#define GW_KV_MAX 208

/* What next tells of an entry. The caller's memory; `size` is set by the caller. */
enum { GW_KV_COUNTER = 1 };
typedef struct gw_kv_entry {
  uint32_t size;
  uint32_t flags;      /* GW_KV_COUNTER: number is its value, and value_size is 0 */
  uint64_t expires_ms; /* from now; 0: never */
  int64_t number;
  uint32_t key_size, value_size;
  char bytes[GW_KV_MAX]; /* the key, then the value */
} gw_kv_entry;

typedef struct gw_kv_api {
  uint32_t size, rsv;

  /* Opens (the first time: makes) a store of about max_bytes; an entry takes 260. 0 with an error
   * (may be NULL): GW_E_NOMEM, the region (shared_memory_size) has no room, the store exists with
   * another size, there are 256 stores already; GW_E_INVALID, the name has not 1 to 63 bytes or
   * begins with "gatewright.". @since 1.0 @thread config */
  gw_store (*store)(gw_cfg *cfg, gw_str name, uint64_t max_bytes, gw_error *error);
  /* Copies the value into buf (cap bytes); *len is its full length; cas (may be NULL) a stamp for
   * set. A counter reads as its 8 bytes. GW_E_TOOBIG: cap is too small, *len tells what is needed.
   * @since 1.0 @thread any */
  gw_status (*get)(gw_store store, gw_str key, void *buf, size_t cap, size_t *len, uint64_t *cas);
  /* ttl_ms 0: for ever. cas 0: whatever is there; UINT64_MAX: only if absent; else only if
   * unchanged since get gave that stamp. GW_E_CHANGED: it is not so, nothing was done.
   * @since 1.0 @thread any */
  gw_status (*set)(gw_store store, gw_str key, gw_str value, uint64_t ttl_ms, uint64_t cas);
  /* GW_OK also when there was none. @since 1.0 @thread any */
  gw_status (*del)(gw_store store, gw_str key);
  /* In one step: starts at init with ttl_ms if absent (or not a counter), adds delta, and tells the
   * new value in *now. It saturates. The lifetime of an existing counter is left as it is.
   * @since 1.0 @thread any */
  gw_status (*add)(gw_store store, gw_str key, int64_t delta, int64_t init, uint64_t ttl_ms,
                   int64_t *now);
  /* In one step: adds delta only if the result is at most limit. GW_E_TOOBIG when it would be
   * above: nothing is added, and *now is the value as it is. Else as add. @since 1.0 @thread any */
  gw_status (*add_limit)(gw_store store, gw_str key, int64_t delta, int64_t limit, uint64_t ttl_ms,
                         int64_t *now);
  /* The next live entry behind *cursor, which begins as 0 and is moved on; GW_E_NOTFOUND: that was
   * the last one. Others may write meanwhile: an entry that is there from the first call to the
   * last is told exactly once, one that comes or goes perhaps. GW_E_BUSY leaves the cursor: try
   * again, or go on behind the locked place (32 entries) with *cursor = (*cursor | 31) + 1.
   * GW_E_INVALID: entry->size is too small. For tools, not for the data path.
   * @since 1.0 @thread any */
  gw_status (*next)(gw_store store, uint64_t *cursor, gw_kv_entry *entry);
} gw_kv_api;

#ifdef __cplusplus
}
#endif
#endif
