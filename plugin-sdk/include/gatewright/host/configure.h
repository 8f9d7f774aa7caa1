/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/configure.h: "gw.plugin.configure/1", all instances of the plugin at a glance.
 *
 * A plugin offers it by get_ext, for what one instance cannot know: one connection pool for all
 * entries, an index over them, a sum of their limits. What may be refused belongs to instance_new;
 * when this is called, the configuration is in force. */
#ifndef GATEWRIGHT_HOST_CONFIGURE_H
#define GATEWRIGHT_HOST_CONFIGURE_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_PLUGIN_CONFIGURE_EXT "gw.plugin.configure/1"

typedef struct gw_plugin_configure {
  uint32_t size, rsv;
  /* Once for each generation in each worker process, when it begins to serve: after every
   * instance_new and worker_start, before its first request. `instances` are those that
   * instance_new gave, in the order in which they run; n is 0 when no entry is left. The array is
   * borrowed until it returns; each instance is there until the next call has returned or its
   * worker_stop is called. plugin is what plugin_init gave. @since 1.0 @thread worker */
  void (*configure)(void *plugin, uint64_t generation, void *const *instances, uint32_t n);
} gw_plugin_configure;

#ifdef __cplusplus
}
#endif
#endif
