# SPDX-License-Identifier: Apache-2.0
"""Transfer-Encoding (RFC 9112 6.1, 7)."""
from model import MUST, SHOULD, Case, accept, refuse

BODY = b"5\r\nhello\r\n0\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"


def post(lines, body=BODY, version=b"1.1"):
    return b"POST /p HTTP/" + version + b"\r\nHost: a.test\r\n" + lines + b"\r\n" + body


def coding(name, source, level, lines, want, **more):
    return Case("te-" + name, source, level, post(lines, **more), want)


def bad(name, value, level=MUST, source="RFC 9112 6.1; Kettle 2019: TE.TE"):
    return coding(name, source, level, b"Transfer-Encoding:" + value + b"\r\n", refuse(400, 501))


CASES = [
    coding("chunked", "RFC 9112 7.1", MUST, b"Transfer-Encoding: chunked\r\n", accept(body=b"hello")),
    coding("upper-case", "RFC 9112 7", MUST, b"Transfer-Encoding: CHUNKED\r\n", accept(body=b"hello")),
    coding("mixed-case-name", "RFC 9110 5.1", MUST, b"tRaNsFer-eNcoDing: chunked\r\n", accept(body=b"hello")),
    coding("no-space", "RFC 9112 5.1", MUST, b"Transfer-Encoding:chunked\r\n", accept(body=b"hello")),
    coding("white-space-around", "RFC 9112 5.1", SHOULD, b"Transfer-Encoding: \tchunked\t \r\n", (accept(body=b"hello"), refuse(400, 501))),
    coding("empty-body", "RFC 9112 7.1", MUST, b"Transfer-Encoding: chunked\r\n", accept(body=b""), body=b"0\r\n\r\n"),
    bad("xchunked", b" xchunked"), bad("chunkedx", b" chunkedx"), bad("chunked-quoted", b' "chunked"'), bad("chunked-single-quoted", b" 'chunked'"),
    bad("vertical-tab", b"\x0bchunked", source="CVE-2019-18277 (HAProxy)"), bad("form-feed", b"\x0cchunked", source="CVE-2019-18277 (HAProxy)"),
    bad("nul-first", b"\0chunked"), bad("nul-last", b" chunked\0"), bad("cr-first", b"\rchunked"), bad("high-byte", b" chunked\xff"),
    bad("nbsp", b"\xa0chunked"), bad("dotless", b" chun\xc4\xb1ked"), bad("semicolon", b" chunked;"), bad("parameter", b" chunked;q=1"),
    bad("parameter-other", b" chunked; x=y"), bad("identity", b" identity", source="RFC 9112 7; RFC 2616 only"), bad("gzip", b" gzip"),
    bad("gzip-chunked", b" gzip, chunked", SHOULD, "RFC 9112 6.1; a coding that is not decoded: 501"),
    bad("identity-chunked", b" identity, chunked", SHOULD, "CVE-2022-1705 class (Go)"), bad("unknown-chunked", b" cow, chunked", SHOULD, "Kettle 2019"),
    bad("chunked-gzip", b" chunked, gzip", source="RFC 9112 6.3, 4."), bad("chunked-identity", b" chunked, identity", source="CVE-2019-20444 class"),
    bad("chunked-unknown", b" chunked, cow", source="CVE-2019-15605 (Node)"), bad("chunked-twice", b" chunked, chunked", SHOULD, "RFC 9112 6.1: not more than once"),
    bad("comma-first", b" ,chunked", SHOULD, "CVE-2022-32213 class (Node)"), bad("comma-last", b" chunked,", SHOULD, "CVE-2022-32213 class (Node)"),
    bad("only-comma", b" ,"), bad("two-commas", b" gzip,,chunked", SHOULD), bad("empty", b"", source="RFC 9112 6.1; CVE-2024-1135 (gunicorn)"), bad("blank", b" \t"),
    bad("space-inside", b" chun ked"), bad("colon-first", b": chunked"), bad("newline-encoded", b" %63hunked"), bad("brackets", b" [chunked]"),
    bad("equals", b" =chunked"), bad("plus", b" +chunked"), bad("number", b" 1"), bad("null-word", b" null"),
    coding("two-chunked", "CVE-2020-8287 (Node)", MUST, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", refuse(400, 501)),
    coding("two-identity-second", "CVE-2020-8287 (Node)", MUST, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", refuse(400, 501)),
    coding("two-identity-first", "CVE-2020-8287 (Node)", SHOULD, b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", refuse(400, 501)),
    coding("two-empty-second", "llhttp 8 and 9 take it", SHOULD, b"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", refuse(400, 501)),
    coding("two-other-case", "CVE-2020-8287 (Node)", MUST, b"Transfer-Encoding: chunked\r\ntransfer-encoding: x\r\n", refuse(400, 501)),
    coding("empty-with-length", "CVE-2024-1135 (gunicorn); llhttp", MUST, b"Transfer-Encoding:\r\nContent-Length: 5\r\n", refuse(400, 501), body=b"hello"),
    coding("identity-with-length", "RFC 9112 6.1; Kettle 2019", MUST, b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", refuse(400, 501), body=b"hello"),
    coding("http10", "RFC 9112 6.1; CVE-2021-33037 (Tomcat), CVE-2026-2835 (Pingora)", MUST, b"Transfer-Encoding: chunked\r\n",
           (refuse(400, 501), accept(body=b"hello", end="closed")), version=b"1.0"),
    coding("http10-hidden", "CVE-2021-33037 (Tomcat)", MUST, b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
           (refuse(400, 501), accept(body=b"", end="closed")), version=b"1.0", body=b"0\r\n\r\n" + HIDDEN),
    coding("fold-value", "CVE-2022-35256 (Node)", MUST, b"Transfer-Encoding: chunked\r\n\tidentity\r\n", refuse(400, 501)),
    coding("connection-names-it", "Davison 2019: hop-by-hop abuse", MUST, b"Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding\r\n",
           (accept(body=b"hello"), refuse())),
    coding("in-other-field", "RFC 9112 6.1", MUST, b"X-Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", accept(body=b"hello"), body=b"hello"),
    Case("te-get-chunked", "RFC 9110 9.3.1", MUST, b"GET /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
         (accept(body=b"hello"), refuse())),
]
