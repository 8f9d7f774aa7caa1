# SPDX-License-Identifier: Apache-2.0
"""Paths: one meaning for every spelling (RFC 3986 6.2.2). What reaches the origin has no dot segment, in no spelling that a
common reader takes for one."""
from model import MUST, SHOULD, Case, accept, refuse


def path(name, source, level, text, want):
    return Case("path-" + name, source, level, b"GET " + text + b" HTTP/1.1\r\nHost: a.test\r\n\r\n", want)


def same(name, text, target, source="RFC 3986 6.2.2", level=SHOULD):
    """It reaches the origin in its normal form; a refusal is safe."""
    return path(name, source, level, text, (accept(target=target), refuse()))


def bad(name, text, source, level=SHOULD):
    return path(name, source, level, text, refuse(400, 403, 404, end="any"))


CASES = [
    same("dot", b"/a/./b", "/a/b"), same("dot-dot", b"/a/../b", "/b"), same("dot-dot-last", b"/a/b/..", "/a/"), same("dot-last", b"/a/.", "/a/"),
    same("above-root", b"/../../a", "/a"), same("dot-encoded", b"/a/%2e/b", "/a/b"), same("dot-dot-encoded", b"/a/%2e%2e/b", "/b", "CVE-2021-41773 (Apache)"),
    same("dot-half-encoded", b"/a/.%2e/b", "/b", "CVE-2021-41773 (Apache)"), same("dot-dot-upper-hex", b"/a/%2E%2E/b", "/b"),
    same("slashes", b"/a//b", "/a/b", "nginx merge_slashes"), same("slashes-and-dots", b"/a//../b", "/b", "CVE-2019-9901 (Envoy) class"),
    same("unreserved-decoded", b"/%61%2D%7e", "/a-~"), same("hex-upper", b"/a%c3%a9", "/a%C3%A9"), same("three-dots-stay", b"/.../a", "/.../a"),
    path("slash-encoded-stays", "RFC 3986 2.2; CVE-2021-29492 (Envoy)", MUST, b"/a%2Fb", (accept(target="/a%2Fb"), refuse())),
    path("slash-encoded-with-dots", "CVE-2021-29492 (Envoy)", SHOULD, b"/a%2F..%2Fb", refuse(400, 403, 404, end="any")),
    path("slash-encoded-dots-last", "CVE-2021-29492 (Envoy)", SHOULD, b"/a/..%2Fb", refuse(400, 403, 404, end="any")),
    path("percent-stays", "RFC 3986 2.4", MUST, b"/a%25b", accept(target="/a%25b")),
    path("question-encoded-stays", "RFC 3986 2.2", MUST, b"/a%3Fb", accept(target="/a%3Fb")),
    path("parameters-stay", "RFC 3986 3.3", MUST, b"/a;v=1/b", accept(target="/a;v=1/b")),
    path("reserved-stay", "RFC 3986 2.2", MUST, b"/a!$&'()*+,;=:@b", accept(target="/a!$&'()*+,;=:@b")),
    bad("double-encoded-dots", b"/a/%252e%252e/b", "CVE-2021-42013 (Apache); RFC 3986 2.4"), bad("double-encoded-slash", b"/a%252fb", "RFC 3986 2.4"),
    bad("double-encoded-backslash", b"/a%255cb", "RFC 3986 2.4"), bad("triple-encoded-dot", b"/a/%25252e%25252e/b", "RFC 3986 2.4"),
    bad("double-encoded-half", b"/a/.%252e/b", "CVE-2021-42013 (Apache)"), bad("encoded-digits", b"/a/%%32%65%%32%65/b", "CVE-2021-42013 (Apache)"),
    bad("parameter-dots", b"/a/..;/b", "Orange Tsai 2018: breaking parser logic (Tomcat)"), bad("parameter-dots-value", b"/a/..;x=1/b", "Orange Tsai 2018"),
    bad("parameter-dot", b"/a/.;/b", "Orange Tsai 2018"), bad("parameter-dots-last", b"/a/..;", "Orange Tsai 2018"),
    bad("parameter-dots-encoded", b"/a/%2e%2e;/b", "Orange Tsai 2018"), bad("parameter-encoded", b"/a/..%3B/b", "Orange Tsai 2018"),
    bad("backslash-encoded", b"/a%5cb", "CVE-2021-29492 (Envoy)"), bad("backslash-encoded-dots", b"/a/..%5c..%5cb", "CVE-2021-29492 (Envoy)"),
    bad("backslash-raw-dots", b"/a/..\\b", "RFC 3986 2"), bad("nul-encoded", b"/a%00b", "poison null byte"), bad("lf-encoded", b"/a%0ab", "header injection behind"),
    bad("crlf-encoded", b"/a%0d%0ab", "header injection behind"), bad("tab-encoded", b"/a%09b", "control bytes"), bad("delete-encoded", b"/a%7fb", "control bytes"),
    bad("percent-broken", b"/a%zzb", "RFC 3986 2.1; RFC 9112 3"), bad("percent-short", b"/a%2", "RFC 3986 2.1; RFC 9112 3"), bad("percent-last", b"/a%", "RFC 3986 2.1; RFC 9112 3"),
    bad("percent-u", b"/a%u002e%u002e/b", "IIS %u"), bad("overlong-dot", b"/a/%c0%ae%c0%ae/b", "overlong UTF-8; CVE-2000-0884 (IIS)"),
    bad("overlong-slash", b"/a%c0%afb", "overlong UTF-8; CVE-2000-0884 (IIS)"), bad("utf8-raw", b"/a\xc3\xa9", "RFC 3986 2"),
    path("absolute-form-dots", "RFC 3986 6.2.2", SHOULD, b"http://a.test/a/../b", (accept(target="/b"), refuse())),
]
