/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/tls.h: "gw.tls/1", certificates that a plugin brings, and "gw.plugin.tls/1", a
 * plugin that sees TLS connections begin.
 *
 * A plugin offers the latter by get_ext. Asked are the global entries (without route, service and
 * consumer) in running order, once for each handshake of a client, before a certificate is chosen.
 * The first that chooses one has chosen; each may refuse the connection. There is no pause. */
#ifndef GATEWRIGHT_HOST_TLS_H
#define GATEWRIGHT_HOST_TLS_H

#include "gatewright/phase.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_TLS_API "gw.tls/1"
#define GW_PLUGIN_TLS_EXT "gw.plugin.tls/1"

/* A certificate with its key, ready to be shown; 0 is none. Belongs to the worker that made it, and
 * goes with it. */
typedef uint64_t gw_certificate;

typedef struct gw_tls_api {
  uint32_t size, rsv;
  /* Makes one of PEM: the certificate with its chain, and its key without a passphrase. Copied. 0
   * with an error (may be NULL) when they are not usable or do not belong together. At most 65,536
   * for each worker. Takes a millisecond or so: not for each handshake.
   * @since 1.0 @thread worker @phase any */
  gw_certificate (*certificate_make)(gw_worker *worker, gw_str chain_pem, gw_str key_pem,
                                     gw_error *error);
  /* Connections that show it keep it. GW_E_NOTFOUND when there is none. @since 1.0 @thread worker
   * @phase any */
  gw_status (*certificate_drop)(gw_worker *worker, gw_certificate certificate);
} gw_tls_api;

/* What is known when a client begins. Borrowed until the callback returns. */
typedef struct gw_tls_hello {
  uint32_t size;
  uint32_t server_port; /* of the listener */
  gw_str server_name;   /* that the client asks for (SNI), as sent; p == NULL: none */
  gw_str client_ip;     /* the connection's peer, or as a PROXY header said */
} gw_tls_hello;

/* What the plugin wants. Zeroed by the host but for size. */
typedef struct gw_tls_choice {
  uint32_t size;
  uint32_t rsv;
  gw_certificate certificate; /* to be shown; 0: another plugin's, or as the configuration says */
} gw_tls_choice;

typedef struct gw_plugin_tls {
  uint32_t size, rsv;
  /* GW_OK, or below 0 to end the handshake with the alert access_denied. self->phase is
   * GW_PHASE_NONE, and there is no request state. @since 1.0 @thread worker @phase none */
  gw_status (*on_client_hello)(gw_self *self, const gw_tls_hello *hello, gw_tls_choice *choice);
} gw_plugin_tls;

#ifdef __cplusplus
}
#endif
#endif
