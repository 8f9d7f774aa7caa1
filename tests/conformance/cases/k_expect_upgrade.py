# SPDX-License-Identifier: Apache-2.0
"""Expect (RFC 9110 10.1.1) and Upgrade (RFC 9110 7.8)."""
from model import CONTINUE, GET, MUST, SHOULD, Case, Origin, accept, bad_gateway, passes, refuse


def post(lines, body=b"", version=b"1.1"):
    return b"POST /p HTTP/" + version + b"\r\nHost: a.test\r\n" + lines + b"\r\n" + body


def get(lines, behind=b""):
    return b"GET /p HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n" + behind


EXPECT = b"Content-Length: 5\r\nExpect: 100-continue\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CASES = [
    Case("expect-waits-for-100", "RFC 9110 10.1.1", MUST, [post(EXPECT), CONTINUE, b"hello"], accept(body=b"hello", interim=(100,))),
    Case("expect-body-at-once", "RFC 9110 10.1.1: a client need not wait", MUST, post(EXPECT, b"hello"), accept(body=b"hello")),
    Case("expect-upper-case", "RFC 9110 10.1.1: case-insensitive", SHOULD, [post(b"Content-Length: 5\r\nExpect: 100-CONTINUE\r\n"), CONTINUE, b"hello"],
         accept(body=b"hello", interim=(100,))),
    Case("expect-chunked", "RFC 9110 10.1.1", MUST, [post(b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"), CONTINUE, b"5\r\nhello\r\n0\r\n\r\n"],
         accept(body=b"hello", interim=(100,))),
    Case("expect-unknown", "RFC 9110 10.1.1, 15.5.18", SHOULD, post(b"Content-Length: 5\r\nExpect: 200-maybe\r\n", b"hello"), refuse(417, 400)),
    Case("expect-list", "RFC 9110 10.1.1; Kettle 2025: Expect-based desync", SHOULD, post(b"Content-Length: 5\r\nExpect: y 100-continue\r\n", b"hello"), refuse(417, 400)),
    Case("expect-fold", "Kettle 2025", SHOULD, post(b"Content-Length: 5\r\nExpect:\r\n 100-continue\r\n", b"hello"), refuse(417, 400)),
    Case("expect-twice", "RFC 9110 10.1.1; Kettle 2025", SHOULD, post(EXPECT + b"Expect: 100-continue\r\n", b"hello"), (refuse(417, 400), accept(body=b"hello"))),
    Case("expect-twice-differs", "RFC 9110 10.1.1; Kettle 2025", SHOULD, post(EXPECT + b"Expect: x\r\n", b"hello"), refuse(417, 400)),
    Case("expect-without-body", "RFC 9110 10.1.1", SHOULD, get(b"Expect: 100-continue\r\n"), (accept(interim=()), refuse(417))),
    Case("expect-http10", "RFC 9110 10.1.1: no 100 for 1.0", MUST, post(EXPECT, b"hello", b"1.0"), accept(body=b"hello", interim=(), end="closed")),
    Case("expect-not-passed-on-or-answered-once", "RFC 9110 10.1.1", MUST, post(EXPECT, b"hello") + HIDDEN, accept(seen=2, target="/hidden"), methods=("POST", "GET")),
    Case("expect-get-with-hidden-body", "Kettle 2025: 0.CL by Expect", MUST,
         b"GET /p HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, (accept(body=HIDDEN), refuse(417, 400))),
    Case("upgrade-h2c", "Bishop Fox 2020: h2c smuggling", MUST,
         get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"),
         (accept(absent=["upgrade", "http2-settings"]), refuse())),
    Case("upgrade-h2c-not-named", "Bishop Fox 2020", MUST, get(b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), (accept(absent=["upgrade"]), refuse())),
    Case("upgrade-h2c-then-frames", "Bishop Fox 2020", MUST,
         get(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
         (refuse(400, 405, 501, 505, seen=1), refuse())),
    Case("upgrade-list", "RFC 9110 7.8", MUST, get(b"Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"),
         (accept(absent=["upgrade"]), accept(fields={"upgrade": "websocket"}), refuse())),
    Case("upgrade-without-connection", "RFC 9110 7.8", MUST, get(b"Upgrade: websocket\r\n"), (accept(absent=["upgrade"]), refuse())),
    Case("upgrade-unknown", "RFC 9110 7.8: ignored", MUST, get(b"Connection: Upgrade\r\nUpgrade: foo/2\r\n"), (accept(absent=["upgrade"]), refuse())),
    Case("upgrade-tls", "RFC 2817; CVE-2021-33193 class", MUST, get(b"Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"), (accept(absent=["upgrade"]), refuse())),
    Case("upgrade-refused-then-bytes", "CVE-2026-2833 (Pingora): bytes behind an Upgrade are not raw before a 101", MUST, get(WEBSOCKET, HIDDEN),
         (accept(seen=2, target="/hidden"), refuse(), accept(seen=1, end="any")), methods=("GET", "GET")),
    Case("upgrade-refused-by-origin", "RFC 9110 7.8", MUST, get(WEBSOCKET), passes(200, body=b"ok"), Origin(OK)),
    Case("upgrade-http10", "RFC 9110 7.8: ignored in 1.0", MUST, b"GET /p HTTP/1.0\r\nHost: a.test\r\n" + WEBSOCKET + b"\r\n",
         (accept(absent=["upgrade"], end="closed"), refuse())),
    Case("upgrade-post", "RFC 6455 4.1: a GET", SHOULD, post(WEBSOCKET + b"Content-Length: 5\r\n", b"hello"), (accept(body=b"hello", absent=["upgrade"]), refuse())),
    Case("upgrade-101-unasked", "RFC 9110 15.2.2", MUST, GET, bad_gateway(), Origin(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw")),
    Case("upgrade-101-then-http", "response queue poisoning by 101", MUST, GET, bad_gateway(), Origin(b"HTTP/1.1 101 Switching\r\n\r\n" + OK)),
]
