# SPDX-License-Identifier: Apache-2.0
"""The header section (RFC 9112 5, RFC 9110 5)."""
from model import MUST, SHOULD, Case, accept, refuse


def with_lines(lines):
    return b"GET /p HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n"


def field(name, source, level, lines, want):
    return Case("field-" + name, source, level, with_lines(lines), want)


def name_byte(name, text, source="RFC 9110 5.1"):
    return field("name-" + name, source, MUST, b"X" + text + b"Y: 1\r\n", refuse())


def value_byte(name, text, level=MUST, source="RFC 9110 5.5"):
    return field("value-" + name, source, level, b"X: a" + text + b"b\r\n", refuse())


SMUGGLED = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"
CASES = [
    field("plain", "RFC 9112 5", MUST, b"X-A: 1\r\nX-B: two words\r\n", accept(fields={"x-a": "1", "x-b": "two words"})),
    field("no-space-after-colon", "RFC 9112 5.1", MUST, b"X-A:1\r\n", accept(fields={"x-a": "1"})),
    field("white-space-around-value", "RFC 9112 5.1", MUST, b"X-A: \t 1 \t\r\n", accept(fields={"x-a": "1"})),
    field("white-space-after-value-hides", "CVE-2019-18802 (Envoy)", MUST, b"X-A: admin \r\n", accept(fields={"x-a": "admin"})),
    field("empty-value", "RFC 9110 5.5", MUST, b"X-A:\r\nX-B: 2\r\n", accept(fields={"x-a": "", "x-b": "2"})),
    field("blank-value", "RFC 9110 5.5", MUST, b"X-A:  \t\r\n", accept(fields={"x-a": ""})),
    field("repeated-keep-order", "RFC 9110 5.3", MUST, b"X-A: 1\r\nX-A: 2\r\nX-A: 3\r\n", (accept(fields={"x-a": ["1", "2", "3"]}), accept(fields={"x-a": "1, 2, 3"}))),
    field("case-of-names", "RFC 9110 5.1", MUST, b"x-CaSe: 1\r\n", accept(fields={"x-case": "1"})),
    field("all-token-bytes", "RFC 9110 5.6.2", SHOULD, b"!#$%&'*+-.^`|~9: 1\r\n", (accept(fields={"!#$%&'*+-.^`|~9": "1"}), accept(absent=["!#$%&'*+-.^`|~9"]))),
    field("high-bytes-in-value", "RFC 9110 5.5: obs-text", SHOULD, b"X-A: caf\xc3\xa9\r\n", (accept(fields={"x-a": "caf\xc3\xa9"}), refuse())),
    field("tab-in-value", "RFC 9110 5.5", SHOULD, b"X-A: a\tb\r\n", (accept(fields={"x-a": "a\tb"}), refuse())),
    field("colon-in-value", "RFC 9112 5", MUST, b"X-A: b: c\r\n", accept(fields={"x-a": "b: c"})),
    field("space-before-colon", "RFC 9112 5.1; CVE-2019-16276 (Go), CVE-2019-16869 (Netty), CVE-2018-8004 (ATS)", MUST, b"X-A : 1\r\n", refuse()),
    field("tab-before-colon", "RFC 9112 5.1", MUST, b"X-A\t: 1\r\n", refuse()),
    field("space-before-colon-te", "RFC 9112 5.1; Kettle 2019", MUST, b"Transfer-Encoding : chunked\r\n", refuse()),
    field("space-before-colon-host", "RFC 9112 5.1", MUST, b"Host : b.test\r\n", refuse()),
    field("space-before-colon-length", "RFC 9112 5.1; CVE-2021-22959 (Node)", MUST, b"Content-Length : 0\r\n", refuse()),
    field("space-in-name", "RFC 9110 5.1", MUST, b"X A: 1\r\n", refuse()),
    field("no-colon", "RFC 9112 5; Kettle 2025", MUST, b"X-A\r\n", refuse()),
    field("no-colon-te", "CVE-2019-20445 (Netty)", MUST, b"Transfer-Encoding chunked\r\n", refuse()),
    field("empty-name", "CVE-2023-25725 (HAProxy)", MUST, b": 1\r\n", refuse()),
    field("empty-name-hides-rest", "CVE-2023-25725 (HAProxy)", MUST, b":\r\nContent-Length: 5\r\n", refuse()),
    Case("field-empty-name-first", "CVE-2023-25725 (HAProxy)", MUST, b"GET /p HTTP/1.1\r\n: x\r\nHost: a.test\r\n\r\n", refuse()),
    Case("field-space-first-line", "RFC 9112 2.2; CVE-2024-27982 (Node)", MUST, b"GET /p HTTP/1.1\r\n Host: a.test\r\nHost: b.test\r\n\r\n", refuse()),
    Case("field-tab-first-line", "RFC 9112 2.2", MUST, b"GET /p HTTP/1.1\r\n\tX: 1\r\nHost: a.test\r\n\r\n", refuse()),
    Case("field-space-before-length", "CVE-2024-27982 (Node)", MUST, b"POST /p HTTP/1.1\r\nHost: a.test\r\n Content-Length: 5\r\n\r\nhello", refuse()),
    field("obs-fold", "RFC 9112 5.2", SHOULD, b"X-A: 1\r\n 2\r\n", refuse()),
    field("obs-fold-tab", "RFC 9112 5.2", SHOULD, b"X-A: 1\r\n\t2\r\n", refuse()),
    field("obs-fold-empty", "RFC 9112 5.2", SHOULD, b"X-A:\r\n 1\r\n", refuse()),
    field("obs-fold-hides-te", "CVE-2022-32215, CVE-2022-35256 (Node)", MUST, b"Transfer-Encoding:\r\n chunked\r\n", refuse(400, 501)),
    field("obs-fold-after-te", "CVE-2022-32215 (Node)", MUST, b"Transfer-Encoding: chunked\r\n , identity\r\n", refuse(400, 501)),
    field("obs-fold-length", "RFC 9112 5.2", SHOULD, b"Content-Length:\r\n 0\r\n", refuse()),
    field("obs-fold-blank-line", "RFC 9112 5.2", SHOULD, b"X-A: 1\r\n \r\nX-B: 2\r\n", refuse()),
    field("bare-lf-end", "RFC 9112 2.2; CVE-2021-37147 (ATS)", SHOULD, b"X-A: 1\nX-B: 2\r\n", refuse()),
    field("bare-lf-hides-te", "CVE-2019-16785 (waitress)", MUST, b"X-A: 1\nTransfer-Encoding: chunked\r\n",
          (refuse(), accept(body=b"", end="any"))),
    field("bare-cr-end", "RFC 9112 2.2", MUST, b"X-A: 1\rX-B: 2\r\n", refuse()),
    field("bare-cr-hides-te", "RFC 9112 2.2; CVE-2020-8201 (Node)", MUST, b"X-A: 1\rTransfer-Encoding: chunked\r\n", refuse()),
    field("cr-after-empty-value", "CVE-2023-30589 (Node)", MUST, b"X-Abc:\rxTransfer-Encoding: chunked\r\n", refuse()),
    field("cr-cr-lf", "RFC 9112 2.2", MUST, b"X-A: 1\r\r\n", refuse()),
    field("lf-cr", "RFC 9112 2.2", MUST, b"X-A: 1\n\rX-B: 2\r\n", refuse()),
    Case("field-section-ends-lf", "RFC 9112 2.2", SHOULD, b"GET /p HTTP/1.1\r\nHost: a.test\r\n\n", refuse()),
    Case("field-section-ends-cr-x", "CVE-2025-23167 (Node)", MUST, b"GET /p HTTP/1.1\r\nHost: a.test\r\n\rX" + SMUGGLED, refuse()),
    Case("field-section-ends-lf-lf", "RFC 9112 2.2", SHOULD, b"GET /p HTTP/1.1\nHost: a.test\n\n", refuse()),
    Case("field-section-ends-cr-cr", "RFC 9112 2.2", MUST, b"GET /p HTTP/1.1\r\nHost: a.test\r\r\r\n\r\n", refuse()),
    name_byte("nul", b"\0", "CVE-2019-9900 (Envoy)"), name_byte("delete", b"\x7f"), name_byte("high", b"\xc3\xa9"), name_byte("parenthesis", b"("),
    name_byte("slash", b"/"), name_byte("at", b"@"), name_byte("quote", b'"'), name_byte("bracket", b"["), name_byte("comma", b","),
    name_byte("semicolon", b";"), name_byte("equals", b"="), name_byte("question", b"?"), name_byte("backslash", b"\\"), name_byte("brace", b"{"),
    name_byte("vertical-tab", b"\x0b"), name_byte("form-feed", b"\x0c"), name_byte("backspace", b"\x08"), name_byte("cr", b"\r"),
    value_byte("nul", b"\0", source="RFC 9110 5.5; CVE-2019-9900 (Envoy)"), value_byte("0x01", b"\x01"), value_byte("backspace", b"\x08"),
    value_byte("vertical-tab", b"\x0b"), value_byte("form-feed", b"\x0c"), value_byte("escape", b"\x1b", SHOULD), value_byte("delete", b"\x7f", SHOULD),
    field("underscore-shadows-known", "nginx underscores_in_headers; CGI and WSGI name mangling", SHOULD, b"X_Forwarded_For: 6.6.6.6\r\n",
          (accept(absent=["x_forwarded_for"]), refuse())),
    field("underscore-shadows-length", "CGI and WSGI name mangling", SHOULD, b"Content_Length: 5\r\n", (accept(absent=["content_length"]), refuse())),
    field("underscore-shadows-te", "CGI and WSGI name mangling", SHOULD, b"Transfer_Encoding: chunked\r\n", (accept(absent=["transfer_encoding"]), refuse())),
    field("te-with-dot", "Kettle 2019", SHOULD, b"Transfer.Encoding: chunked\r\n", (accept(body=b""), refuse())),
    field("length-of-270", "CVE-2021-40346 (HAProxy): name length overflow", MUST, b"Content-Length0" + b"a" * 255 + b":\r\nContent-Length: 0\r\n",
          (accept(body=b""), refuse(400, 431))),
    field("proxy-field", "CVE-2016-5387 (httpoxy)", SHOULD, b"Proxy: http://evil.test\r\n", (accept(absent=["proxy"]), refuse())),
    field("connection-as-value-injection", "header injection", MUST, b"X-A: 1, Transfer-Encoding: chunked\r\n", accept(fields={"x-a": "1, Transfer-Encoding: chunked"})),
]
