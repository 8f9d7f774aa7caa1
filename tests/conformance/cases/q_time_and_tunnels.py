# SPDX-License-Identifier: Apache-2.0
"""What does not come in time (RFC 9110 15.5.9; the peers' limits are 1.5 s), and what 101 makes of a connection (RFC 9110 7.8, 15.2.2)."""
from dataclasses import replace

from model import ANSWER, ANY, CONTINUE, GET, HALF_CLOSE, MUST, SHOULD, SWITCHED, Case, Origin, accept, bad_gateway, broken, passes, refuse, tunnel


def post(lines, body=b""):
    return b"POST /p HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n" + body


def slow(name, source, send, level=SHOULD, **more):
    """The rest does not come: 408, or the close of a connection on which nothing was promised."""
    return Case("slow-" + name, source, level, send, refuse(408, **more), whole_only=True)


UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
ASK = b"GET /chat HTTP/1.1\r\nHost: a.test\r\n" + UPGRADE + b"\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PLAIN = accept(absent=["upgrade"], end="any")  # it does not offer the upgrade to the origin


def tunnels(name, source, level, send, raw, head=SWITCH + b"\r\n", also=None, **more):
    """Through a tunnel; or the upgrade is not passed on, and what follows is HTTP, or is refused as such."""
    plain = (replace(PLAIN, seen=ANY), refuse(400, 405, 408, 501, 505, end="any", seen=1), accept(seen=2, target="/hidden", end="any"))
    return Case("tunnel-" + name, source, level, send, (tunnel(raw, **more), also) + plain if also else (tunnel(raw, **more),) + plain, Origin(head, tunnel=True), methods=("GET",))


def refused_switch(name, source, head, send=ASK, level=MUST):
    return Case("switch-" + name, source, level, send, (bad_gateway(), PLAIN), Origin(head, tunnel=True, end="close"))


CASES = [
    slow("head", "RFC 9110 15.5.9; slowloris", b"GET /p HTTP/1.1\r\nHost: a.te"),
    slow("head-after-request-line", "RFC 9110 15.5.9", b"GET /p HTTP/1.1\r\n"),
    Case("slow-second-head", "RFC 9110 15.5.9; RFC 9112 9.5: a kept connection may just close", SHOULD, [GET, ANSWER, b"GET /p HTTP/1.1\r\nHost: a"],
         (refuse(408, seen=1), accept(end="closed")), whole_only=True),
    slow("body", "RFC 9110 15.5.9", post(b"Content-Length: 50\r\n", b"hello")),
    slow("body-nothing", "RFC 9110 15.5.9", post(b"Content-Length: 50\r\n")),
    slow("chunk", "RFC 9110 15.5.9", post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhel")),
    slow("chunk-next", "RFC 9110 15.5.9", post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n")),
    slow("trailer", "RFC 9110 15.5.9", post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\nX-A: ")),
    Case("slow-expected-body", "RFC 9110 10.1.1, 15.5.9", SHOULD, [post(b"Content-Length: 5\r\nExpect: 100-continue\r\n"), CONTINUE],
         (refuse(408), refuse(417)), whole_only=True),
    # Switched: bytes are bytes.
    tunnels("echo", "RFC 9110 7.8", MUST, [ASK, SWITCHED, b"hello", HALF_CLOSE], b"hello"),
    tunnels("http-inside", "RFC 9110 7.8: no longer HTTP", MUST, [ASK, SWITCHED, HIDDEN, HALF_CLOSE], HIDDEN),
    tunnels("broken-http-inside", "RFC 9110 7.8: no longer HTTP", MUST, [ASK, SWITCHED, b"POST / HTTP/9\r\n\0\r\n", HALF_CLOSE], b"POST / HTTP/9\r\n\0\r\n"),
    tunnels("bytes-behind-the-request", "RFC 9110 7.8", MUST, [ASK + b"early ", SWITCHED, b"late", HALF_CLOSE], b"early late"),
    tunnels("all-at-once", "RFC 9110 7.8; half-close", SHOULD, [ASK + b"early", HALF_CLOSE], b"early"),
    tunnels("binary", "RFC 9110 7.8", MUST, [ASK, SWITCHED, bytes(range(128)), HALF_CLOSE], bytes(range(128))),
    tunnels("large", "RFC 9110 7.8", MUST, [ASK, SWITCHED, b"x" * 1000000, HALF_CLOSE], b"x" * 1000000),
    tunnels("nothing", "RFC 9110 7.8", MUST, [ASK, SWITCHED, HALF_CLOSE], b""),
    tunnels("after-103", "RFC 9110 15.2", SHOULD, [ASK, SWITCHED, b"x", HALF_CLOSE], b"x", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SWITCH + b"\r\n", interim=(103, 101)),
    tunnels("after-100", "RFC 9110 15.2", SHOULD, [ASK, SWITCHED, b"x", HALF_CLOSE], b"x", b"HTTP/1.1 100 Continue\r\n\r\n" + SWITCH + b"\r\n",
            also=tunnel(b"x", interim=(100, 101))),
    tunnels("connection-fields-dropped", "RFC 9110 7.6.1", MUST, [ASK, SWITCHED, b"x", HALF_CLOSE], b"x",
            SWITCH.replace(b"Upgrade\r\n", b"Upgrade, X-Hop\r\nX-Hop: 1\r\n", 1) + b"\r\n", absent=["x-hop"]),
    tunnels("length-in-101", "RFC 9110 8.6: not in 1xx", MUST, [ASK, SWITCHED, b"hello", HALF_CLOSE], b"hello", SWITCH + b"Content-Length: 2\r\n\r\n", absent=["content-length"]),
    tunnels("chunked-in-101", "RFC 9112 6.1: not in 1xx", MUST, [ASK, SWITCHED, b"hello", HALF_CLOSE], b"hello", SWITCH + b"Transfer-Encoding: chunked\r\n\r\n",
            absent=["transfer-encoding"]),
    tunnels("lower-case", "RFC 9110 7.8: compared without case", SHOULD, [ASK, SWITCHED, b"x", HALF_CLOSE], b"x", SWITCH.replace(b"websocket", b"WebSocket") + b"\r\n"),
    # Not agreed on: the answer is none.
    refused_switch("to-another", "RFC 9110 7.8: one of those offered", b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    refused_switch("to-none", "RFC 9110 15.2.2: MUST say which", b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\n\r\n"),
    refused_switch("not-named", "RFC 9110 7.8: Connection names Upgrade", b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n", level=SHOULD),
    refused_switch("in-http10", "RFC 9110 7.8", b"HTTP/1.0 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", level=SHOULD),
    Case("switch-before-the-whole-request", "RFC 9110 7.8: the body first", MUST, post(UPGRADE + b"Content-Length: 5\r\n", b"hello"),
         (bad_gateway(), accept(body=b"hello", absent=["upgrade"], end="any"), refuse()), Origin(SWITCH + b"\r\n", tunnel=True)),
    # Trailers of both sides in one exchange, and what 1.0 gets of them.
    Case("trailers-both-ways", "RFC 9110 6.5", SHOULD, post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\nX-Up: 1\r\n\r\n"),
         (passes(body=b"ok", trailers={"x-down": "2"}), passes(body=b"ok", trailers={})),
         Origin(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Down: 2\r\n\r\n")),
    Case("trailers-to-http10", "RFC 9112 7.1.2", MUST, b"GET /p HTTP/1.0\r\nHost: a.test\r\n\r\n", passes(body=b"ok", end="closed", trailers={}),
         Origin(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Down: 2\r\n\r\n")),
    Case("hints-without-end", "memory out of proportion", SHOULD, GET, (bad_gateway(), broken(), passes(body=b"ok", end="any")),
         Origin((b"HTTP/1.1 103 Early Hints\r\nLink: <" + b"x" * 900 + b">\r\n\r\n") * 2000 + OK), whole_only=True),
    Case("half-closed-before-the-answer-of-a-post", "RFC 9112 9.6", SHOULD, [post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"), HALF_CLOSE],
         accept(body=b"hello", end="closed")),
    Case("half-closed-after-early-answer", "RFC 9112 9.6", SHOULD, [post(b"Content-Length: 50\r\n", b"hello"), ANSWER, HALF_CLOSE],
         (replace(passes(body=b"ok", end="any"), seen=ANY), refuse(400, 408, 502, end="any")), Origin(OK, when="head", end="close"), whole_only=True),
]
