# SPDX-License-Identifier: Apache-2.0
"""What a case is: the bytes that are sent, and what may be seen. The tables in cases/ are made of these and nothing else.

A case without `answer` is about a request: the origin answers everything that it understands with 200. With `answer` it is about a
response: the client asks `send` (a plain GET unless it says otherwise) and the origin says these bytes."""
from dataclasses import dataclass, field

MUST, SHOULD = "MUST", "SHOULD"


ANY = -1


class Wait:
    """In the list of pieces that a client sends: wait for a 100 ("continue"), a 101 ("switched") or a whole answer ("answer") first."""

    def __init__(self, what):
        self.what = what


CONTINUE, ANSWER = Wait("continue"), Wait("answer")
SWITCHED = Wait("switched")  # a 101
HALF_CLOSE = Wait("half-close")  # the client sends its FIN
GET = b"GET /asked HTTP/1.1\r\nHost: a.test\r\n\r\n"


@dataclass(frozen=True)
class Origin:
    """What the origin says, when it has the request's head ("head") or all of it ("whole"), and how it goes on."""
    says: object  # bytes, or a list of bytes
    end: str = "keep"  # keep, close, reset
    when: str = "whole"
    tunnel: bool = False  # says it only to who asks for an upgrade; then it sends back what comes, in capitals, until the peer closes


@dataclass(frozen=True)
class Want:
    """One allowed outcome."""
    kind: str  # refused, accepted, silent, tunnel
    statuses: tuple = (400,)
    seen: int = 0  # whole requests at the origin; ANY: it does not matter how many
    end: str = "closed"  # of the client's connection: closed, open, any
    whole: bool = True  # False: the answer has to be seen to be broken
    answers: int = 1
    request: dict = field(default_factory=dict)  # of the last request at the origin: method, target, body, fields, absent, trailers
    response: dict = field(default_factory=dict)  # of the last answer: body, fields, absent, trailers
    interim: tuple = None  # statuses of the 1xx before the answer
    raw: bytes = b""  # of a tunnel: all that the origin got


def refuse(*statuses, end="closed", seen=0):
    """The gateway answers so by itself, and no whole request reaches the origin (or only the `seen` ones before it)."""
    return Want("refused", statuses or (400,), seen=seen, end=end, answers=seen + 1)


def accept(seen=1, end="open", status=200, interim=None, **request):
    """The origin sees exactly `seen` requests, the last one with these properties, and the client its answers."""
    return Want("accepted", (status,), seen=seen, end=end, answers=seen, request=request, interim=interim)


def passes(status=200, end="open", interim=None, **response):
    """The origin's answer reaches the client, with these properties."""
    return Want("accepted", (status,), seen=1, end=end, response=response, interim=interim)


def tunnel(raw, interim=(101,), **response):
    """Both have switched: the origin gets exactly these bytes, the client gets them back in capitals, and then the end."""
    return Want("tunnel", seen=1, answers=0, interim=interim, raw=raw, response=response)


def bad_gateway(seen=1):
    """The gateway refuses what the origin said."""
    return Want("refused", (502,), seen=seen, end="any")


def silent():
    """The client is gone: no answer, and nothing whole at the origin."""
    return Want("silent", answers=0)


def broken(status=200):
    """The answer had begun: it ends so that nobody takes it for whole."""
    return Want("accepted", (status,), seen=1, whole=False)


@dataclass(frozen=True)
class Case:
    name: str
    source: str
    level: str
    send: object  # bytes, or a list of bytes and waits
    want: object  # a Want, or a tuple of them: any is allowed
    answer: Origin = None
    methods: tuple = ()  # of the requests in `send`; read off it when there is one
    whole_only: bool = False  # not sent byte by byte: it is about pieces of its own

    def wants(self):
        return self.want if isinstance(self.want, tuple) else (self.want,)

    def pieces(self):
        return self.send if isinstance(self.send, list) else [self.send]
