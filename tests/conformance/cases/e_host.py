# SPDX-License-Identifier: Apache-2.0
"""Host (RFC 9110 7.2, RFC 9112 3.2)."""
from model import MUST, SHOULD, Case, accept, refuse


def sent(lines, version=b"1.1"):
    return b"GET /p HTTP/" + version + b"\r\n" + lines + b"\r\n"


def host(name, source, level, lines, want, version=b"1.1"):
    return Case("host-" + name, source, level, sent(lines, version), want)


def good(name, value):
    return host(name, "RFC 3986 3.2.2", MUST, b"Host: " + value + b"\r\n", accept(fields={"host": value.decode()}))


def bad(name, value, level=MUST, source="RFC 9110 7.2; RFC 3986 3.2"):
    return host(name, source, level, b"Host: " + value + b"\r\n", refuse())


CASES = [
    good("name", b"a.test"), good("name-and-port", b"a.test:8080"), good("ipv4", b"127.0.0.1"), good("ipv6", b"[::1]"), good("ipv6-port", b"[::1]:80"),
    good("one-label", b"localhost"),
    host("underscore", "real names have them", SHOULD, b"Host: a_b.test\r\n", accept(fields={"host": "a_b.test"})),
    host("empty-port", "RFC 3986 3.2.3", SHOULD, b"Host: a.test:\r\n", (accept(), refuse())),
    host("none-http11", "RFC 9112 3.2", MUST, b"X: 1\r\n", refuse()),
    host("none-http10", "RFC 9112 3.2", MUST, b"X: 1\r\n", accept(end="closed"), b"1.0"),
    host("two", "RFC 9112 3.2; ATS, Kettle 2019", MUST, b"Host: a.test\r\nHost: b.test\r\n", refuse()),
    host("two-equal", "RFC 9112 3.2", MUST, b"Host: a.test\r\nHost: a.test\r\n", refuse()),
    host("two-cases", "RFC 9112 3.2", MUST, b"Host: a.test\r\nhOST: b.test\r\n", refuse()),
    host("two-http10", "RFC 9112 3.2", MUST, b"Host: a.test\r\nHost: b.test\r\n", refuse(), b"1.0"),
    host("empty", "RFC 9112 3.2: only without an authority", SHOULD, b"Host:\r\n", refuse()),
    host("blank", "RFC 9112 3.2", SHOULD, b"Host: \t \r\n", refuse()),
    bad("space-inside", b"a b"), bad("tab-inside", b"a\tb"), bad("comma", b"a.test,b.test", SHOULD), bad("slash", b"a.test/b"), bad("at", b"u@a.test"),
    bad("scheme", b"http://a.test"), bad("bad-port", b"a.test:x"), bad("big-port", b"a.test:65536", SHOULD), bad("negative-port", b"a.test:-1"),
    bad("two-ports", b"a.test:80:81"), bad("fragment", b"a.test#b"), bad("query", b"a.test?b"), bad("open-bracket", b"[::1"),
    bad("closed-bracket", b"::1]"), bad("ipv6-raw", b"::1"), bad("ipv6-empty", b"[]"), bad("ipv6-junk", b"[::1]x"), bad("ipv6-letters", b"[::xyz]"),
    bad("backslash", b"a\\b"), bad("quote", b'"a"', SHOULD), bad("less", b"<a>", SHOULD, "CVE-2006-3918 class: reflected Host"),
    bad("nul", b"a\0b"), bad("delete", b"a\x7fb"), bad("high-byte", b"\xc3\xa9.test", SHOULD), bad("caret", b"a^b", SHOULD), bad("pipe", b"a|b", SHOULD),
    bad("brace", b"{a}", SHOULD), bad("backtick", b"`a`", SHOULD), bad("percent-broken", b"a%zz", SHOULD),
    bad("crlf-encoded", b"a%0d%0ab", SHOULD, "CVE-2023-29406 (Go): Host taken over unchecked"),
    bad("nul-encoded", b"a%00b", SHOULD, "RFC 3986 3.2.2"), bad("slash-encoded", b"a%2fb", SHOULD, "RFC 3986 3.2.2"),
    host("fold", "RFC 9112 5.2; CVE-2024-27982 family", SHOULD, b"Host: a.test\r\n b.test\r\n", refuse()),
    host("absolute-form-without-host", "RFC 9112 3.2", MUST, b"", refuse()),
    Case("host-absolute-without-host", "RFC 9112 3.2.2, 3.2", MUST, b"GET http://a.test/p HTTP/1.1\r\n\r\n", refuse()),
    Case("host-absolute-http10-without-host", "RFC 9112 3.2.2", SHOULD, b"GET http://a.test/p HTTP/1.0\r\n\r\n", (accept(target="/p", end="closed"), refuse())),
    Case("host-absolute-with-bad-host", "RFC 9112 3.2.2", MUST, b"GET http://a.test/p HTTP/1.1\r\nHost: a b\r\n\r\n",
         (refuse(), accept(fields={"host": "a.test"}))),
    host("visible-hidden", "Kettle 2025: V-H, H-V", MUST, b"Host: a.test\r\n Host: b.test\r\n", refuse()),
    host("x-host-stays", "RFC 9110 7.2", MUST, b"Host: a.test\r\nX-Forwarded-Host: b.test\r\n", accept(fields={"host": "a.test"})),
    host("long", "RFC 1035 2.3.4: 255", SHOULD, b"Host: " + b"a" * 3000 + b"\r\n", (accept(), refuse(400, 414, 431))),
]
