/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/memory.h: "gw.memory/1", memory that is counted for the plugin.
 *
 * Nobody has to use it: it is for what may grow (caches, pools), so that an operator sees whose it
 * is. The gauge gatewright_plugin_memory_bytes{plugin} has the bytes that are taken now in all
 * workers, as the allocator rounds them; the page /status shows them as plugin_memory. What a
 * worker held that died is no longer counted. Blocks belong to the plugin until it frees them. */
#ifndef GATEWRIGHT_HOST_MEMORY_H
#define GATEWRIGHT_HOST_MEMORY_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_MEMORY_API "gw.memory/1"

/* For whom is counted; the same for all instances of a plugin. 0 counts for nobody. */
typedef uint32_t gw_account;

typedef struct gw_memory_api {
  uint32_t size, rsv;

  /* This plugin's. 0 when the shared region has no room for the gauge: everything below works, and
   * nothing is counted. @since 1.0 @thread config */
  gw_account (*account)(gw_cfg *cfg);
  /* n bytes, uninitialised; align is a power of two up to 4096, 0: 16. NULL when there is none or
   * align is not one. n may be 0. @since 1.0 @thread any */
  void *(*alloc)(gw_account account, size_t n, size_t align);
  /* As realloc(3): p may be NULL; aligned to 16. NULL leaves p as it is. @since 1.0 @thread any */
  void *(*realloc)(gw_account account, void *p, size_t n);
  /* What alloc or realloc of the same account gave; NULL does nothing. @since 1.0 @thread any */
  void (*free)(gw_account account, void *p);
} gw_memory_api;

#ifdef __cplusplus
}
#endif
#endif
