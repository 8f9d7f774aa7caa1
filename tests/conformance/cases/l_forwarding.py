# SPDX-License-Identifier: Apache-2.0
"""What a gateway takes out, puts in and leaves alone on the way to the origin (RFC 9110 7.6)."""
from model import MUST, SHOULD, Case, accept, refuse


def forward(name, source, level, lines, want):
    return Case("forward-" + name, source, level, b"GET /p HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n", want)


def named(name, field, source="RFC 9110 7.6.1"):
    return forward("named-" + name, source, MUST, b"Connection: " + field.encode() + b"\r\n" + field.encode() + b": 1\r\n", accept(absent=[field.lower()]))


CASES = [
    named("one", "X-Hop"), named("other-case", "X-HOP-Two"), named("close-too", "X-Kept"),
    forward("named-in-list", "RFC 9110 7.6.1", MUST, b"Connection: a, x-hop ,b\r\nX-Hop: 1\r\nX-End: 2\r\n", accept(absent=["x-hop"], fields={"x-end": "2"})),
    forward("named-second-line", "RFC 9110 7.6.1", MUST, b"Connection: keep-alive\r\nX-Hop: 1\r\nConnection: x-hop\r\n", accept(absent=["x-hop"])),
    forward("named-repeated-field", "RFC 9110 7.6.1", MUST, b"Connection: x-hop\r\nX-Hop: 1\r\nX-Hop: 2\r\n", accept(absent=["x-hop"])),
    forward("named-host", "Davison 2019: hop-by-hop abuse", MUST, b"Connection: Host\r\n", accept(fields={"host": "a.test"})),
    forward("named-x-forwarded-for", "CVE-2022-31813 (Apache)", SHOULD, b"Connection: X-Forwarded-For\r\nX-Forwarded-For: 6.6.6.6\r\n",
            (accept(), refuse())),
    forward("te-gzip", "RFC 9110 10.1.4", MUST, b"TE: gzip\r\n", accept(absent=["te"])),
    forward("te-trailers", "RFC 9110 10.1.4", SHOULD, b"TE: trailers\r\nConnection: TE\r\n", (accept(fields={"te": "trailers"}), accept(absent=["te"]))),
    forward("te-trailers-and-gzip", "RFC 9110 10.1.4", MUST, b"TE: gzip;q=0.5, trailers\r\nConnection: TE\r\n", (accept(fields={"te": "trailers"}), accept(absent=["te"]))),
    forward("proxy-authenticate-stays-off", "RFC 9110 11.7.1", SHOULD, b"Proxy-Authenticate: Basic\r\n", accept()),
    forward("proxy-connection", "RFC 9112 C.2.2", MUST, b"Proxy-Connection: keep-alive\r\n", accept(absent=["proxy-connection"])),
    forward("keep-alive", "RFC 9110 7.6.1", MUST, b"Keep-Alive: timeout=5\r\n", accept(absent=["keep-alive"])),
    forward("upgrade", "RFC 9110 7.8", MUST, b"Upgrade: x\r\n", accept(absent=["upgrade"])),
    forward("http2-settings", "RFC 9113 3.1", SHOULD, b"HTTP2-Settings: AAAA\r\n", accept(absent=["http2-settings"])),
    forward("via-added", "RFC 9110 7.6.3", MUST, b"", accept(has=["via"])),
    forward("via-appended", "RFC 9110 7.6.3", MUST, b"Via: 1.0 fred\r\n", accept(has=["via"])),
    forward("unknown-passed-on", "RFC 9110 5.1: must be forwarded", MUST, b"X-Whatever: 1\r\nContent-Foo: 2\r\n", accept(fields={"x-whatever": "1", "content-foo": "2"})),
    forward("authorization-passed-on", "RFC 9110 11.6.2", MUST, b"Authorization: Basic eDp5\r\n", accept(fields={"authorization": "Basic eDp5"})),
    forward("cookie-passed-on", "RFC 6265 5.4", MUST, b"Cookie: a=b; c=d\r\n", accept(fields={"cookie": "a=b; c=d"})),
    forward("accept-encoding-passed-on", "RFC 9110 12.5.3", MUST, b"Accept-Encoding: br\r\n", accept(fields={"accept-encoding": "br"})),
    forward("range-passed-on", "RFC 9110 14.2; CVE-2011-3192 (Apache)", MUST, b"Range: bytes=0-,0-,0-,0-\r\n", accept(fields={"range": "bytes=0-,0-,0-,0-"})),
    forward("if-none-match-passed-on", "RFC 9110 13.1.2", MUST, b'If-None-Match: "a", W/"b"\r\n', accept(fields={"if-none-match": '"a", W/"b"'})),
    Case("forward-version", "RFC 9110 2.5: own version", MUST, b"GET /p HTTP/1.0\r\nHost: a.test\r\n\r\n", (accept(minor=1, end="closed"), accept(minor=0, end="closed"))),
    Case("forward-max-forwards-options", "RFC 9110 7.6.2: must be counted", MUST, b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
         (accept(fields={"max-forwards": "4"}), refuse(405, 501, end="any"))),
    Case("forward-max-forwards-none-left", "RFC 9110 7.6.2: must not be forwarded", MUST, b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 0\r\n\r\n",
         refuse(200, 204, 405, 501, end="any")),
    Case("forward-max-forwards-not-a-number", "own policy: what says two things is refused", SHOULD, b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 1, 0\r\n\r\n",
         refuse(400, 405, 501, end="any")),
    Case("forward-max-forwards-twice", "own policy: what says two things is refused", SHOULD, b"OPTIONS /p HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 1\r\nMax-Forwards: 0\r\n\r\n",
         refuse(400, 405, 501, end="any")),
    forward("max-forwards-of-get", "RFC 9110 7.6.2: may be ignored", MUST, b"Max-Forwards: 0\r\n", accept(fields={"max-forwards": "0"})),
    forward("x-method-override-no-effect", "RFC 9110 9.1", MUST, b"X-HTTP-Method-Override: DELETE\r\n", accept(method="GET")),
    forward("x-original-url-no-effect", "Kettle 2018: practical cache poisoning", MUST, b"X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n", accept(target="/p")),
    forward("date-passed-on", "RFC 9110 6.6.1", SHOULD, b"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", accept(fields={"date": "Tue, 15 Nov 1994 08:12:31 GMT"})),
    forward("field-order-of-equal-names", "RFC 9110 5.3", MUST, b"X-A: 1\r\nX-B: 2\r\nX-A: 3\r\n", (accept(fields={"x-a": ["1", "3"]}), accept(fields={"x-a": "1, 3"}))),
]
