/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright/body.h: bodies, and how a plugin takes part in one.
 *
 * A body passes the plugins of its phase one after the other, in their order: what one lets out is
 * what the next one is given, and what the last one lets out is sent. Pieces may be cut anywhere.
 * Each plugin has a mode of its own for each body of a request, asked for with body_mode
 * (request.h) and OBSERVE otherwise:
 *
 * - NONE: the callback is not called; the bytes go on.
 * - OBSERVE: it is called for each piece; the bytes go on, untouched.
 * - MODIFY: it is called for each piece, and the piece ends there: only what body_emit is given
 * goes on. Not called for a message without a body.
 * - BUFFER: it is called once, with all of it and GW_LAST (n is 0 when there is none). What it
 * emits goes on in the body's place; if it emits nothing (not even an empty piece), the body goes
 * on unchanged. The host keeps at most `limit` bytes for it; see the policies below.
 *
 * BUFFER of a request: asked for in on_request, which returns GW_CONTINUE. The body is read and
 * given before the next plugin's on_request, and all that on_request may do may be done in the
 * callback: respond, publish the consumer, change fields. Plugins before it in the order that have
 * had their on_request are given the body first.
 * BUFFER of an answer: its head is held until the callback has returned, and what on_response may
 * do may be done in it: change fields and status, respond, redispatch. A failure is a 500.
 *
 * Framing is the host's: with MODIFY, and with what was emitted in BUFFER's place, Content-Length
 * is made anew, or goes and the body is sent in chunks (to a client with HTTP/1.0 up to the end of
 * the connection). Trailers pass unseen when the body goes on in chunks, and are dropped otherwise.
 * What else speaks of the bytes is the plugin's to change or remove while the head can be changed:
 * ETag, Content-MD5, Digest, Repr-Digest, Content-Encoding, Accept-Ranges, Content-Type. Answers to
 * HEAD lose their Content-Length when a plugin has MODIFY or BUFFER.
 *
 * GW_PAUSE in a body callback holds that body: nothing more is read of it, no body callback of that
 * side is called and nothing goes on until on_resume has returned GW_CONTINUE (it may emit, too).
 * The piece that was given is not shown again. The pause has its deadline as every pause; after it
 * the request is answered with 504, or the answer broken off when its head was sent.
 *
 * The head of an answer goes out with the first piece that gets through, or when a plugin with
 * MODIFY has taken the first piece and let nothing out.
 */
#ifndef GATEWRIGHT_BODY_H
#define GATEWRIGHT_BODY_H

#include "gatewright/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Modes. */
enum { GW_BODY_NONE = 0, GW_BODY_OBSERVE = 1, GW_BODY_MODIFY = 2, GW_BODY_BUFFER = 3 };

/* What happens to a body that is longer than the limit of BUFFER. */
enum {
  GW_OVERFLOW_REFUSE = 0, /* the request is answered with 413, an answer replaced by a 502 */
  GW_OVERFLOW_PASS = 1    /* the callback is called once, with what has come so far and GW_OVERFLOW
                             instead of GW_LAST; the body goes on unchanged, emitting is
                             GW_E_STATE, and the callback is not called again for it */
};

/* A piece of a body. Borrowed until the callback returns. */
typedef struct gw_chunk {
  const uint8_t *p;
  size_t n;
  uint32_t flags; /* GW_LAST, GW_OVERFLOW */
} gw_chunk;
enum {
  GW_LAST = 1,    /* no further piece; n may be 0 */
  GW_OVERFLOW = 2 /* with BUFFER and GW_OVERFLOW_PASS: the body is longer than the limit */
};

#ifdef __cplusplus
}
#endif
#endif
