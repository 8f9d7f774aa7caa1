# SPDX-License-Identifier: Apache-2.0
"""The first line of a request (RFC 9112 2.2, 3)."""
from model import MUST, SHOULD, Case, accept, refuse

HOST = b"\r\nHost: a.test\r\n\r\n"


def line(name, source, level, text, want):
    return Case("line-" + name, source, level, text + HOST, want)


CASES = [
    line("plain", "RFC 9112 3", MUST, b"GET /p?q=1 HTTP/1.1", accept(method="GET", target="/p?q=1")),
    line("http10", "RFC 9112 2.3", MUST, b"GET /p HTTP/1.0", accept(method="GET", target="/p", end="closed")),
    line("one-empty-line-before", "RFC 9112 2.2", SHOULD, b"\r\nGET /p HTTP/1.1", accept(target="/p")),
    line("three-empty-lines-before", "http-garden; RFC 9112 2.2", SHOULD, b"\r\n\r\n\r\nGET /p HTTP/1.1", refuse()),
    line("empty-lines-forever", "RFC 9112 2.2", SHOULD, b"\r\n" * 300 + b"GET /p HTTP/1.1", refuse()),
    line("bare-lf-before", "RFC 9112 2.2", SHOULD, b"\nGET /p HTTP/1.1", refuse()),
    line("bare-cr-before", "RFC 9112 2.2", MUST, b"\rGET /p HTTP/1.1", refuse()),
    line("space-before", "RFC 9112 3", MUST, b" GET /p HTTP/1.1", refuse()),
    line("tab-before", "RFC 9112 3", MUST, b"\tGET /p HTTP/1.1", refuse()),
    line("nul-before", "RFC 9112 3", MUST, b"\0GET /p HTTP/1.1", refuse()),
    line("two-spaces-after-method", "RFC 9112 3", SHOULD, b"GET  /p HTTP/1.1", refuse()),
    line("tab-after-method", "RFC 9112 3", SHOULD, b"GET\t/p HTTP/1.1", refuse()),
    line("cr-after-method", "RFC 9112 3", MUST, b"GET\r/p HTTP/1.1", refuse()),
    line("two-spaces-before-version", "RFC 9112 3", SHOULD, b"GET /p  HTTP/1.1", refuse()),
    line("tab-before-version", "RFC 9112 3", SHOULD, b"GET /p\tHTTP/1.1", refuse()),
    line("form-feed-before-version", "RFC 9112 3", MUST, b"GET /p\x0cHTTP/1.1", refuse()),
    line("vertical-tab-before-version", "RFC 9112 3", MUST, b"GET /p\x0bHTTP/1.1", refuse()),
    line("space-after-version", "RFC 9112 3; CVE-2016-8743 (Apache)", SHOULD, b"GET /p HTTP/1.1 ", refuse()),
    line("text-after-version", "RFC 9112 3", MUST, b"GET /p HTTP/1.1 x", refuse()),
    line("second-version", "desync: line with two versions", MUST, b"GET /p HTTP/1.1 HTTP/1.1", refuse()),
    line("space-in-target", "RFC 9112 3.2; CVE-2013-4547 (nginx)", SHOULD, b"GET /a b HTTP/1.1", refuse()),
    line("nul-behind-space-in-target", "CVE-2013-4547 (nginx)", MUST, b"GET /a \0b HTTP/1.1", refuse()),
    line("no-target", "RFC 9112 3", MUST, b"GET HTTP/1.1", refuse()),
    line("empty-target", "RFC 9112 3", MUST, b"GET  HTTP/1.1", refuse()),
    line("no-version", "RFC 9112 2.3; CVE-2017-7656 (Jetty)", MUST, b"GET /p", refuse(400, 505)),
    line("no-version-trailing-space", "RFC 9112 3", MUST, b"GET /p ", refuse(400, 505)),
    line("version-joined-to-target", "llhttp 8 reads 0.9", MUST, b"GET /pHTTP/1.1", refuse(400, 505)),
    line("method-only", "RFC 9112 3", MUST, b"GET", refuse(400, 505)),
    line("bare-lf-end", "RFC 9112 2.2", SHOULD, b"GET /p HTTP/1.1\nX: y", refuse()),
    line("bare-cr-end", "RFC 9112 2.2", MUST, b"GET /p HTTP/1.1\rX: y", refuse()),
    line("cr-cr-lf-end", "RFC 9112 2.2", MUST, b"GET /p HTTP/1.1\r\r\nX: y", refuse()),
    line("version-lower-case", "RFC 9112 2.3", MUST, b"GET /p http/1.1", refuse(400, 505)),
    line("version-0-9", "RFC 9112 2.3; CVE-2017-7656 (Jetty)", MUST, b"GET /p HTTP/0.9", refuse(400, 505)),
    line("version-1-2", "RFC 9110 2.5", SHOULD, b"GET /p HTTP/1.2", (refuse(400, 505), accept(target="/p"))),
    line("version-2-0", "RFC 9110 15.6.6", SHOULD, b"GET /p HTTP/2.0", refuse(505, 400)),
    line("version-3-0", "RFC 9110 15.6.6", SHOULD, b"GET /p HTTP/3.0", refuse(505, 400)),
    line("version-9-9", "RFC 9110 15.6.6", SHOULD, b"GET /p HTTP/9.9", refuse(505, 400)),
    line("version-two-digits", "RFC 9112 2.3", MUST, b"GET /p HTTP/1.10", refuse(400, 505)),
    line("version-leading-zero", "RFC 9112 2.3", MUST, b"GET /p HTTP/01.1", refuse(400, 505)),
    line("version-no-minor", "RFC 9112 2.3", MUST, b"GET /p HTTP/1", refuse(400, 505)),
    line("version-negative", "RFC 9112 2.3", MUST, b"GET /p HTTP/-1.1", refuse(400, 505)),
    line("version-comma", "RFC 9112 2.3", MUST, b"GET /p HTTP/1,1", refuse(400, 505)),
    line("version-overflow", "CVE-2019-9740 class", MUST, b"GET /p HTTP/4294967297.1", refuse(400, 505)),
    line("version-unicode", "RFC 9112 2.3", MUST, b"GET /p HTTP/1.\xef\xbc\x91", refuse(400, 505)),
    line("protocol-https", "RFC 9112 2.3", MUST, b"GET /p HTTPS/1.1", refuse(400, 505)),
    line("protocol-rtsp", "RFC 9112 2.3; llhttp takes it", MUST, b"GET /p RTSP/1.0", refuse(400, 505)),
    line("protocol-ice", "RFC 9112 2.3; llhttp takes it", MUST, b"SOURCE /p ICE/1.0", refuse(400, 501, 505)),
    line("protocol-gopher", "RFC 9112 2.3", MUST, b"GET /p XTTP/1.1", refuse(400, 505)),
    Case("line-http2-preface", "RFC 9113 3.4", MUST, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refuse(400, 405, 501, 505)),
    Case("line-pri-method-on-http1", "RFC 9113 11.6", SHOULD, b"PRI * HTTP/1.1" + HOST, refuse(400, 405, 501, 505)),
    Case("line-tls-hello", "TLS on a clear port", MUST, b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"x" * 60 + b"\r\n\r\n", refuse()),
    Case("line-http09-get", "RFC 9112 2.3; CVE-2017-7656 (Jetty)", MUST, b"GET /p\r\n", refuse(400, 505)),
    Case("line-proxy-header-unasked", "PROXY protocol spec 2", MUST, b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /p HTTP/1.1" + HOST, refuse()),
    Case("line-status-line-as-request", "response splitting", MUST, b"HTTP/1.1 200 OK" + HOST, refuse()),
    Case("line-only-spaces", "RFC 9112 3", MUST, b"   " + HOST, refuse()),
    Case("line-quotes-around", "RFC 9112 3", MUST, b'"GET /p HTTP/1.1"' + HOST, refuse()),
]
