/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/admin.h: "gw.plugin.admin/1", what a plugin mounts on the admin listener.
 *
 * A plugin offers it by get_ext. Read-only pages: the host answers GET and HEAD under the paths
 * named with what the callback writes. */
#ifndef GATEWRIGHT_HOST_ADMIN_H
#define GATEWRIGHT_HOST_ADMIN_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_PLUGIN_ADMIN_EXT "gw.plugin.admin/1"

/* Where a page is written to. */
typedef struct gw_page gw_page;
typedef struct gw_page_api {
  uint32_t size, rsv;
  void (*status)(gw_page *page, int32_t status); /* 200 if never called */
  void (*content_type)(gw_page *page, gw_str type);
  void (*write)(gw_page *page, gw_str bytes); /* appended; copied */
} gw_page_api;

typedef struct gw_plugin_admin {
  uint32_t size;
  uint32_t npaths;
  const char *const *paths; /* "/metrics": whole paths, without query */
  /* Writes the page. path and query as requested; plugin is what plugin_init gave. @since 1.0
   * @thread worker */
  void (*get)(void *plugin, gw_str path, gw_str query, gw_page *page, const gw_page_api *api);
} gw_plugin_admin;

#ifdef __cplusplus
}
#endif
#endif
