# SPDX-License-Identifier: Apache-2.0
"""Sizes: what is over a limit is refused by name, and costs no more than it may (RFC 9112 3, 5.4; RFC 6585 5)."""
from model import MUST, SHOULD, Case, accept, refuse


def get(target=b"/p", lines=b""):
    return b"GET " + target + b" HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n"


def limit(name, source, level, send, want):
    return Case("limit-" + name, source, level, send, want)


BIG = b"a" * (1 << 20)
CASES = [
    limit("target-8000", "RFC 9112 3: at least 8000", SHOULD, get(b"/" + b"a" * 7979), accept(target="/" + "a" * 7979)),
    limit("target-64k", "RFC 9110 15.5.15", MUST, get(b"/" + b"a" * 65536), refuse(414, 400, 431)),
    limit("target-1-mb", "RFC 9110 15.5.15", MUST, get(b"/" + BIG), refuse(414, 400, 431)),
    limit("query-1-mb", "RFC 9110 15.5.15", MUST, get(b"/?" + BIG), refuse(414, 400, 431)),
    limit("line-without-end", "RFC 9112 3", MUST, b"GET /" + BIG, refuse(414, 400, 431)),
    limit("method-without-end", "RFC 9112 3", MUST, b"M" * (1 << 20), refuse(400, 414, 431, 501)),
    limit("field-4k", "common practice", SHOULD, get(lines=b"X-A: " + b"a" * 4096 + b"\r\n"), accept(fields={"x-a": "a" * 4096})),
    limit("field-1-mb", "RFC 6585 5", MUST, get(lines=b"X-A: " + BIG + b"\r\n"), refuse(431, 400, 413)),
    limit("field-name-1-mb", "RFC 6585 5", MUST, get(lines=BIG + b": 1\r\n"), refuse(431, 400, 413)),
    limit("field-without-end", "RFC 6585 5", MUST, b"GET /p HTTP/1.1\r\nHost: a.test\r\nX-A: " + BIG, refuse(431, 400, 413)),
    limit("fields-50", "common practice", SHOULD, get(lines=b"".join(b"X-%d: 1\r\n" % i for i in range(50))), accept(fields={"x-49": "1"})),
    limit("fields-20000", "RFC 6585 5; ATS stops answering", MUST, get(lines=b"X-A: 1\r\n" * 20000), refuse(431, 400, 413)),
    limit("fields-1500-small", "hash and list costs", SHOULD, get(lines=b"".join(b"A%d:\r\n" % i for i in range(1500))), refuse(431, 400)),
    limit("section-64k", "RFC 6585 5", MUST, get(lines=b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(64))), refuse(431, 400, 413)),
    limit("cookie-16k", "RFC 6265 6.1", SHOULD, get(lines=b"Cookie: a=" + b"b" * 16000 + b"\r\n"), (accept(), refuse(431, 400))),
    limit("connection-list-long", "CPU out of proportion", SHOULD, get(lines=b"Connection: " + b"a," * 7000 + b"b\r\n"), (accept(), refuse(400, 431))),
    limit("via-long", "CPU out of proportion", SHOULD, get(lines=b"Via: " + b"1.1 a," * 2000 + b"1.1 b\r\n"), (accept(), refuse(400, 431))),
    limit("dots-long", "path resolution costs no more than its length", SHOULD, get(b"/" + b"a/../" * 1500), (accept(target="/"), refuse(400, 414))),
    limit("escapes-long", "path resolution costs no more than its length", SHOULD, get(b"/" + b"%61" * 2500), (accept(target="/" + "a" * 2500), accept(), refuse(400, 414))),
    limit("slashes-long", "path resolution costs no more than its length", SHOULD, get(b"/" * 7000), (accept(target="/"), accept(), refuse(400, 414))),
    Case("limit-many-pipelined", "memory out of proportion", SHOULD, get() * 200, accept(seen=200, end="any"), methods=("GET",) * 200),
]
