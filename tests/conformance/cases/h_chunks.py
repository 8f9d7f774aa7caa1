# SPDX-License-Identifier: Apache-2.0
"""Chunked bodies (RFC 9112 7.1)."""
from model import HALF_CLOSE, MUST, SHOULD, Case, accept, refuse, silent

HEAD = b"POST /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h.test\r\n\r\n"


def chunks(name, source, level, body, want):
    return Case("chunk-" + name, source, level, HEAD + body, want)


def good(name, body, text, source="RFC 9112 7.1", level=MUST):
    return chunks(name, source, level, body, accept(body=text))


def bad(name, body, source="RFC 9112 7.1", level=MUST):
    return chunks(name, source, level, body, refuse(400, 413))


def either(name, body, text, source):
    """The RFC lets it pass; refusing it is safe."""
    return chunks(name, source, SHOULD, body, (accept(body=text), refuse()))


CASES = [
    good("one", b"5\r\nhello\r\n" + END, b"hello"), good("two", b"5\r\nhello\r\n6\r\n world\r\n" + END, b"hello world"),
    good("size-upper-hex", b"A\r\n0123456789\r\n" + END, b"0123456789"), good("size-lower-hex", b"a\r\n0123456789\r\n" + END, b"0123456789"),
    good("size-leading-zero", b"005\r\nhello\r\n" + END, b"hello"), good("last-with-zeros", b"5\r\nhello\r\n000\r\n\r\n", b"hello"),
    good("data-with-line-ends", b"7\r\na\r\n0\r\nb\r\n" + END, b"a\r\n0\r\nb"), good("one-byte-each", b"".join(b"1\r\n%c\r\n" % c for c in b"hello") + END, b"hello"),
    good("extension", b"5;a\r\nhello\r\n" + END, b"hello", "RFC 9112 7.1.1"), good("extension-value", b"5;a=b\r\nhello\r\n" + END, b"hello", "RFC 9112 7.1.1"),
    good("extension-quoted", b'5;a="b;c"\r\nhello\r\n' + END, b"hello", "RFC 9112 7.1.1"), good("extension-on-last", b"5\r\nhello\r\n0;a\r\n\r\n", b"hello", "RFC 9112 7.1.1"),
    either("extension-bws", b"5 ;a\r\nhello\r\n" + END, b"hello", "RFC 9112 7.1.1: BWS"),
    either("extension-empty", b"5;\r\nhello\r\n" + END, b"hello", "RFC 9112 7.1.1"),
    bad("extension-bare-lf", b"5;a\nhello\r\n" + END, "Funky chunks 2025: TERM.EXT; CVE-2025-58056 (Netty)"),
    bad("extension-bare-cr", b"5;a\rb\r\nhello\r\n" + END, "http-garden; Funky chunks 2025"),
    bad("extension-cr-cr", b"5;a\r\r\nhello\r\n" + END, "http-garden server bug 31"),
    bad("extension-nul", b"5;a\0\r\nhello\r\n" + END, "RFC 9112 7.1.1"),
    bad("extension-1-mb", b"5;" + b"a" * 1000000 + b"\r\nhello\r\n" + END, "CVE-2024-22019 (Node), CVE-2023-39326 (Go)"),
    either("extension-quote-open", b'5;a="\r\nhello\r\n' + END, b"hello", "Funky chunks 2025: an open quote ends with its line"),
    bad("size-bare-lf", b"5\nhello\r\n" + END, "Funky chunks 2025; CVE-2025-22871 (Go)"), bad("size-bare-cr", b"5\rhello\r\n" + END),
    bad("size-cr-x", b"5\rXhello\r\n" + END, "http-garden server bug 31"), bad("size-lf-cr", b"5\n\rhello\r\n" + END), bad("size-empty", b"\r\nhello\r\n" + END),
    bad("size-space-first", b" 5\r\nhello\r\n" + END), bad("size-space-last", b"5 \r\nhello\r\n" + END, "Funky chunks 2025", SHOULD),
    bad("size-tab-last", b"5\t\r\nhello\r\n" + END, "Funky chunks 2025", SHOULD), bad("size-0x", b"0x5\r\nhello\r\n" + END, "CVE-2022-24801 (Twisted)"),
    bad("size-plus", b"+5\r\nhello\r\n" + END, "CVE-2022-24801 (Twisted)"), bad("size-minus", b"-5\r\nhello\r\n" + END, "CVE-2022-24801 (Twisted)"),
    bad("size-underscore", b"0_5\r\nhello\r\n" + END, "python int(); http-garden"), bad("size-letters", b"xyz\r\nhello\r\n" + END), bad("size-comma", b"5,5\r\nhello\r\n" + END),
    bad("size-nul", b"5\0\r\nhello\r\n" + END), bad("size-h", b"5h\r\nhello\r\n" + END), bad("size-dot", b"5.0\r\nhello\r\n" + END), bad("size-vertical-tab", b"5\x0b\r\nhello\r\n" + END),
    bad("size-overflow-32", b"100000005\r\nhello\r\n" + END, "CVE-2015-3183 (Apache)", SHOULD), bad("size-overflow-64", b"10000000000000005\r\nhello\r\n" + END, "CVE-2017-7657 (Jetty), CVE-2021-32714 (hyper)"),
    bad("size-all-f", b"ffffffffffffffff\r\nhello\r\n" + END, "CVE-2013-2028 (nginx)"), bad("size-8-and-zeros", b"8000000000000000\r\nhello\r\n" + END, "CVE-2013-2028 (nginx)"),
    bad("size-5000-zeros", b"0" * 5000 + b"5\r\nhello\r\n" + END, "padding; RFC 9112 7.1: anticipate large numbers", SHOULD),
    bad("size-utf8-digit", b"\xef\xbc\x95\r\nhello\r\n" + END),
    bad("data-too-short", b"5\r\nhell\r\n" + END), bad("data-too-long", b"5\r\nhello!\r\n" + END, "CVE-2025-43859 (h11): two bytes thrown away unseen"),
    bad("data-two-other-bytes", b"5\r\nhelloXX" + END, "CVE-2025-43859 (h11); TERM.SPILL"), bad("data-cr-x", b"5\r\nhello\rX" + END, "Funky chunks 2025: SPILL"),
    bad("data-bare-lf", b"5\r\nhello\n" + END, "Funky chunks 2025: SPILL"), bad("data-bare-cr", b"5\r\nhello\r" + END), bad("data-no-end", b"5\r\nhello" + END),
    bad("data-two-crlf", b"5\r\nhello\r\n\r\n" + END),
    bad("last-bare-lf", b"5\r\nhello\r\n0\n\r\n"), bad("last-ends-lf", b"5\r\nhello\r\n0\r\n\n"), bad("last-ends-cr-x", b"5\r\nhello\r\n0\r\n\rX"),
    bad("last-minus", b"5\r\nhello\r\n-0\r\n\r\n"),
    Case("chunk-cut-in-data", "RFC 9112 8", MUST, [HEAD + b"50\r\nhello", HALF_CLOSE], (silent(), refuse(400, 408))),
    Case("chunk-cut-before-last", "RFC 9112 8", MUST, [HEAD + b"5\r\nhello\r\n", HALF_CLOSE], (silent(), refuse(400, 408))),
    Case("chunk-cut-after-last", "RFC 9112 8", MUST, [HEAD + b"5\r\nhello\r\n0\r\n", HALF_CLOSE], (silent(), refuse(400, 408))),
    Case("chunk-in-many-pieces", "RFC 9112 7.1", MUST, [HEAD, b"5\r", b"\nhe", b"llo\r", b"\n0\r\n", b"\r\n"], accept(body=b"hello")),
    Case("chunk-body-too-large", "RFC 9110 15.5.14", SHOULD, HEAD + b"200000\r\n" + b"x" * 0x200000 + b"\r\n" + END, refuse(413)),
    Case("chunk-many-small", "CPU out of proportion", MUST, HEAD + b"1\r\nx\r\n" * 5000 + END, accept(body=b"x" * 5000)),
    Case("chunk-hidden-request-behind", "RFC 9112 9.3: a second request, no more and no less", MUST, HEAD + END + HIDDEN,
         accept(seen=2, target="/hidden"), methods=("POST", "GET")),
    Case("chunk-hidden-in-data", "RFC 9112 7.1", MUST, HEAD + b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END, accept(body=HIDDEN)),
]
