/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/admin.h: "gw.plugin.admin/1", what a plugin mounts on the admin side.
 *
 * A plugin offers it by get_ext. Two kinds: read-only pages at whole paths, on the status side too
 * (a page for a scraper), and everything below /plugin-api/<plugin>/, with any method, on the admin
 * side only. Whoever reaches admin_listen may call it: the gateway asks for no credentials there.
 * One worker answers, the one that took the connection: what all are to know goes through
 * gw.kv/1. */
#ifndef GATEWRIGHT_HOST_ADMIN_H
#define GATEWRIGHT_HOST_ADMIN_H

#include "gatewright/request.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_PLUGIN_ADMIN_EXT "gw.plugin.admin/1"

/* Longest body of a request to /plugin-api/…; a longer one is answered with 413 by the host. */
#define GW_ADMIN_BODY_MAX 1048576

/* Where an answer is written to. */
typedef struct gw_page gw_page;
typedef struct gw_page_api {
  uint32_t size, rsv;
  /* 200 to 599; 200 if never called. @since 1.0 @thread worker */
  void (*status)(gw_page *page, int32_t status);
  /* text/plain in UTF-8 if never called. @since 1.0 @thread worker */
  void (*content_type)(gw_page *page, gw_str type);
  /* Appended; copied. @since 1.0 @thread worker */
  void (*write)(gw_page *page, gw_str bytes);
  /* Adds a field to the answer. GW_E_BADVALUE: no field; GW_E_INVALID: Content-Type (see above),
   * Content-Length and what belongs to a connection are the host's. @since 1.0 @thread worker */
  gw_status (*header)(gw_page *page, gw_str name, gw_str value);
} gw_page_api;

/* A request to /plugin-api/<plugin>/…, with its whole body. Borrowed until serve returns. */
typedef struct gw_admin_request {
  uint32_t size;
  uint32_t nheaders;
  gw_str method;           /* any token, as sent */
  gw_str path;             /* below the mount, as sent: "/", "/keys/1" */
  gw_str query;            /* raw, without "?"; p == NULL: there was none */
  const gw_field *headers; /* all fields, in their order */
  gw_str body;
} gw_admin_request;

typedef struct gw_plugin_admin {
  uint32_t size;
  uint32_t npaths;
  const char *const *paths; /* "/metrics": whole paths, without query; NULL with npaths 0 */
  /* Writes the page of one of the paths, for GET and HEAD. path and query as requested; plugin is
   * what plugin_init gave. NULL with npaths 0. @since 1.0 @thread worker */
  void (*get)(void *plugin, gw_str path, gw_str query, gw_page *page, const gw_page_api *api);
  /* Answers everything below /plugin-api/<plugin>/; NULL: nothing is mounted there. For HEAD the
   * host leaves the body away. @since 1.0 @thread worker */
  void (*serve)(void *plugin, const gw_admin_request *request, gw_page *page,
                const gw_page_api *api);
} gw_plugin_admin;

#ifdef __cplusplus
}
#endif
#endif
