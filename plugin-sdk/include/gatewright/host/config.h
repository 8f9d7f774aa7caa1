/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/host/config.h: "gw.config/1", an instance's configuration while it is made.
 *
 * The host has validated it against the plugin's schema and filled the defaults. Pointers are JSON
 * pointers (RFC 6901) into config: "/key_names/0". Results are borrowed until instance_new returns.
 */
#ifndef GATEWRIGHT_HOST_CONFIG_H
#define GATEWRIGHT_HOST_CONFIG_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GW_CONFIG_API "gw.config/1"

/* Kinds of JSON values. */
enum {
  GW_J_ABSENT = 0,
  GW_J_NULL,
  GW_J_BOOL,
  GW_J_INT,
  GW_J_FLOAT,
  GW_J_STRING,
  GW_J_ARRAY,
  GW_J_OBJECT
};

typedef struct gw_config_api {
  uint32_t size, rsv;

  /* The whole configuration as compact JSON. @since 1.0 @thread config */
  gw_str (*json)(gw_cfg *cfg);
  /* GW_J_*. @since 1.0 @thread config */
  int32_t (*kind)(gw_cfg *cfg, const char *pointer);
  /* Elements of an array, members of an object; 0 otherwise. @since 1.0 @thread config */
  uint32_t (*count)(gw_cfg *cfg, const char *pointer);
  /* Name of the i-th member of an object, in the order of the names; p == NULL past the end.
   * @since 1.0 @thread config */
  gw_str (*member)(gw_cfg *cfg, const char *pointer, uint32_t i);
  /* p == NULL when it is absent or no string. @since 1.0 @thread config */
  gw_str (*str)(gw_cfg *cfg, const char *pointer);
  /* fallback when it is absent or null (or of another kind). @since 1.0 @thread config */
  int64_t (*i64)(gw_cfg *cfg, const char *pointer, int64_t fallback);
  /* As i64; an integer is one too. @since 1.0 @thread config */
  double (*f64)(gw_cfg *cfg, const char *pointer, double fallback);
  /* 0 or 1, else as i64. @since 1.0 @thread config */
  int32_t (*boolean)(gw_cfg *cfg, const char *pointer, int32_t fallback);

  /* Interns a header name (any case), for the request table. 0 when it is no token. @since 1.0
   * @thread config */
  gw_hid (*header_id)(gw_cfg *cfg, gw_str name);
  /* A slot of every request under a name with a revision, "gw.consumer/1", at most 64 bytes. size
   * is that of the value's type, not 0; the same name with another size is an error: 0, as is a
   * 257th slot. @since 1.0 @thread config */
  gw_slot (*slot_define)(gw_cfg *cfg, gw_str name, uint32_t size);
} gw_config_api;

#ifdef __cplusplus
}
#endif
#endif
