# SPDX-License-Identifier: Apache-2.0
"""A strict reader of HTTP/1.1 messages: it accepts what RFC 9110 and 9112 let a careful sender write, and nothing that two readers
could take apart differently. It judges what a gateway sends, to the origin and to the client."""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP/1\.([01])")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)")
VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
HOST = re.compile(r"[0-9A-Za-z._~%!$&'()*+,;=-]*(:[0-9]{0,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{0,5})?")
FRAMING = {"host", "content-length", "transfer-encoding"}
DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")


class Malformed(Exception):
    """What is wrong with the bytes."""


@dataclass
class Message:
    method: str = ""  # of a request
    target: str = ""
    status: int = 0  # of a response
    minor: int = 1
    fields: list = field(default_factory=list)  # (lower-case name, value)
    body: bytes = b""
    trailers: list = field(default_factory=list)
    whole: bool = True  # False: the connection ended within the body
    until_close: bool = False

    def all(self, name):
        return [v for n, v in self.fields if n == name]

    def get(self, name):
        return next(iter(self.all(name)), None)

    def closes(self):
        said = ",".join(self.all("connection")).lower()
        return self.until_close or "close" in said or (self.minor == 0 and "keep-alive" not in said)


def take_line(data, at):
    """(line, place behind its CR LF) or None when it has not ended."""
    end = data.find(b"\n", at)
    if end < 0:
        if b"\r" in data[at:-1]:
            raise Malformed("bare CR")
        return None
    line = data[at:end + 1]
    if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
        raise Malformed("line end that is not CR LF: %r" % line[-20:])
    return line[:-2], end + 1


def take_fields(data, at):
    fields = []
    while True:
        taken = take_line(data, at)
        if taken is None:
            return None
        line, at = taken
        if not line:
            return fields, at
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name):
            raise Malformed("field name %r" % line[:40])
        if not VALUE.fullmatch(value):
            raise Malformed("field value %r" % line[:60])
        fields.append((name.decode().lower(), value.strip(b" \t").decode("latin-1")))


def take_chunks(data, at):
    """(body, trailers, place) or None; what is there so far stands in the exception's place."""
    body = b""
    while True:
        taken = take_line(data, at)
        if taken is None:
            return None
        line, at = taken
        if not CHUNK_SIZE.fullmatch(line):
            raise Malformed("chunk line %r" % line[:40])
        size = int(line, 16)
        if size == 0:
            taken = take_fields(data, at)
            if taken and any(name in FRAMING for name, _ in taken[0]):
                raise Malformed("framing in trailers %r" % taken[0])
            return None if taken is None else (body, taken[0], taken[1])
        if len(data) < at + size + 2:
            if len(data) > at + size and data[at + size:at + size + 1] != b"\r":
                raise Malformed("no CR LF behind a chunk")
            return None
        if data[at + size:at + size + 2] != b"\r\n":
            raise Malformed("no CR LF behind a chunk")
        body += data[at:at + size]
        at += size + 2


def framing(message):
    """None, a length, or "chunked"."""
    lengths, codings = message.all("content-length"), message.all("transfer-encoding")
    if codings:
        if lengths or [c.lower() for c in codings] != ["chunked"] or message.minor == 0:
            raise Malformed("Transfer-Encoding %r with Content-Length %r" % (codings, lengths))
        return "chunked"
    if not lengths:
        return None
    if len(lengths) > 1 or not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
        raise Malformed("Content-Length %r" % lengths)
    return int(lengths[0])


def take_body(message, data, at, how, ended):
    """(message, place) or None."""
    if how is None:
        return message, at
    if how == "chunked":
        taken = take_chunks(data, at)
        if taken is not None:
            message.body, message.trailers, at = taken
            return message, at
    elif len(data) >= at + how:
        message.body = data[at:at + how]
        return message, at + how
    if not ended:
        return None
    message.whole = False
    message.body = data[at:]
    return message, len(data)


def take_request(data):
    """(request, bytes used) or None when more has to come. Raises Malformed."""
    taken = take_line(data, 0)
    if taken is None:
        return None
    line, at = taken
    found = REQUEST_LINE.fullmatch(line)
    if not found:
        raise Malformed("request line %r" % line[:60])
    head = take_fields(data, at)
    if head is None:
        return None
    message = Message(method=found[1].decode(), target=found[2].decode(), minor=int(found[3]), fields=head[0])
    hosts = message.all("host")
    if len(hosts) > 1 or (message.minor == 1 and len(hosts) != 1):
        raise Malformed("%d Host fields" % len(hosts))
    if hosts and not HOST.fullmatch(hosts[0]):
        raise Malformed("Host %r" % hosts[0])
    return take_body(message, data, head[1], framing(message), False)


def take_response(data, method, ended):
    """(response, bytes used) or None when more has to come; `ended`: nothing more comes. Raises Malformed."""
    taken = take_line(data, 0)
    if taken is None:
        return None
    line, at = taken
    found = STATUS_LINE.fullmatch(line)
    if not found:
        raise Malformed("status line %r" % line[:60])
    head = take_fields(data, at)
    if head is None:
        return None
    message = Message(status=int(found[2]), minor=int(found[1]), fields=head[0])
    dates = message.all("date")  # RFC 9110 6.6.1: the gateway's own, since the origin sends good ones or none
    if len(dates) > 1 or (dates and not DATE.fullmatch(dates[0])):
        raise Malformed("Date %r" % dates)
    how = framing(message)
    if message.status < 200 or message.status == 204:
        if how is not None:
            raise Malformed("framing fields in a %d" % message.status)
    if method == "HEAD" or message.status < 200 or message.status in (204, 304):
        return message, head[1]
    if how is None:
        message.until_close = True
        if not ended:
            return None
        message.body = data[head[1]:]
        return message, len(data)
    return take_body(message, data, head[1], how, ended)
