# SPDX-License-Identifier: Apache-2.0
"""Request targets: forms and bytes (RFC 9112 3.2, RFC 3986). Paths and their spellings are in paths.py."""
from model import MUST, SHOULD, Case, accept, refuse


def asked(target, method=b"GET", host=b"a.test"):
    return method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"


def target(name, source, level, text, want, **more):
    return Case("target-" + name, source, level, asked(text, **more), want)


def byte(name, text, level=MUST, **more):
    return target("byte-" + name, "RFC 3986 2; RFC 9112 3.2", level, b"/a" + text + b"b", refuse(**more))


CASES = [
    target("origin-form", "RFC 9112 3.2.1", MUST, b"/a/b?c=d", accept(target="/a/b?c=d")),
    target("root", "RFC 9112 3.2.1", MUST, b"/", accept(target="/")),
    target("empty-query", "RFC 3986 3.4", SHOULD, b"/a?", accept(target="/a?")),
    target("query-bytes", "RFC 3986 3.4: / and ? in queries", MUST, b"/a?b/c?d=e%20f&g=%2F", accept(target="/a?b/c?d=e%20f&g=%2F")),
    target("query-dots-stay", "RFC 3986 3.4", MUST, b"/a?x=/../b", accept(target="/a?x=/../b")),
    target("absolute-form", "RFC 9112 3.2.2", MUST, b"http://a.test/a?b", accept(target="/a?b", fields={"host": "a.test"})),
    target("absolute-form-no-path", "RFC 9112 3.2.1", MUST, b"http://a.test", accept(target="/", fields={"host": "a.test"})),
    target("absolute-form-query-only", "RFC 9112 3.2.1", SHOULD, b"http://a.test?b=1", (accept(target="/?b=1"), refuse())),
    target("absolute-form-upper-scheme", "RFC 3986 3.1", SHOULD, b"HTTP://a.test/a", accept(target="/a")),
    target("absolute-form-port", "RFC 9112 3.2.2", MUST, b"http://a.test:8080/a", accept(target="/a", fields={"host": "a.test:8080"}), host=b"a.test:8080"),
    target("absolute-form-differs-from-host", "RFC 9112 3.2.2; cache poisoning by two hosts", MUST, b"http://b.test/a",
           (refuse(), accept(target="/a", fields={"host": "b.test"}))),
    target("absolute-form-port-differs", "RFC 9112 3.2.2", SHOULD, b"http://a.test:81/a",
           (refuse(), accept(target="/a", fields={"host": "a.test:81"}))),
    target("absolute-form-userinfo", "RFC 9110 4.2.4", SHOULD, b"http://u:p@a.test/a", refuse()),
    target("absolute-form-userinfo-hides-host", "RFC 9110 4.2.4", MUST, b"http://b.test@a.test/a", (refuse(), accept(target="/a", fields={"host": "a.test"}))),
    target("absolute-form-two-at", "RFC 3986 3.2.1", MUST, b"http://a@b@a.test/", refuse()),
    target("absolute-form-empty-host", "RFC 9110 4.2.1", MUST, b"http:///a", refuse()),
    target("absolute-form-no-slashes", "RFC 9112 3.2.2", MUST, b"http:a.test/a", refuse()),
    target("absolute-form-one-slash", "RFC 9112 3.2.2", MUST, b"http:/a.test/a", refuse()),
    target("absolute-form-bad-port", "RFC 3986 3.2.3", MUST, b"http://a.test:x/a", refuse()),
    target("absolute-form-big-port", "RFC 3986 3.2.3", SHOULD, b"http://a.test:65536/a", refuse()),
    target("absolute-form-backslash", "orange tsai 2017: URL parsers disagree", MUST, b"http://a.test\\@b.test/a", refuse()),
    target("absolute-form-fragment", "RFC 9112 3.2: no fragment", MUST, b"http://a.test#b/a", refuse()),
    target("absolute-form-ftp", "RFC 9110 4.2", SHOULD, b"ftp://a.test/a", refuse(400, 501)),
    target("absolute-form-javascript", "RFC 9110 4.2", SHOULD, b"javascript://a.test/a", refuse(400, 501)),
    target("asterisk-options", "RFC 9112 3.2.4", MUST, b"*", (accept(method="OPTIONS", target="*"), refuse(400, 404, 405, 200, 204, end="any")), method=b"OPTIONS"),
    target("asterisk-get", "RFC 9112 3.2.4", MUST, b"*", refuse()),
    target("asterisk-and-more", "RFC 9112 3.2.4", MUST, b"*x", refuse(), method=b"OPTIONS"),
    target("asterisk-query", "RFC 9112 3.2.4", MUST, b"*?a", refuse(), method=b"OPTIONS"),
    target("authority-form-get", "RFC 9112 3.2.3", MUST, b"a.test:80", refuse()),
    target("no-slash", "RFC 9112 3.2", MUST, b"a/b", refuse()),
    target("dot-first", "RFC 9112 3.2", MUST, b"../a", refuse()),
    target("question-mark-first", "RFC 9112 3.2.1", MUST, b"?a=b", refuse()),
    target("at-first", "CVE-2021-40438 class: target joined to a host", MUST, b"@b.test/a", refuse()),
    target("colon-at-first", "CVE-2021-40438 class", MUST, b":80@b.test/a", refuse()),
    target("two-slashes-first", "RFC 3986 3.3: no authority in origin-form", SHOULD, b"//b.test/a",
           (accept(target="/b.test/a", fields={"host": "a.test"}), accept(target="//b.test/a", fields={"host": "a.test"}), refuse())),
    target("fragment", "RFC 9112 3.2; CVE-2023-45539 (HAProxy)", MUST, b"/a#b", refuse()),
    target("fragment-hides-path", "CVE-2023-45539 (HAProxy)", MUST, b"/public#/../admin", refuse()),
    target("fragment-in-query", "RFC 9112 3.2", SHOULD, b"/a?b#c", refuse()),
    byte("nul", b"\0"), byte("tab", b"\t", SHOULD), byte("vertical-tab", b"\x0b"), byte("form-feed", b"\x0c"), byte("escape", b"\x1b"),
    byte("delete", b"\x7f"), byte("cr", b"\r"), byte("lf", b"\n"), byte("0x01", b"\x01"),
    byte("0x80", b"\x80", SHOULD), byte("0xff", b"\xff", SHOULD), byte("utf8", b"\xc3\xa9", SHOULD), byte("overlong-slash", b"\xc0\xaf", SHOULD),
    byte("quote", b'"', SHOULD), byte("less", b"<", SHOULD), byte("greater", b">", SHOULD), byte("backslash", b"\\", SHOULD, end="any"),
    byte("caret", b"^", SHOULD), byte("backtick", b"`", SHOULD), byte("brace", b"{", SHOULD), byte("pipe", b"|", SHOULD),
    target("crlf-encoded-stays", "CVE-2019-9740 class; header injection", MUST, b"/a?b=%0d%0aX-Evil:%201", accept(target="/a?b=%0d%0aX-Evil:%201", absent=["x-evil"])),
    Case("target-header-split", "RFC 9112 9.3: two requests for anybody", MUST, asked(b"/a") + asked(b"/b"), accept(seen=2, target="/b"), methods=("GET", "GET")),
]
