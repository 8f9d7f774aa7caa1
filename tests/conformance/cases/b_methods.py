# SPDX-License-Identifier: Apache-2.0
"""Methods (RFC 9110 9)."""
from model import MUST, SHOULD, Case, accept, refuse

HOST = b" /p HTTP/1.1\r\nHost: a.test\r\n\r\n"
NO_BODY = b" /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"


def plain(method):
    return Case("method-" + method.lower(), "RFC 9110 9.3", MUST, method.encode() + NO_BODY, accept(method=method, body=b""))


def bad(name, method):
    return Case("method-" + name, "RFC 9110 5.6.2, 9.1", MUST, method + HOST, refuse(400, 405, 501))


CASES = [plain(m) for m in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")] + [
    Case("method-unknown-token", "RFC 9110 9.1, 15.6.2", MUST, b"BREW" + NO_BODY, (accept(method="BREW"), refuse(501, 405, end="any"))),
    Case("method-query", "RFC 9110 16.1 (registered)", SHOULD,
         b"QUERY /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nq=1", (accept(method="QUERY", body=b"q=1"), refuse(501, 405, end="any"))),
    Case("method-propfind", "RFC 4918 9.1", SHOULD, b"PROPFIND" + NO_BODY, (accept(method="PROPFIND"), refuse(501, 405, end="any"))),
    Case("method-m-search", "RFC 9110 9.1: a token", SHOULD, b"M-SEARCH" + NO_BODY, (accept(method="M-SEARCH"), refuse(501, 405, end="any"))),
    Case("method-prefix-of-known", "RFC 9110 9.1", MUST, b"GE" + NO_BODY, (accept(method="GE"), refuse(400, 405, 501, end="any"))),
    Case("method-known-and-more", "RFC 9110 9.1", MUST, b"GETX" + NO_BODY, (accept(method="GETX"), refuse(400, 405, 501, end="any"))),
    Case("method-lower-case-stays", "RFC 9110 9.1: case-sensitive", MUST, b"get" + NO_BODY, (accept(method="get"), refuse(400, 405, 501, end="any"))),
    Case("method-mixed-case-stays", "RFC 9110 9.1: case-sensitive", MUST, b"Post" + NO_BODY, (accept(method="Post"), refuse(400, 405, 501, end="any"))),
    Case("method-all-token-bytes", "RFC 9110 5.6.2", SHOULD, b"!#$%&'*+-.^_`|~09aZ" + NO_BODY,
         (accept(method="!#$%&'*+-.^_`|~09aZ"), refuse(400, 405, 501, end="any"))),
    Case("method-long", "RFC 9112 3: 501", SHOULD, b"M" * 2000 + NO_BODY, (accept(method="M" * 2000), refuse(400, 405, 414, 501, end="any"))),
    Case("method-trace", "RFC 9110 9.3.8; cross-site tracing", SHOULD, b"TRACE" + HOST, refuse(405, 400, 501, end="any")),
    Case("method-track", "cross-site tracing", SHOULD, b"TRACK" + NO_BODY, (accept(method="TRACK"), refuse(405, 400, 501, end="any"))),
    Case("method-connect", "RFC 9110 9.3.6: a way past the rules", SHOULD, b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", refuse(405, 400, 501)),
    Case("method-connect-then-hidden", "RFC 9110 9.3.6; Kettle 2022", MUST,
         b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a.test\r\n\r\n", refuse(405, 400, 501)),
    Case("method-connect-origin-form", "RFC 9110 9.3.6", MUST, b"CONNECT" + HOST, refuse(405, 400, 501)),
    Case("method-connect-no-port", "RFC 9110 9.3.6", MUST, b"CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", refuse(405, 400, 501)),
    Case("method-connect-with-body", "RFC 9110 9.3.6", SHOULD,
         b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", refuse(405, 400, 501)),
    bad("nul-inside", b"GE\0T"), bad("colon", b"GET:"), bad("at", b"G@T"), bad("parenthesis", b"GET(1)"), bad("slash", b"GET/x"),
    bad("quote", b'"GET"'), bad("high-byte", b"G\xc3\x89T"), bad("delete-byte", b"GE\x7fT"), bad("backslash", b"GET\\"), bad("bracket", b"[GET]"),
    bad("comma", b"GET,POST"), bad("semicolon", b"GET;a"), bad("equals", b"GET=1"), bad("lf-inside", b"GE\nT"),
    Case("method-get-with-body", "RFC 9110 9.3.1; CL.0, Kettle 2022", MUST,
         b"GET /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
         (accept(method="GET", target="/p", body=HIDDEN), refuse())),
    Case("method-head-with-body", "RFC 9110 9.3.2; CL.0", MUST,
         b"HEAD /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", (accept(method="HEAD", target="/p"), refuse(end="any"))),
    Case("method-options-with-body", "RFC 9110 9.3.7", MUST,
         b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", (accept(method="OPTIONS", body=b"hello"), refuse(end="any"))),
    Case("method-delete-with-body", "RFC 9110 9.3.5", MUST,
         b"DELETE /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", (accept(method="DELETE", body=b"hello"), refuse(end="any"))),
    Case("method-get-with-chunked-body", "TE.0, Bugcrowd 2024", MUST,
         b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         (accept(method="OPTIONS", body=b"hello"), refuse(end="any"))),
    Case("method-post-without-length", "RFC 9110 8.6; 9112 6.3", SHOULD, b"POST" + HOST,
         (accept(method="POST", body=b"", fields={"content-length": "0"}), refuse(411))),
]
