# SPDX-License-Identifier: Apache-2.0
"""Connections: pipelining, keep-alive, what may follow a message (RFC 9112 9)."""
from model import ANSWER, HALF_CLOSE, MUST, SHOULD, Case, accept, refuse


def get(target, lines=b"", version=b"1.1", method=b"GET"):
    return method + b" " + target + b" HTTP/" + version + b"\r\nHost: a.test\r\n" + lines + b"\r\n"


A, B = get(b"/a"), get(b"/b")
POST = b"POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello"
GG, PG = ("GET", "GET"), ("POST", "GET")


def case(name, source, level, send, want, **more):
    return Case("connection-" + name, source, level, send, want, **more)


CASES = [
    case("kept", "RFC 9112 9.3", MUST, A, accept(target="/a")),
    case("two-in-turn", "RFC 9112 9.3", MUST, [A, ANSWER, B], accept(seen=2, target="/b"), methods=GG),
    case("pipelined-two", "RFC 9112 9.3.2", MUST, A + B, accept(seen=2, target="/b"), methods=GG),
    case("pipelined-five", "RFC 9112 9.3.2", MUST, A * 4 + B, accept(seen=5, target="/b"), methods=("GET",) * 5),
    case("pipelined-behind-body", "RFC 9112 9.3.2", MUST, POST + B, accept(seen=2, target="/b"), methods=PG),
    case("pipelined-head-then-get", "RFC 9110 9.3.2: no body", MUST, get(b"/a", method=b"HEAD") + B, accept(seen=2, target="/b"), methods=("HEAD", "GET")),
    case("pipelined-bad-second", "RFC 9112 9.3.2", MUST, A + b"GET /b HTTP/1.1\r\nHost : b\r\n\r\n", refuse(seen=1), methods=GG),
    case("pipelined-bad-first", "RFC 9112 2.2: nothing behind it is believed", MUST, b"GET /a HTTP/1.1\r\nHost : b\r\n\r\n" + B, refuse(), methods=GG),
    case("crlf-between", "RFC 9112 2.2", SHOULD, A + b"\r\n" + B, accept(seen=2, target="/b"), methods=GG),
    case("crlf-behind-body", "RFC 9112 2.2: old clients", SHOULD, POST + b"\r\n" + B, accept(seen=2, target="/b"), methods=PG),
    case("junk-between", "RFC 9112 2.2", MUST, A + b"junk\r\n" + B, refuse(400, 505, seen=1), methods=GG),
    case("junk-behind-body", "RFC 9112 6.3: overlong body", MUST, POST + b"!!" + B, (refuse(400, 405, 501, seen=1), accept(seen=2, method="!!GET")), methods=PG),
    case("spaces-between", "RFC 9112 2.2", MUST, A + b"  " + B, refuse(seen=1), methods=GG),
    case("lf-between", "RFC 9112 2.2", SHOULD, A + b"\n" + B, refuse(seen=1), methods=GG),
    case("close-asked", "RFC 9112 9.6", MUST, get(b"/a", b"Connection: close\r\n"), accept(target="/a", end="closed")),
    case("close-upper-case", "RFC 9110 7.6.1", MUST, get(b"/a", b"Connection: CLOSE\r\n"), accept(target="/a", end="closed")),
    case("close-in-list", "RFC 9110 7.6.1", MUST, get(b"/a", b"Connection: x, close\r\n"), accept(target="/a", end="closed")),
    case("close-second-line", "RFC 9110 5.3", MUST, get(b"/a", b"Connection: keep-alive\r\nConnection: close\r\n"), accept(target="/a", end="closed")),
    case("close-and-keep-alive", "RFC 9112 9.3: close wins", MUST, get(b"/a", b"Connection: close, keep-alive\r\n"), accept(target="/a", end="closed")),
    case("bytes-behind-close", "RFC 9112 9.6: must not process further requests", MUST, get(b"/a", b"Connection: close\r\n") + B, accept(target="/a", end="closed")),
    case("body-then-bytes-behind-close", "RFC 9112 9.6", MUST, POST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + B, accept(body=b"hello", end="closed")),
    case("http10-closes", "RFC 9112 9.3", MUST, get(b"/a", version=b"1.0"), accept(target="/a", end="closed")),
    case("http10-bytes-behind", "RFC 9112 9.6", MUST, get(b"/a", version=b"1.0") + B, accept(target="/a", end="closed")),
    case("http10-keep-alive", "RFC 9112 C.2.2", SHOULD, get(b"/a", b"Connection: keep-alive\r\n", b"1.0"),
         (accept(target="/a", end="open"), accept(target="/a", end="closed"))),
    case("http10-then-http11", "RFC 9112 9.3", MUST, [get(b"/a", b"Connection: keep-alive\r\n", b"1.0"), ANSWER, B],
         (accept(seen=2, target="/b", end="any"), accept(target="/a", end="closed")), methods=GG),
    case("proxy-connection-has-no-effect", "RFC 9112 C.2.2; llhttp steers by it", MUST, get(b"/a", b"Proxy-Connection: close\r\n"), accept(target="/a", absent=["proxy-connection"])),
    case("keep-alive-field-dropped", "RFC 9112 C.2.2", MUST, get(b"/a", b"Keep-Alive: timeout=9\r\nConnection: keep-alive, Keep-Alive\r\n"), accept(target="/a", absent=["keep-alive"])),
    case("connection-not-passed-on", "RFC 9110 7.6.1", MUST, get(b"/a", b"Connection: keep-alive\r\n"),
         (accept(target="/a", absent=["connection"]), accept(target="/a", fields={"connection": "keep-alive"}))),
    case("connection-empty", "RFC 9110 5.6.1", SHOULD, get(b"/a", b"Connection:\r\n"), (accept(target="/a"), refuse())),
    case("connection-commas", "RFC 9110 5.6.1", SHOULD, get(b"/a", b"Connection: , ,keep-alive,,\r\n"), (accept(target="/a"), refuse())),
    case("half-closed-client", "RFC 9112 9.6", SHOULD, [A, HALF_CLOSE], accept(target="/a", end="closed")),
    case("half-closed-after-body", "RFC 9112 9.6", SHOULD, [POST, HALF_CLOSE], accept(body=b"hello", end="closed")),
    case("half-closed-pipelined", "RFC 9112 9.6", SHOULD, [A + B, HALF_CLOSE], accept(seen=2, target="/b", end="closed"), methods=GG),
    case("body-of-refused-request", "CVE-2025-4366 (Pingora): a body left in the connection", MUST,
         b"TRACE /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % len(B) + B, refuse(400, 405, 501, end="any")),
    case("body-of-own-answer", "CVE-2025-4366 (Pingora); CL.0, Kettle 2022", MUST,
         b"POST /%%00 HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % len(B) + B, (refuse(400, end="any"), accept(body=B))),
    case("chunks-of-own-answer", "CVE-2025-4366 (Pingora)", MUST,
         b"POST /%%00 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(B), B), (refuse(400, end="any"), accept(body=B))),
    case("own-answer-then-next", "RFC 9112 9.3", MUST, b"GET /%00 HTTP/1.1\r\nHost: a.test\r\n\r\n", (refuse(400, end="any"), accept())),
]
