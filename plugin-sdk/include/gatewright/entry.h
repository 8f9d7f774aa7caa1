/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/entry.h: what a plugin's .so exports: one function, and an ELF note.
 *
 * The host reads the note before it loads the file, so an unfit .so is refused without running any
 * of its code. GW_MODULE_NOTE makes it. Then the host loads the file, calls gatewright_module_v1,
 * checks what it is given (pointers, sizes, names, reserved members, which are 0) and copies it:
 * the strings and lists in the descriptors must stay valid for the life of the process. A module
 * has at most 64 plugins, a plugin at most 64 collections, each name at most 64 bytes.
 */
#ifndef GATEWRIGHT_ENTRY_H
#define GATEWRIGHT_ENTRY_H

#include "gatewright/host.h"
#include "gatewright/phase.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a plugin. */
enum {
  GW_P_SECURITY = 1,    /* lets requests in or keeps them out: a failure never lets one pass */
  GW_P_NO_ROUTE = 2,    /* refuses a plugin entry with a route */
  GW_P_NO_SERVICE = 4,  /* … with a service */
  GW_P_NO_CONSUMER = 8, /* … with a consumer */
  GW_P_AUTH = 16,       /* publishes the consumer (slot gw.consumer/1) in on_request */
  GW_P_BODY_ASKED = 32  /* sees only those bodies that it has asked for: the mode of others is NONE,
                           not OBSERVE (body.h) */
};

/* What instance_new is given. Borrowed until it returns, but `host`. */
typedef struct gw_instance_args {
  uint32_t size;
  uint32_t rsv;
  const gw_host *host;
  gw_cfg *cfg;
  gw_str key;          /* identifies this entry in all generations (its id) */
  uint64_t generation; /* counts configurations, from 1 */
  void *prev;          /* the instance of the same key in the generation before, or NULL */
  gw_str route_id, service_id, consumer_id; /* scope of the entry; p == NULL: not limited by it */
} gw_instance_args;

/* A collection of credentials that the plugin owns: `NAME: [{consumer: …, …}]` at the top of a
 * configuration, or nested in a consumer. */
typedef struct gw_collection_desc {
  uint32_t size;
  uint32_t flags;     /* 0 */
  const char *name;   /* "keyauth_credentials": a-z, 0-9, _; ends in _credentials or _secrets
                         (or is "acls"); of one plugin only */
  const char *schema; /* JSON Schema of one entry, without id, consumer, tags, created_at, which the
                         host knows */
  const char
      *key; /* the field by which entries are found, unique over the collection; "" for none */
} gw_collection_desc;

/* A plugin. Every callback may be NULL. @since 1.0 @thread worker */
typedef struct gw_plugin_desc {
  uint32_t size, flags;
  const char *name;                         /* as in the configuration: a-z, 0-9, - */
  const char *version;                      /* of the plugin, free text */
  const char *schema;                       /* JSON Schema of its config (an object) */
  int32_t priority;                         /* higher runs earlier */
  uint32_t protocols;                       /* 0 */
  uint32_t req_state_size, req_state_align; /* bytes, at most 1 MiB; align up to 16 */
  const gw_collection_desc *const *collections;
  uint32_t ncollections, rsv;

  /* Once per process. @thread config */
  gw_status (*plugin_init)(const gw_host *, void **plugin, gw_error *);
  /* Per entry and generation. @thread config */
  gw_status (*instance_new)(const gw_instance_args *, void **inst, gw_error *);
  /* After its last request. @thread config */
  void (*instance_free)(void *inst);
  /* Before its first request on this worker. */
  gw_status (*worker_start)(gw_worker *, void *inst, void **state, gw_error *);
  /* Nothing fires after it. */
  void (*worker_stop)(gw_worker *, void *inst, void *state);

  /* @phase rewrite */
  gw_action (*on_rewrite)(gw_req *, gw_self *);
  /* @phase request */
  gw_action (*on_request)(gw_req *, gw_self *);
  /* @phase request_body */
  gw_action (*on_request_body)(gw_req *, gw_self *, const gw_chunk *);
  /* attempt counts from 0. No GW_PAUSE. @phase upstream */
  gw_action (*on_upstream)(gw_req *, gw_self *, uint32_t attempt);
  /* @phase response */
  gw_action (*on_response)(gw_req *, gw_self *);
  /* @phase response_body */
  gw_action (*on_response_body)(gw_req *, gw_self *, const gw_chunk *);
  /* After a pause; self->phase tells the phase, value is what resume gave.
   * @phase that of the pause */
  gw_action (*on_resume)(gw_req *, gw_self *, int64_t value);
  /* A pause ended otherwise: by its deadline, the client, the upstream. Read-only.
   * @phase that of the pause */
  void (*on_cancel)(gw_req *, gw_self *);
  /* Read-only. @phase log */
  void (*on_log)(gw_req *, gw_self *);
  /* If any callback of it ran for this request. */
  void (*req_free)(gw_self *);

  /* "gw.plugin.admin/1"…: rare surfaces; NULL: not offered. @thread config,worker */
  const void *(*get_ext)(const char *id);
} gw_plugin_desc;

typedef struct gw_module {
  uint32_t size;
  uint16_t minor_built, minor_required;
  uint32_t n, draft; /* draft: GW_ABI_TARGET_DRAFT, as in the note */
  const gw_plugin_desc *const *plugins;
} gw_module;

/* Initialises a gw_module: count_ plugins, whose descriptors are in the list plugins_. */
#define GW_MODULE(count_, plugins_)                                                      \
  {                                                                                      \
    sizeof(gw_module), GW_ABI_MINOR, GW_ABI_TARGET_MINOR, (count_), GW_ABI_TARGET_DRAFT, \
        (plugins_)                                                                       \
  }

#if defined(__GNUC__)
#define GW_EXPORT __attribute__((visibility("default")))
#else
#define GW_EXPORT
#endif

/* The only exported name. NULL with a filled error refuses to load. @since 1.0 @thread config */
GW_EXPORT const gw_module *gatewright_module_v1(const gw_host *host, gw_error *error);

/* The note: section .note.gatewright, owner "Gatewright", type 1, descriptor {major, minor_built,
 * minor_required, count} as little-endian uint32, then `names`, a string of the plugins' names,
 * separated by commas, NUL-padded to 64, then `draft` as uint32. */
#define GW_NOTE_TYPE 1
#define GW_NOTE_NAMES 64
typedef struct gw_note {
  uint32_t namesz, descsz, type;
  char owner[12];
  uint32_t major, minor_built, minor_required, count;
  char names[GW_NOTE_NAMES];
  uint32_t draft; /* GW_ABI_TARGET_DRAFT */
} gw_note;

/* Initialises a gw_note. */
#define GW_NOTE(count_, names_)                                                         \
  {                                                                                     \
    11, sizeof(uint32_t) * 5 + GW_NOTE_NAMES, GW_NOTE_TYPE, "Gatewright", GW_ABI_MAJOR, \
        GW_ABI_MINOR, GW_ABI_TARGET_MINOR, (count_), names_, GW_ABI_TARGET_DRAFT        \
  }

#define GW_MODULE_NOTE(count_, names_)              \
  __attribute__((section(".note.gatewright"), used, \
                 aligned(4))) static const gw_note gw_module_note = GW_NOTE(count_, names_)

#ifdef __cplusplus
}
#endif
#endif
