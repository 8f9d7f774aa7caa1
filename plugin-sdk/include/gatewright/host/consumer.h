/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/consumer.h: "gw.consumers/1", consumers and credentials; and the slot
 * "gw.consumer/1". */
#ifndef GATEWRIGHT_HOST_CONSUMER_H
#define GATEWRIGHT_HOST_CONSUMER_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_CONSUMERS_API "gw.consumers/1"

/* Host's memory; lives as long as the instance that asked for it, and as long as a request that
 * holds it. */
typedef struct gw_consumer {
  uint32_t size;
  uint32_t index;                 /* the host's */
  gw_str id, username, custom_id; /* p == NULL: absent */
} gw_consumer;

/* One credential of a collection that the plugin owns. Lives as gw_consumer. */
typedef struct gw_credential {
  uint32_t size;
  uint32_t rsv;
  gw_str id;
  const gw_consumer *consumer;
  gw_str key;  /* value of the collection's key field */
  gw_str json; /* the entry with its defaults, as JSON */
} gw_credential;

typedef struct gw_collection gw_collection; /* opaque */

/* Value of the slot "gw.consumer/1": who the request comes from. Published by auth plugins. */
#define GW_SLOT_CONSUMER "gw.consumer/1"
typedef struct gw_identity {
  uint32_t size;
  uint32_t flags;              /* GW_ID_ANONYMOUS */
  const gw_consumer *consumer; /* may be NULL: a credential without a consumer */
  gw_str credential_id;        /* p == NULL for anonymous */
  const gw_str *groups;
  uint32_t ngroups, rsv;
} gw_identity;
enum { GW_ID_ANONYMOUS = 1 };

typedef struct gw_consumers_api {
  uint32_t size, rsv;

  /* A consumer by id, then username, then custom_id; NULL when there is none.
   * @since 1.0 @thread config */
  const gw_consumer *(*find)(gw_cfg *cfg, gw_str id_or_name);
  /* A collection that this plugin declared; NULL when it did not. Empty when the configuration has
   * none.
   * @since 1.0 @thread config */
  const gw_collection *(*collection)(gw_cfg *cfg, gw_str name);
  /* The entry with this value of the key field, in constant time; NULL when there is none.
   * @since 1.0 @thread any */
  const gw_credential *(*lookup)(const gw_collection *collection, gw_str key);
  /* The i-th entry; NULL past the end. @since 1.0 @thread any */
  const gw_credential *(*at)(const gw_collection *collection, uint32_t i);
} gw_consumers_api;

#ifdef __cplusplus
}
#endif
#endif
