/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/balancer.h: "gw.plugin.balancer/1", a plugin that chooses the target of each
 * attempt in the host's place.
 *
 * A plugin offers it by get_ext. Of the plugins that a route has, the first in running order that
 * offers it is asked, once for each attempt, after the request phase and before the target's name
 * is resolved. There is no pause. */
#ifndef GATEWRIGHT_HOST_BALANCER_H
#define GATEWRIGHT_HOST_BALANCER_H

#include "gatewright/phase.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_PLUGIN_BALANCER_EXT "gw.plugin.balancer/1"

/* One target as configured. Never changes inside a major. */
typedef struct gw_target {
  gw_str host;     /* name or address, IPv6 without brackets */
  uint32_t port;   /* 1…65535 */
  uint32_t weight; /* 0…65535; 0: not to be used */
} gw_target;

/* What is chosen from. The host's; lives until the callback returns, the targets as long as the
 * configuration of the request. */
typedef struct gw_choice {
  uint32_t size;
  uint32_t attempt;         /* counts from 0 */
  gw_str upstream;          /* name of the upstream entity, or the service's host */
  const gw_target *targets; /* in the order of the configuration */
  uint32_t ntargets;        /* at least 1 */
  uint32_t ntried;
  const uint32_t *tried; /* indices of the attempts before, in their order */
} gw_choice;

/* Answers of pick that are no index. */
#define GW_PICK_DEFAULT 0xFFFFFFFFu /* the host's own balancer is to choose */
#define GW_PICK_NONE 0xFFFFFFFEu    /* no target will do: 503 with the reason "no_target" */

typedef struct gw_plugin_balancer {
  uint32_t size, rsv;

  /* Index of the target for this attempt, or one of GW_PICK_*. Anything else is a failure of the
   * plugin, as GW_FAIL. self->phase is GW_PHASE_UPSTREAM; request fields may be changed as there.
   * @since 1.0 @thread worker @phase upstream */
  uint32_t (*pick)(gw_req *r, gw_self *self, const gw_choice *choice);
  /* An attempt has ended: its answer's head was read (state is GW_OK, status the answer's), or it
   * failed (GW_E_*, status 0). ns since the target was chosen. Also told of attempts that the
   * host's balancer chose. May be NULL. @since 1.0 @thread worker @phase upstream */
  void (*result)(gw_req *r, gw_self *self, uint32_t target, gw_status state, int32_t status,
                 uint64_t ns);
} gw_plugin_balancer;

#ifdef __cplusplus
}
#endif
#endif
