# SPDX-License-Identifier: Apache-2.0
"""Trailer sections of requests (RFC 9110 6.5, RFC 9112 7.1.2)."""
from model import MUST, SHOULD, Case, accept, refuse

HEAD = b"POST /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"


def trailer(name, source, level, lines, want):
    return Case("trailer-" + name, source, level, HEAD + lines + b"\r\n", want)


def bad(name, lines, source="RFC 9112 5, 7.1.2", level=MUST):
    return trailer(name, source, level, lines, refuse(400, 431))


def dropped(name, line, key):
    """It may not stand there: it must not have an effect at the origin."""
    return trailer(name, "RFC 9110 6.5.1; CVE-2023-45648 (Tomcat), CVE-2024-53868 (ATS)", SHOULD, line + b"\r\n",
                   (accept(body=b"hello", trailers={}, absent=[key] if key not in ("host", "content-length", "transfer-encoding") else []), refuse()))


CASES = [
    trailer("one", "RFC 9110 6.5", SHOULD, b"X-Sum: 1\r\n", (accept(body=b"hello", trailers={"x-sum": "1"}), accept(body=b"hello", trailers={}))),
    trailer("two", "RFC 9110 6.5", SHOULD, b"X-A: 1\r\nX-B: 2\r\n",
            (accept(body=b"hello", trailers={"x-a": "1", "x-b": "2"}), accept(body=b"hello", trailers={}))),
    dropped("content-length", b"Content-Length: 0", "content-length"), dropped("transfer-encoding", b"Transfer-Encoding: chunked", "transfer-encoding"),
    dropped("host", b"Host: b.test", "host"), dropped("authorization", b"Authorization: Basic eDp5", "authorization"), dropped("cookie", b"Cookie: a=b", "cookie"),
    dropped("x-forwarded-for", b"X-Forwarded-For: 6.6.6.6", "none-such"), dropped("connection", b"Connection: close", "none-such"),
    dropped("content-type", b"Content-Type: a/b", "content-type"), dropped("te", b"TE: trailers", "te"), dropped("expect", b"Expect: 100-continue", "expect"),
    dropped("content-encoding", b"Content-Encoding: gzip", "content-encoding"), dropped("content-range", b"Content-Range: bytes 0-1/2", "content-range"),
    dropped("cache-control", b"Cache-Control: no-store", "cache-control"), dropped("range", b"Range: bytes=0-1", "range"),
    dropped("if-match", b'If-Match: "a"', "if-match"), dropped("max-forwards", b"Max-Forwards: 0", "max-forwards"), dropped("trailer", b"Trailer: a", "trailer"),
    bad("space-before-colon", b"X-A : 1\r\n"), bad("no-colon", b"X-A\r\n", "CVE-2024-35161 (ATS)"), bad("empty-name", b": 1\r\n"), bad("fold", b"X-A: 1\r\n 2\r\n"),
    bad("fold-first", b" X-A: 1\r\n"), bad("bare-lf", b"X-A: 1\nX-B: 2\r\n"), bad("bare-cr", b"X-A: 1\rX-B: 2\r\n"), bad("nul", b"X-A: \0\r\n"),
    bad("name-space", b"X A: 1\r\n"), bad("looks-like-a-request", b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n", "CVE-2024-53868 (ATS)"),
    bad("1-mb", b"X-A: " + b"a" * 1000000 + b"\r\n", "CVE-2023-46589 (Tomcat): limit of trailers"), bad("1000-fields", b"X: y\r\n" * 1000, "limit of trailers", SHOULD),
    Case("trailer-ends-lf", "RFC 9112 7.1.2", SHOULD, HEAD + b"X-A: 1\r\n\n", refuse()),
    Case("trailer-then-request", "RFC 9112 9.3", MUST, HEAD + b"X-A: 1\r\n\r\n" + HIDDEN, accept(seen=2, target="/hidden"), methods=("POST", "GET")),
]
