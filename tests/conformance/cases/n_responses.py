# SPDX-License-Identifier: Apache-2.0
"""What an origin says: status lines, fields, framing (RFC 9112 4, 6.3)."""
from model import ANY, GET, MUST, SHOULD, Case, Origin, bad_gateway, broken, passes

OK = b"HTTP/1.1 200 OK\r\n"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"


def said(name, source, level, bytes_, want, end="keep", send=GET, **more):
    return Case("answer-" + name, source, level, send, want, Origin(bytes_, end=end), **more)


def status(name, line, level=MUST, source="RFC 9112 4"):
    return said("status-" + name, source, level, line + b"Content-Length: 2\r\n\r\nok", bad_gateway(), end="close")


def field(name, lines, source="RFC 9112 5", level=MUST):
    return said("field-" + name, source, level, OK + lines + b"Content-Length: 2\r\n\r\nok", bad_gateway(), end="close")


def framing(name, source, level, lines, body, want, **more):
    return said("framing-" + name, source, level, OK + lines + b"\r\n" + body, want, **more)


CASES = [
    said("plain", "RFC 9112 4", MUST, OK + b"Content-Length: 2\r\n\r\nok", passes(body=b"ok", fields={"content-length": "2"})),
    said("reason-empty", "RFC 9112 4", MUST, b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok")),
    said("reason-left-out", "RFC 9112 4: many do", SHOULD, b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", (passes(body=b"ok"), bad_gateway())),
    said("status-unknown", "RFC 9110 15: by its class", MUST, b"HTTP/1.1 299 X\r\nContent-Length: 2\r\n\r\nok", passes(299, body=b"ok")),
    said("status-599", "RFC 9110 15", MUST, b"HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\nok", passes(599, body=b"ok")),
    said("http10", "RFC 9112 9.3", MUST, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", minor=1), end="close"),
    status("99", b"HTTP/1.1 99 X\r\n"), status("20", b"HTTP/1.1 20 X\r\n"), status("2000", b"HTTP/1.1 2000 X\r\n"), status("000", b"HTTP/1.1 000 X\r\n"),
    status("600", b"HTTP/1.1 600 X\r\n", SHOULD, "RFC 9110 15: 100 to 599"), status("999", b"HTTP/1.1 999 X\r\n", SHOULD, "RFC 9110 15: 100 to 599"),
    status("letters", b"HTTP/1.1 abc X\r\n"), status("minus", b"HTTP/1.1 -200 X\r\n"), status("plus", b"HTTP/1.1 +20 X\r\n"), status("hex", b"HTTP/1.1 0xC8 X\r\n"),
    status("two-spaces", b"HTTP/1.1  200 OK\r\n", SHOULD), status("tab", b"HTTP/1.1\t200 OK\r\n", SHOULD), status("none", b"HTTP/1.1 OK\r\n"),
    status("http2", b"HTTP/2.0 200 OK\r\n", SHOULD), status("http09", b"HTTP/0.9 200 OK\r\n", SHOULD), status("http-lower", b"http/1.1 200 OK\r\n"),
    status("icy", b"ICY 200 OK\r\n"), status("rtsp", b"RTSP/1.0 200 OK\r\n"), status("space-first", b" HTTP/1.1 200 OK\r\n"), status("garbage", b"garbage\r\n"),
    status("empty-line-first", b"\r\nHTTP/1.1 200 OK\r\n", SHOULD), status("nul-in-reason", b"HTTP/1.1 200 O\0K\r\n"), status("cr-in-reason", b"HTTP/1.1 200 O\rK\r\n"),
    status("escape-in-reason", b"HTTP/1.1 200 O\x1bK\r\n", SHOULD), status("bare-lf", b"HTTP/1.1 200 OK\n", SHOULD), status("bare-cr", b"HTTP/1.1 200 OK\r"),
    status("request-line", b"GET / HTTP/1.1\r\n"), status("digits-joined", b"HTTP/1.1 200OK\r\n"), status("version-1-2", b"HTTP/1.2 200 OK\r\n", SHOULD),
    said("html-only", "HTTP/0.9; nginx passes it on", MUST, b"<html>hi</html>", bad_gateway(), end="close"),
    said("nothing", "RFC 9110 15.6.3", MUST, b"", bad_gateway(seen=ANY), end="close"),
    said("reset", "RFC 9110 15.6.3", MUST, b"", bad_gateway(seen=ANY), end="reset"),
    said("head-cut", "RFC 9112 8", MUST, OK + b"Content-Le", bad_gateway(), end="close"),
    said("head-cut-in-status", "RFC 9112 8", MUST, b"HTTP/1.1 2", bad_gateway(), end="close"),
    field("space-before-colon", b"X-A : 1\r\n", "RFC 9112 5.1", SHOULD), field("empty-name", b": 1\r\n"), field("no-colon", b"X-A\r\n"), field("nul", b"X-A: a\0b\r\n"),
    field("bare-cr", b"X-A: a\rX-B: b\r\n"), field("bare-lf", b"X-A: a\nX-B: b\r\n", "RFC 9112 2.2", SHOULD), field("fold", b"X-A: 1\r\n 2\r\n", "RFC 9112 5.2", SHOULD),
    field("fold-te", b"Transfer-Encoding:\r\n chunked\r\n", "RFC 9112 5.2"), field("name-space", b"X A: 1\r\n"), field("escape", b"X-A: a\x1bb\r\n", "RFC 9110 5.5", SHOULD),
    field("2000", b"X: 1\r\n" * 2000, "limit; ATS stops answering", SHOULD), field("1-mb", b"X: " + b"a" * (1 << 20) + b"\r\n", "limit"),
    framing("until-close", "RFC 9112 6.3, 8.", MUST, b"", b"ok", passes(body=b"ok", end="any"), end="close"),
    framing("chunked", "RFC 9112 7.1", MUST, b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\n\r\n", passes(body=b"ok")),
    framing("chunked-extension", "RFC 9112 7.1.1", MUST, b"Transfer-Encoding: chunked\r\n", b"2;a=b\r\nok\r\n0\r\n\r\n", passes(body=b"ok")),
    framing("chunked-trailers", "RFC 9110 6.5", SHOULD, b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n", passes(body=b"ok")),
    framing("chunked-framing-trailers", "RFC 9110 6.5.1", MUST, b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n",
            passes(body=b"ok", trailers={}) , methods=("GET",)),
    framing("length-and-te", "RFC 9112 6.3, 3.", SHOULD, b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("two-lengths", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 2\r\nContent-Length: 3\r\n", b"ok!", bad_gateway(), end="close"),
    framing("two-equal-lengths", "RFC 9112 6.3, 5.: may be merged", SHOULD, b"Content-Length: 2\r\nContent-Length: 2\r\n", b"ok",
            (passes(body=b"ok", fields={"content-length": "2"}, end="any"), bad_gateway())),
    framing("length-list-equal", "RFC 9112 6.3, 5.", SHOULD, b"Content-Length: 2, 2\r\n", b"ok", (passes(body=b"ok", fields={"content-length": "2"}, end="any"), bad_gateway())),
    framing("length-list-differs", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 2, 3\r\n", b"ok!", bad_gateway(), end="close"),
    framing("length-plus", "RFC 9112 6.3, 5.", MUST, b"Content-Length: +2\r\n", b"ok", bad_gateway(), end="close"),
    framing("length-minus", "RFC 9112 6.3, 5.", MUST, b"Content-Length: -2\r\n", b"ok", bad_gateway(), end="close"),
    framing("length-letters", "RFC 9112 6.3, 5.; nginx ignores it", MUST, b"Content-Length: two\r\n", b"ok", bad_gateway(), end="close"),
    framing("length-hex", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 0x2\r\n", b"ok", bad_gateway(), end="close"),
    framing("length-empty", "RFC 9112 6.3, 5.", MUST, b"Content-Length:\r\n", b"ok", bad_gateway(), end="close"),
    framing("length-overflow", "RFC 9112 6.3, 5.", MUST, b"Content-Length: 18446744073709551618\r\n", b"ok", bad_gateway(), end="close"),
    framing("te-unknown", "RFC 9112 6.3, 4.", SHOULD, b"Transfer-Encoding: cow\r\n", b"ok", bad_gateway(), end="close"),
    framing("te-gzip-chunked", "RFC 9112 6.1", SHOULD, b"Transfer-Encoding: gzip, chunked\r\n", b"2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("te-chunked-not-last", "RFC 9112 6.3, 4.", SHOULD, b"Transfer-Encoding: chunked, gzip\r\n", b"2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("te-twice", "RFC 9112 6.1", MUST, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("te-xchunked", "RFC 9112 6.1", MUST, b"Transfer-Encoding: xchunked\r\n", b"2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("te-empty", "RFC 9112 6.1", MUST, b"Transfer-Encoding:\r\n", b"ok", bad_gateway(), end="close"),
    said("te-in-http10", "RFC 9112 6.1", SHOULD, b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", bad_gateway(), end="close"),
    framing("body-cut", "RFC 9112 8", MUST, b"Content-Length: 50\r\n", b"ok", (broken(), bad_gateway()), end="close"),
    framing("body-reset", "RFC 9112 8", MUST, b"Content-Length: 50\r\n", b"ok", (broken(), bad_gateway()), end="reset"),
    framing("chunks-cut", "RFC 9112 8", MUST, b"Transfer-Encoding: chunked\r\n", b"50\r\nok", (broken(), bad_gateway()), end="close"),
    framing("chunks-without-last", "RFC 9112 8", MUST, b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n", (broken(), bad_gateway()), end="close"),
    framing("chunks-cut-in-trailer", "RFC 9112 8", MUST, b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\n", (broken(), bad_gateway()), end="close"),
] + [
    framing("chunk-" + name, source, MUST, b"Transfer-Encoding: chunked\r\n", body, (broken(), bad_gateway()), end="close")
    for name, source, body in [
        ("size-letters", "RFC 9112 7.1", b"xyz\r\nok\r\n0\r\n\r\n"), ("size-minus", "RFC 9112 7.1", b"-2\r\nok\r\n0\r\n\r\n"), ("size-0x", "RFC 9112 7.1", b"0x2\r\nok\r\n0\r\n\r\n"),
        ("size-overflow", "RFC 9112 7.1", b"10000000000000002\r\nok\r\n0\r\n\r\n"), ("size-empty", "RFC 9112 7.1", b"\r\nok\r\n0\r\n\r\n"),
        ("data-two-other-bytes", "CVE-2025-43859 class", b"2\r\nokXX0\r\n\r\n"), ("data-too-long", "RFC 9112 7.1", b"2\r\nok!\r\n0\r\n\r\n"),
        ("size-bare-cr", "RFC 9112 7.1", b"2\rok\r\n0\r\n\r\n"), ("extension-1-mb", "CVE-2024-22019 class", b"2;" + b"a" * (1 << 20) + b"\r\nok\r\n0\r\n\r\n"),
        ("trailer-bad", "RFC 9112 5", b"2\r\nok\r\n0\r\nX A: 1\r\n\r\n"), ("trailer-1-mb", "limit", b"2\r\nok\r\n0\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n")]
]
