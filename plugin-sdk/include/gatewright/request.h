/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/request.h: one request and its answer, the hot table.
 *
 * A gw_req is opaque: its first word is the table. It may be used only inside a callback that was
 * given it, on that thread. Slices that the host returns live until the same thing is changed or
 * the callback returns, whichever is first; to keep bytes for the request's life copy them into
 * alloc(). There is one request object, mutated in place: what plugins set on the request map is
 * what goes upstream.
 */
#ifndef GATEWRIGHT_REQUEST_H
#define GATEWRIGHT_REQUEST_H

#include "gatewright/body.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Header maps. */
enum { GW_REQUEST = 0, GW_RESPONSE = 1 };

/* Text values, for get(). p == NULL when it is not known (yet). [S]: also settable, in the phases
 * named. */
enum {
  GW_METHOD = 1,     /* [S rewrite, request] "GET" */
  GW_SCHEME = 2,     /* "http" or "https": as the client connected */
  GW_PATH = 3,       /* [S rewrite] normalised path, without query */
  GW_QUERY = 4,      /* [S rewrite, request] raw query without "?"; p == NULL when there is none */
  GW_RAW_TARGET = 5, /* the request target as it was received */
  GW_HOST = 6,       /* Host as received, with its port */
  GW_CLIENT_IP = 7,  /* the client's address, after trusted_ips and real_ip_header */
  GW_PEER_IP = 8,    /* the socket's peer */
  GW_REQUEST_ID = 9, /* 32 hex characters */
  GW_ROUTE_ID = 10,
  GW_ROUTE_NAME = 11,
  GW_SERVICE_ID = 12,
  GW_SERVICE_NAME = 13,
  GW_UPSTREAM_PATH = 14, /* [S request, upstream] path sent upstream, without query */
  GW_UPSTREAM_HOST = 15, /* [S request, upstream] Host sent upstream */
  GW_UPSTREAM_SCHEME = 16,
  GW_TARGET_HOST = 17, /* host of the chosen target, as configured */
  GW_TARGET_IP = 18,   /* address of the chosen target */
  GW_ABORT_REASON =
      19, /* in on_log: empty, or why the exchange ended early ("client_gone", "upstream_reset"…) */
  GW_ERROR_CODE =
      20, /* reason code of an answer that the gateway made ("no_route", "connect_timeout"…) */
  GW_FORWARDED_SCHEME = 21, /* scheme by X-Forwarded-Proto from a trusted peer, else GW_SCHEME */
  GW_FORWARDED_HOST = 22,
  GW_UPSTREAM_NAME = 23, /* the upstream entity chosen, or the service's host */
  GW_SERVER_IP = 24,     /* the local address of the client's connection */
  GW_CLIENT_CERT =
      25, /* the client's TLS certificate, PEM without its chain. Only if the authorities vouch for
             it that the route names, else its service, else the process (which alone counts before
             a route has matched): any other is none. Lives until the request ends */
  GW_CLIENT_CERT_SUBJECT = 26,    /* of GW_CLIENT_CERT; RFC 2253: "CN=client,O=Partner"; ASCII */
  GW_CLIENT_CERT_FINGERPRINT = 27 /* of GW_CLIENT_CERT; SHA-256, 64 lower-case hex characters */
};

/* Numbers, for get_i64(). -1 when not known (yet). Times are ns since the request's first byte. */
enum {
  GW_STATUS = 100,          /* of the answer to the client; settable in on_response by set_status */
  GW_UPSTREAM_STATUS = 101, /* of the last attempt */
  GW_HTTP_MINOR = 102,      /* 0 or 1: HTTP/1.x of the client */
  GW_PEER_PORT = 103,
  GW_SERVER_PORT = 104, /* port of the listening socket */
  GW_TARGET_PORT = 105,
  GW_ATTEMPTS = 106,      /* attempts made, see attempts() */
  GW_START_UNIX_NS = 107, /* wall clock at the first byte */
  GW_NS_REQUEST_PHASE =
      108, /* until the request phase was over: the gateway's own latency before the upstream */
  GW_NS_UPSTREAM_SENT = 109, /* until the request head was written upstream */
  GW_NS_UPSTREAM_HEAD = 110, /* until the answer's head was read */
  GW_NS_TOTAL = 111,         /* until now, or in on_log until the last byte was written */
  GW_BYTES_IN = 112,         /* head and body received from the client, bytes on the wire */
  GW_BYTES_OUT = 113,        /* head and body sent to the client, bytes on the wire */
  GW_BODY_BYTES_IN = 114,    /* body only, framing taken away */
  GW_BODY_BYTES_OUT = 115,
  GW_FLAGS = 116, /* GW_F_* */
  GW_FORWARDED_PORT = 117,
  GW_CONTENT_LENGTH = 118,     /* of the request's body; -1: unknown length (chunked); 0: none */
  GW_CONNECTION_SERIAL = 119,  /* counts this worker's client connections, from 1 */
  GW_CONNECTION_REQUESTS = 120 /* requests so far on this connection, this one included */
};
enum {
  GW_F_LOCAL_REPLY = 1,  /* the answer was made by the gateway or a plugin, not by an upstream */
  GW_F_TLS = 2,          /* the client's connection is TLS */
  GW_F_PEER_TRUSTED = 4, /* the socket's peer is in trusted_ips */
  GW_F_PREFLIGHT = 8     /* OPTIONS with Origin and Access-Control-Request-Method */
};

/* Flags of hdr_set and hdr_add. */
enum {
  GW_BORROW = 1 /* the value outlives the request (an instance's own string): it is not copied */
};

typedef struct gw_field {
  gw_str name, value;
  gw_hid id;
  uint32_t flags; /* 0 */
} gw_field;

/* An answer made by a plugin. With body.p == NULL the host's error builder makes the body from
 * `message`. */
typedef struct gw_response {
  uint32_t size;
  int32_t status; /* 200…599 */
  uint32_t flags; /* GW_PLAIN_JSON */
  uint32_t nheaders;
  const gw_field *headers; /* added to the answer; copied; by id, or by name where id is 0 */
  gw_str code;             /* reason code, [a-z0-9_]+, at most 64 bytes, for counters, logs and
                              problem+json; p == NULL: none */
  gw_str message;          /* for people; p == NULL: the status' default message */
  gw_str content_type;     /* of body; p == NULL: "application/json; charset=utf-8" */
  gw_str body;             /* copied; not sent with 204 and 304, which have none */
} gw_response;
enum {
  GW_PLAIN_JSON =
      1,         /* {"message":…} whatever Accept says (what Kong calls exit); else negotiated */
  GW_NO_BODY = 2 /* no body and no content type */
};

/* One attempt to reach a target, for logs and traces. */
typedef struct gw_attempt {
  uint32_t size;
  int32_t status; /* 0 when no head was read */
  gw_str ip;
  int32_t port;
  int32_t state;       /* GW_OK or the GW_E_* by which it failed */
  uint64_t start_ns;   /* since the request's first byte */
  uint64_t connect_ns; /* time it took to have a connection; 0 when reused */
  uint64_t end_ns;     /* since the request's first byte: head read, or failed */
  gw_str host;         /* the target as configured */
} gw_attempt;

/* Verdicts of decide(). */
enum { GW_ALLOW = 1, GW_DENY = 2, GW_LIMIT = 3, GW_CHANGE = 4, GW_SKIP = 5 };

typedef struct gw_req_api {
  uint32_t size, rsv;

  /* @since 1.0 @thread worker @phase any */
  gw_str (*get)(gw_req *r, uint32_t what);
  /* @since 1.0 @thread worker @phase any */
  int64_t (*get_i64)(gw_req *r, uint32_t what);
  /* Copies the value. GW_QUERY with p == NULL takes the query away. GW_E_STATE outside the phases
   * named at the constant. @since 1.0 @thread worker @phase rewrite,request,upstream */
  gw_status (*set)(gw_req *r, uint32_t what, gw_str value);

  /* First value of a field; p == NULL if absent.
   * @since 1.0 @thread worker @phase any @stale hdr */
  gw_str (*hdr_get)(gw_req *r, uint32_t map, gw_hid id);
  /* All values of a field, at most cap (0: out may be NULL); returns how many there are.
   * @since 1.0 @thread worker @phase any @stale hdr */
  uint32_t (*hdr_all)(gw_req *r, uint32_t map, gw_hid id, gw_str *out, uint32_t cap);
  /* As hdr_get, for names only known at run time; slower.
   * @since 1.0 @thread worker @phase any @stale hdr */
  gw_str (*hdr_find)(gw_req *r, uint32_t map, gw_str name);
  /* All fields in order, at most cap (0: out may be NULL); returns how many there are.
   * @since 1.0 @thread worker @phase any @stale hdr */
  uint32_t (*hdr_list)(gw_req *r, uint32_t map, gw_field *out, uint32_t cap);
  /* Replaces all values of a field by one; an absent value is an empty one. Request fields may be
   * changed in rewrite, request and upstream (there again for each attempt), response fields in
   * response; where a whole body is given (body.h), as in on_request or on_response. GW_E_BADVALUE
   * for CR, LF, NUL; GW_E_STATE in another phase, once the head was sent, and for fields that are
   * the host's (Host, Connection, Transfer-Encoding, Content-Length,
   * Upgrade…); GW_E_INVALID for a map, id or flag that is none; GW_E_TOOBIG above 1 MiB.
   * @since 1.0 @thread worker @phase rewrite,request,upstream,response */
  gw_status (*hdr_set)(gw_req *r, uint32_t map, gw_hid id, gw_str value, uint32_t flags);
  /* Adds a field behind the others. Errors as hdr_set. @since 1.0 @thread worker @phase as hdr_set
   */
  gw_status (*hdr_add)(gw_req *r, uint32_t map, gw_hid id, gw_str value, uint32_t flags);
  /* Removes all values; GW_OK also when there were none. @since 1.0 @thread worker @phase as
   * hdr_set */
  gw_status (*hdr_remove)(gw_req *r, uint32_t map, gw_hid id);

  /* Records an answer; it is sent when this callback returns GW_RESPOND. The last call wins; one
   * that fails changes nothing. GW_E_STATE in another phase, when the answer's head was sent, and
   * for a field that is the host's; GW_E_INVALID for a status or flag out of range; GW_E_BADVALUE
   * for a code, name, value or content type that is not well-formed; GW_E_TOOBIG for more than 256
   * headers. @since 1.0 @thread worker @phase rewrite,request,upstream,response */
  gw_status (*respond)(gw_req *r, const gw_response *response);
  /* Takes a token for GW_PAUSE. timeout_ms 0 is `gateway.plugin_pause_timeout`. 0 when not allowed
   * here. When the time is over, on_cancel is called and the request is answered with 504
   * ("plugin_timeout"): nothing passes a plugin that has not decided.
   * @since 1.0 @thread worker @phase rewrite,request,request_body,response,response_body */
  gw_token (*pause)(gw_req *r, uint32_t timeout_ms);
  /* Notes a verdict with the request: which rule said what. code: [a-z0-9_]+; rule: what in the
   * configuration (may be absent); text: for people. Copied; ignored when verdict or code is none.
   * @since 1.0 @thread worker @phase any */
  void (*decide)(gw_req *r, int32_t verdict, gw_str code, gw_str rule, gw_str text);

  /* Memory that lives as long as the request; NULL only above 16 MiB. align is a power of two up
   * to 16.
   * @since 1.0 @thread worker @phase any */
  void *(*alloc)(gw_req *r, size_t n, size_t align);
  /* A value shared by plugins (host/config.h: slot_define); NULL when empty.
   * @since 1.0 @thread worker @phase any */
  void *(*slot_get)(gw_req *r, gw_slot slot);
  /* Puts a value; drop (may be NULL) is called when it is replaced or the request ends.
   * @since 1.0 @thread worker @phase any */
  gw_status (*slot_put)(gw_req *r, gw_slot slot, void *value, void (*drop)(void *));

  /* 200…599. With 204 and 304 the answer's body is dropped. GW_E_STATE for a 101, which is agreed
   * on between client and upstream. @since 1.0 @thread worker @phase response */
  gw_status (*set_status)(gw_req *r, int32_t status);
  /* The attempts so far, at most cap; out[i].size must be set by the caller; returns how many there
   * are.
   * @since 1.0 @thread worker @phase upstream,response,log */
  uint32_t (*attempts)(gw_req *r, gw_attempt *out, uint32_t cap);
  /* The mode of this plugin for one body (body.h). map: GW_REQUEST in on_request, GW_RESPONSE in
   * on_request, where it holds for each answer, and in on_response, for this one. limit is
   * BUFFER's, bytes (0: 1 MiB), overflow one of GW_OVERFLOW_*; both are ignored by other modes. The
   * last call wins. GW_E_STATE in another phase; GW_E_INVALID for a map, mode or policy that is
   * none; GW_E_UNSUPPORTED when the plugin has no callback for that body.
   * @since 1.0 @thread worker @phase request,response */
  gw_status (*body_mode)(gw_req *r, uint32_t map, uint32_t mode, uint64_t limit, uint32_t overflow);
  /* Lets bytes go on behind those emitted before, in a callback of that body or the on_resume after
   * it, with MODIFY or BUFFER. Copied when release is NULL. Else they are borrowed: release(ud) is
   * called once when the host needs them no more (they are sent, replaced by a later plugin, or the
   * request has ended), at the latest when the request ends, and may be called from within this
   * call. When this returns an error release is not called. GW_E_STATE otherwise.
   * @since 1.0 @thread worker @phase request_body,response_body */
  gw_status (*body_emit)(gw_req *r, uint32_t map, gw_str bytes, void (*release)(void *ud),
                         void *ud);
  /* Records that the answer is to be dropped and the request sent again, when this callback returns
   * GW_REDISPATCH. `upstream`: the name of an upstream whose targets are taken from then on, with
   * the service's protocol and timeouts; absent: another target of the present one (the same, when
   * there is only one). on_upstream runs again with attempt + 1, and on_response for the next
   * answer; all attempts stand in attempts(). In on_response, and in on_response_body with BUFFER,
   * at most 8 times for one request (then GW_E_TOOBIG). GW_E_STATE in another phase, when the
   * answer's head was sent, when nothing was sent to a target yet, for a 101, and for a request
   * whose body has gone by: one without a body, with a buffered one or with one that was not begun
   * can be sent again. GW_E_NOTFOUND: no upstream has that name.
   * @since 1.0 @thread worker @phase response,response_body with a buffered body */
  gw_status (*redispatch)(gw_req *r, gw_str upstream);
} gw_req_api;

struct gw_req {
  const gw_req_api *v; /* the rest is the host's */
};

#ifdef __cplusplus
}
#endif
#endif
