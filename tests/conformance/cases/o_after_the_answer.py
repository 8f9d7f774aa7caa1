# SPDX-License-Identifier: Apache-2.0
"""Answers without a body, interim answers, bytes behind an answer, fields of answers (RFC 9110 15, RFC 9112 6.3, 9)."""
from model import GET, MUST, SHOULD, Case, Origin, bad_gateway, broken, passes

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EVIL = b"HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nEVIL"
HEAD = b"HEAD /asked HTTP/1.1\r\nHost: a.test\r\n\r\n"
GET10 = b"GET /asked HTTP/1.0\r\nHost: a.test\r\n\r\n"
POST = b"POST /asked HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello"


def after(name, source, level, bytes_, want, end="keep", send=GET, when="whole", **more):
    return Case("after-" + name, source, level, send, want, Origin(bytes_, end=end, when=when), **more)


CASES = [
    # No body, whatever the fields say. The probe behind each shows that nothing is left in the connection.
    after("204", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 204 No Content\r\n\r\n", passes(204, absent=["content-length", "transfer-encoding"])),
    after("204-with-length", "RFC 9112 6.3, 1.; RFC 9110 8.6", MUST, b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
          (passes(204, absent=["content-length"], end="any"), bad_gateway()), end="close"),
    after("204-with-body", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", (passes(204, end="any"), bad_gateway())),
    after("204-chunked", "RFC 9112 6.1", MUST, b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          (passes(204, absent=["transfer-encoding"], end="any"), bad_gateway())),
    after("204-then-evil", "response queue poisoning", MUST, b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL, passes(204, end="any")),
    after("304", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", passes(304, fields={"etag": '"a"'})),
    after("304-with-length", "RFC 9110 8.6", MUST, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", passes(304)),
    after("304-then-evil", "ATS: bytes behind a 304 became the next answer", MUST, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + EVIL, passes(304, end="any")),
    after("304-chunked", "RFC 9112 6.1", MUST, b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", (passes(304, end="any"), bad_gateway())),
    after("205-with-body", "RFC 9110 15.3.6", SHOULD, b"HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nok", (passes(205, end="any"), bad_gateway())),
    after("head", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", passes(fields={"content-length": "500"}), send=HEAD),
    after("head-chunked", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", passes(body=b""), send=HEAD),
    after("head-without-framing", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 200 OK\r\n\r\n", passes(body=b"", end="any"), send=HEAD),
    after("head-with-body", "RFC 9112 6.3, 1.", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", passes(body=b"", end="any"), send=HEAD),
    after("head-then-evil", "response queue poisoning; Kettle 2022", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + EVIL, passes(body=b"", end="any"), send=HEAD),
    after("head-error", "RFC 9110 9.3.2", MUST, b"garbage\r\n\r\n", bad_gateway(), send=HEAD, end="close"),
    # Bytes that nobody asked for.
    after("second-answer", "response queue poisoning; CVE-2021-40346 (HAProxy) class", MUST, OK + EVIL, passes(body=b"ok", end="any")),
    after("second-answer-chunked", "response queue poisoning", MUST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + EVIL, passes(body=b"ok", end="any")),
    after("second-answer-in-pieces", "response queue poisoning", MUST, [OK, EVIL[:20], EVIL[20:]], passes(body=b"ok", end="any")),
    after("junk-behind", "RFC 9112 6.3", MUST, OK + b"junk", passes(body=b"ok", end="any")),
    after("crlf-behind", "RFC 9112 6.3", MUST, OK + b"\r\n", passes(body=b"ok", end="any")),
    after("body-longer-than-length", "RFC 9112 6.3", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"x" * 100, passes(body=b"ok", end="any")),
    after("zero-length-then-evil", "response queue poisoning", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + EVIL, passes(body=b"", end="any")),
    after("closed-after-answer", "RFC 9112 9.6", MUST, OK, passes(body=b"ok"), end="close"),
    after("reset-after-answer", "RFC 9112 9.6", SHOULD, OK, (passes(body=b"ok", end="any"), bad_gateway(), broken()), end="reset"),
    after("close-announced", "RFC 9112 9.6", MUST, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", absent=["connection"]), end="close"),
    after("close-announced-and-kept", "RFC 9112 9.6", MUST, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok" + EVIL, passes(body=b"ok")),
    after("before-the-whole-request", "RFC 9112 9.3; CL.0 towards the origin", MUST, OK, passes(body=b"ok", end="any"), send=POST),
    # 1xx.
    after("100-unasked", "RFC 9110 15.2", MUST, b"HTTP/1.1 100 Continue\r\n\r\n" + OK, passes(body=b"ok")),
    after("103", "RFC 8297 2; nginx 1.22 hangs", MUST, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, passes(body=b"ok")),
    after("103-to-http10", "RFC 9110 15.2: no 1xx to 1.0", MUST, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, passes(body=b"ok", interim=(), end="closed"), send=GET10),
    after("102-twice", "RFC 9110 15.2", MUST, b"HTTP/1.1 102 Processing\r\n\r\n" * 2 + OK, passes(body=b"ok")),
    after("199-unknown", "RFC 9110 15.2", SHOULD, b"HTTP/1.1 199 X\r\n\r\n" + OK, (passes(body=b"ok"), bad_gateway())),
    after("103-with-length", "RFC 9110 15.2: no body", MUST, b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + OK, (passes(body=b"ok"), bad_gateway())),
    after("103-only", "RFC 9110 15.2: a final answer has to follow", MUST, b"HTTP/1.1 103 Early Hints\r\n\r\n", bad_gateway(), end="close"),
    after("100-only", "RFC 9110 15.2", MUST, b"HTTP/1.1 100 Continue\r\n\r\n", bad_gateway(), end="close"),
    after("103-bad", "RFC 9112 5", MUST, b"HTTP/1.1 103 Early Hints\r\nX A: 1\r\n\r\n" + OK, bad_gateway(), end="close"),
    after("100-a-thousand", "memory and time out of proportion", SHOULD, b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000 + OK, (passes(body=b"ok", end="any"), bad_gateway())),
    # To the client.
    after("connection-named-dropped", "RFC 9110 7.6.1", MUST, b"HTTP/1.1 200 OK\r\nConnection: x-hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", absent=["x-hop"])),
    after("keep-alive-dropped", "RFC 9110 7.6.1", MUST, b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", absent=["keep-alive"])),
    after("proxy-connection-dropped", "RFC 9112 C.2.2", SHOULD, b"HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", absent=["proxy-connection"])),
    after("upgrade-dropped", "RFC 9110 7.8", SHOULD, b"HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok", passes(body=b"ok", absent=["upgrade"])),
    after("via-added", "RFC 9110 7.6.3", SHOULD, OK, passes(body=b"ok", has=["via"])),
    after("date-added", "RFC 9110 6.6.1", MUST, OK, passes(body=b"ok", has=["date"])),
    after("date-kept", "RFC 9110 6.6.1", SHOULD, b"HTTP/1.1 200 OK\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nContent-Length: 2\r\n\r\nok",
          passes(body=b"ok", fields={"date": "Tue, 15 Nov 1994 08:12:31 GMT"})),
    after("set-cookie-apart", "RFC 9110 5.3; RFC 6265 3", MUST, b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
          passes(body=b"ok", fields={"set-cookie": ["a=1", "b=2"]})),
    after("http10-answer-gets-own-version", "RFC 9110 2.5", MUST, b"HTTP/1.0 200 OK\r\n\r\nok", passes(body=b"ok", minor=1, end="any"), end="close"),
    after("chunked-to-http10", "RFC 9112 6.1: no chunks to 1.0", MUST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
          passes(body=b"ok", absent=["transfer-encoding"], end="closed"), send=GET10),
    after("chunks-cut-to-http10", "RFC 9112 8", MUST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
          (broken(), bad_gateway(), passes(body=b"ok", end="closed")), send=GET10, end="close"),
    after("large-body", "RFC 9112 6.2", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3000000, passes(body=b"x" * 3000000)),
    after("binary-body", "RFC 9110 6.4", MUST, b"HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n" + bytes(range(256)), passes(body=bytes(range(256)))),
]
