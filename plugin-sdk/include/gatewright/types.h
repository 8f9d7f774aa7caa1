/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/types.h: the value types that cross the ABI. They never change inside a major. */
#ifndef GATEWRIGHT_TYPES_H
#define GATEWRIGHT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "gatewright/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes with a length, not NUL-terminated. p == NULL means absent, n == 0 with p != NULL means
 * empty. */
typedef struct gw_str {
  const char *p;
  size_t n;
} gw_str;

/* A string literal as a gw_str. */
#define GW_STR(literal) \
  { (literal), sizeof(literal) - 1 }

typedef struct gw_kv {
  gw_str k, v;
} gw_kv;

/* 0 is success, below 0 is one of GW_E_*. A plugin must treat an unknown negative value as a
 * failure. */
typedef int32_t gw_status;
enum {
  GW_OK = 0,
  GW_E_INVALID = -1,     /* an argument is out of its range */
  GW_E_BADVALUE = -2,    /* a header value holds CR, LF or NUL, a name is no token… */
  GW_E_STATE = -3,       /* not allowed in this phase, or the request is already answered */
  GW_E_NOTFOUND = -4,    /* no such key, field, upstream… */
  GW_E_EXISTS = -5,      /* defined already with another shape */
  GW_E_TOOBIG = -6,      /* over a limit that the function's comment names */
  GW_E_BUSY = -7,        /* a queue or store is full or locked: try later or do without */
  GW_E_UNSUPPORTED = -8, /* this host does not offer it */
  GW_E_TIMEOUT = -9,     /* a deadline passed */
  GW_E_CONNECT = -10,    /* the peer could not be reached or broke the connection */
  GW_E_PROTOCOL = -11,   /* the peer answered with something that is not valid HTTP */
  GW_E_NOMEM = -12,
  GW_E_CHANGED = -13 /* compare-and-swap lost the race */
};

/* What a request callback answers (phase.h). */
typedef int32_t gw_action;
enum {
  GW_CONTINUE = 0,  /* go on with the next plugin */
  GW_RESPOND = 1,   /* send what was given to respond(); later plugins' on_request is skipped */
  GW_PAUSE = 2,     /* a token was taken by pause(); the request waits for resume or the deadline */
  GW_FAIL = 3,      /* the plugin failed: the request is answered with 500 */
  GW_REDISPATCH = 4 /* drop this answer and send the request again, as redispatch() has recorded */
};

typedef uint32_t gw_hid;    /* an interned header name (host/config.h); 0 is none */
typedef uint32_t gw_slot;   /* a typed value of a request, shared by plugins; 0 is none */
typedef uint32_t gw_metric; /* a metric or a bound series of it; 0 is none */
typedef uint32_t gw_store;  /* a key-value store; 0 is none */
typedef uint64_t
    gw_handle; /* a timer, call… ; a value that carries a generation, never a pointer; 0 is none */
typedef uint64_t gw_token; /* a pause; as gw_handle */

/* The host fills what it finds wrong into this. Caller's memory; `size` is set by the caller. */
typedef struct gw_error {
  uint32_t size;
  int32_t code;  /* GW_E_* */
  char msg[504]; /* NUL-terminated UTF-8, cut if longer */
} gw_error;

/* Whether the host's table has this member: a plugin asks before it calls what is newer than the
 * minor that it requires. */
#define GW_HAS(table, member)                                                                    \
  ((size_t)((const char *)&(table)->member - (const char *)(table)) + sizeof((table)->member) <= \
       (table)->size &&                                                                          \
   (table)->member)

/* Opaque to plugins. */
typedef struct gw_worker gw_worker; /* one instance on one worker: owns timers, calls… */
typedef struct gw_cfg gw_cfg;       /* the configuration of one instance while it is made */

typedef struct gw_host gw_host;
typedef struct gw_req gw_req;
typedef struct gw_self gw_self;

#ifdef __cplusplus
}
#endif
#endif
