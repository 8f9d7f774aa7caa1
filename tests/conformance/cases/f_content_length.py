# SPDX-License-Identifier: Apache-2.0
"""Content-Length (RFC 9110 8.6, RFC 9112 6.2, 6.3)."""
from model import HALF_CLOSE, MUST, SHOULD, Case, accept, refuse, silent


def post(lines, body=b""):
    return b"POST /p HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n" + body


def length(name, source, level, lines, body, want):
    return Case("length-" + name, source, level, post(lines, body), want)


def bad(name, value, level=MUST, source="RFC 9112 6.3"):
    return length(name, source, level, b"Content-Length: " + value + b"\r\n", b"hello", refuse(400, 413))


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"
CASES = [
    length("plain", "RFC 9112 6.2", MUST, b"Content-Length: 5\r\n", b"hello", accept(body=b"hello")),
    length("zero", "RFC 9112 6.2", MUST, b"Content-Length: 0\r\n", b"", accept(body=b"")),
    length("none", "RFC 9112 6.3, 7.", SHOULD, b"", b"", (accept(body=b""), refuse(411))),
    length("white-space-around", "RFC 9112 5.1", SHOULD, b"Content-Length: \t5\t \r\n", b"hello", (accept(body=b"hello"), refuse())),
    length("leading-zero", "RFC 9110 8.6: digits", SHOULD, b"Content-Length: 05\r\n", b"hello", (accept(body=b"hello", fields={"content-length": "5"}), refuse())),
    length("body-is-a-request", "RFC 9112 6.2", MUST, b"Content-Length: %d\r\n" % len(HIDDEN), HIDDEN, accept(body=HIDDEN)),
    length("next-request-behind", "RFC 9112 9.3", MUST, b"Content-Length: 5\r\n", b"hello", accept(body=b"hello")),
    length("binary-body", "RFC 9110 6.4", MUST, b"Content-Length: 256\r\n", bytes(range(256)), accept(body=bytes(range(256)))),
    bad("plus", b"+5", source="CVE-2018-7159 (Node); CVE-2021-32715 (hyper), CVE-2023-40167 (Jetty)"), bad("minus", b"-5"),
    bad("minus-zero", b"-0"), bad("empty", b"", source="CVE-2023-40225 (HAProxy)"), bad("blank", b" \t", source="CVE-2023-40225 (HAProxy)"),
    bad("hex", b"0x5"), bad("underscore", b"5_0"), bad("decimal", b"5.0"), bad("exponent", b"5e0"), bad("letters", b"abc"), bad("digits-letters", b"5abc"),
    bad("space-inside", b"5 0", source="CVE-2018-7159 (Node)"), bad("tab-inside", b"5\t0"), bad("quoted", b'"5"'), bad("semicolon", b"5;a"),
    bad("comma-end", b"5,"), bad("comma-first", b",5"), bad("nul-end", b"5\0"), bad("vertical-tab", b"\x0b5"), bad("non-ascii-digit", b"\xd9\xa5"),
    bad("overflow-64", b"18446744073709551621", source="CVE-2017-7657 class (Jetty)"), bad("overflow-32", b"4294967301", SHOULD, "over any limit"),
    bad("over-63", b"9223372036854775808"), bad("a-hundred-digits", b"1" * 100), bad("sign-space", b"+ 5"),
    length("list-equal", "RFC 9112 6.3, 5.", SHOULD, b"Content-Length: 5, 5\r\n", b"hello", refuse()),
    length("list-differs", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 5, 6\r\n", b"hello", refuse()),
    length("two-equal", "RFC 9112 6.3, 5.", SHOULD, b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello", refuse()),
    length("two-differ", "RFC 9112 6.3, 5.; CVE-2017-7658 (Jetty)", MUST, b"Content-Length: 5\r\nContent-Length: 0\r\n", b"hello", refuse()),
    length("two-differ-other-order", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 0\r\nContent-Length: 5\r\n", b"hello", refuse()),
    length("two-differ-by-zero", "RFC 9112 6.3, 5.", SHOULD, b"Content-Length: 5\r\nContent-Length: 05\r\n", b"hello", refuse()),
    length("two-one-empty", "CVE-2023-40225 (HAProxy)", MUST, b"Content-Length: 5\r\nContent-Length:\r\n", b"hello", refuse()),
    length("two-apart", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 5\r\nX: 1\r\ncontent-length: 6\r\n", b"hello!", refuse()),
    length("with-te", "RFC 9112 6.3, 3.; Linhart 2005", SHOULD, b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", refuse()),
    length("with-te-other-order", "RFC 9112 6.3, 3.; CVE-2020-1944 (ATS)", SHOULD, b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n", refuse()),
    length("with-te-cl-te", "RFC 9112 6.1; Kettle 2019: CL.TE", MUST, b"Content-Length: 44\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN,
           (refuse(), accept(body=b"", end="closed"))),
    length("with-te-te-cl", "RFC 9112 6.1; Kettle 2019: TE.CL", MUST, b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
           b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n", (refuse(), accept(body=HIDDEN, end="any"))),
    length("zero-with-te", "RFC 9112 6.1", SHOULD, b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", refuse()),
    length("connection-names-it", "Davison 2019: hop-by-hop abuse", MUST, b"Content-Length: 5\r\nConnection: Content-Length\r\n", b"hello",
           (accept(body=b"hello"), refuse())),
    Case("length-body-cut", "RFC 9112 8", MUST, [post(b"Content-Length: 50\r\n", b"hello"), HALF_CLOSE], (silent(), refuse(400, 408))),
    Case("length-head-cut", "RFC 9112 8", MUST, [b"POST /p HTTP/1.1\r\nHost: a.te", HALF_CLOSE], (silent(), refuse(400, 408))),
    Case("length-body-in-many-pieces", "RFC 9112 6.2", MUST, [post(b"Content-Length: 30\r\n")] + [b"hello"] * 6, accept(body=b"hello" * 6)),
    length("body-too-large", "RFC 9110 15.5.14", SHOULD, b"Content-Length: 2000000\r\n", b"", refuse(413)),
    Case("length-get-zero", "RFC 9110 8.6", MUST, b"GET /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n", accept(body=b"")),
    Case("length-http10", "RFC 9112 6.3", MUST, b"POST /p HTTP/1.0\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", accept(body=b"hello", end="closed")),
    Case("length-http10-none", "RFC 9112 6.3, 7.; CVE-2026-2835 (Pingora): no close-delimited requests", MUST,
         b"POST /p HTTP/1.0\r\nHost: a.test\r\n\r\nhello", (accept(body=b"", end="any"), refuse(400, 411))),
]
