/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/log.h: the slot "gw.log/1", what plugins add to the request's record for those
 * that log (Kong's set_serialize_value). */
#ifndef GATEWRIGHT_HOST_LOG_H
#define GATEWRIGHT_HOST_LOG_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_SLOT_LOG "gw.log/1"

/* One text of the record's top level: a list, newest first; the slot's value is its first. All in
 * memory that lives as long as the request. A plugin puts its own in front:
 *   field->next = slot_get(r, slot); slot_put(r, slot, field, NULL);
 * Of two with one name the newest counts. */
typedef struct gw_log_field {
  uint32_t size;
  uint32_t flags; /* 0 */
  const struct gw_log_field *next;
  gw_str name; /* [a-z0-9_]+, none that the record has itself */
  gw_str value;
} gw_log_field;

#ifdef __cplusplus
}
#endif
#endif
