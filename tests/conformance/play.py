# SPDX-License-Identifier: Apache-2.0
"""Plays one case: sends its bytes, reads answers with the strict reader, asks a probe on the same connection and one on a new
connection, and says what was seen."""
import itertools
import os
import re
import select
import socket
import time
from dataclasses import dataclass, field

import reader
from model import ANSWER, CONTINUE, HALF_CLOSE, SWITCHED, Wait

DEADLINE = float(os.environ.get("CONFORMANCE_DEADLINE", "3"))  # seconds for one answer
probes = itertools.count()


@dataclass
class Outcome:
    answers: list = field(default_factory=list)  # final ones, before the probe
    interim: list = field(default_factory=list)  # statuses of 1xx
    end: str = "hang"  # open: the probe was answered with its own answer; closed; hang
    malformed: str = ""  # what the client could not read
    requests: list = field(default_factory=list)  # at the origin
    faults: list = field(default_factory=list)  # of what the origin got
    raw: bytes = b""  # behind a 101, at the client
    through: bytes = b""  # and at the origin
    switched: object = None  # the 101
    dead: bool = False  # the gateway did not answer a plain request afterwards


class Client:
    def __init__(self, port, methods):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.methods = list(methods)
        self.data, self.ended, self.tunnel = b"", False, False

    def send(self, data, piece):
        """False when the peer no longer takes bytes. What it says meanwhile is read."""
        for at in range(0, len(data), piece):
            part = data[at:at + piece]
            while part:
                readable, writable, _ = select.select([self.sock] if not self.ended else [], [self.sock], [], DEADLINE)
                if readable:
                    self.receive()
                if not writable and not readable:
                    return False
                if writable:
                    try:
                        part = part[self.sock.send(part):]
                    except OSError:
                        return False
        return True

    def receive(self):
        try:
            got = self.sock.recv(1 << 18)
        except (ConnectionError, TimeoutError):
            got = b""
        self.ended = self.ended or not got
        self.data += got

    def next(self, deadline):
        """The next message, or None at the end of the connection or of time. Raises Malformed."""
        while not self.tunnel:
            if self.data:
                taken = reader.take_response(self.data, self.methods[0] if self.methods else "GET", self.ended)
                if taken is not None:
                    message, used = taken
                    self.data = self.data[used:]
                    if message.status >= 200 and self.methods:
                        self.methods.pop(0)
                    self.tunnel = message.status == 101
                    return message
            if self.ended:
                if self.data:
                    raise reader.Malformed("an unfinished head: %r" % self.data[:60])
                return None
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            self.receive()
        return None

    def read_tunnel(self):
        """All that comes until the peer closes."""
        deadline = time.monotonic() + DEADLINE
        while not self.ended and select.select([self.sock], [], [], max(deadline - time.monotonic(), 0))[0]:
            self.receive()
        return self.data

    def close(self):
        self.sock.close()


def methods_of(case):
    if case.methods:
        return case.methods
    first = next((p for p in case.pieces() if isinstance(p, bytes)), b"")
    found = re.match(rb"[\r\n]*([A-Za-z]+) ", first)
    return (found[1].decode(),) if found else ("GET",)


def keep(outcome, message):
    if message.status < 200:
        outcome.interim.append(message.status)
        if message.status == 101:
            outcome.switched = message
    else:
        outcome.answers.append(message)


def wait_for(client, outcome, what, deadline):
    while True:
        message = client.next(deadline)
        if message is None:
            return
        keep(outcome, message)
        if message.status >= 200 or what is CONTINUE or (what is SWITCHED and message.status == 101):
            return


def send_case(client, case, outcome, piece_size):
    for piece in case.pieces():
        deadline = time.monotonic() + DEADLINE
        if piece is HALF_CLOSE:
            client.sock.shutdown(socket.SHUT_WR)
        elif isinstance(piece, Wait):
            wait_for(client, outcome, piece, deadline)
        else:
            size = piece_size if piece_size and len(piece) <= 8192 else max(len(piece), 1)
            if not client.send(piece, size):
                return


def read_answers(client, outcome, wanted):
    deadline = time.monotonic() + DEADLINE
    while len(outcome.answers) < wanted:
        message = client.next(deadline)
        if message is None:
            break
        keep(outcome, message)
        if message.status >= 200 and message.closes():
            break


def probe_same(client, outcome, origin):
    """Another request on the same connection has to be answered with its own answer, or the connection is closed."""
    origin.seen()  # what the origin has to say is said: bytes that come behind the probe nobody could tell from its answer
    deadline = time.monotonic() + DEADLINE
    last = outcome.answers[-1] if outcome.answers else None
    target = f"/probe/{next(probes)}"
    if last is not None and not last.closes():
        client.methods.append("GET")
        client.send(f"GET {target} HTTP/1.1\r\nHost: probe.test\r\n\r\n".encode(), 1 << 16)
    while True:
        message = client.next(deadline)
        if message is None:
            # One that said that it closes may linger until the client has closed too (RFC 9112 9.6).
            outcome.end = "closed" if client.ended or (last is not None and last.closes()) else "hang"
            return
        if message.get("x-origin") == target and message.body == target.encode():
            outcome.end = "open"
            return
        keep(outcome, message)


def probe_new(port):
    target = f"/probe/{next(probes)}"
    client = Client(port, ("GET",))
    try:
        client.send(f"GET {target} HTTP/1.1\r\nHost: probe.test\r\n\r\n".encode(), 1 << 16)
        message = client.next(time.monotonic() + DEADLINE)
        return message is not None and message.body == target.encode()
    except (OSError, reader.Malformed):
        return False
    finally:
        client.close()


def play(peer, origin, case, piece_size):
    """piece_size: 0 sends each piece at once."""
    origin.begin(case.answer, piece_size)
    outcome = Outcome()
    wanted = max(w.answers for w in case.wants())
    half_closed = HALF_CLOSE in [p for p in case.pieces() if isinstance(p, Wait)]
    try:
        client = Client(peer.port, methods_of(case))
    except OSError:
        outcome.dead = True
        return outcome
    try:
        send_case(client, case, outcome, piece_size)
        read_answers(client, outcome, max(wanted, 1))
        if client.tunnel:
            outcome.raw = client.read_tunnel()
            outcome.end = "closed" if client.ended else "hang"
        elif half_closed:
            while (message := client.next(time.monotonic() + DEADLINE)) is not None:
                keep(outcome, message)
            outcome.end = "closed" if client.ended else "hang"
        else:
            probe_same(client, outcome, origin)
    except reader.Malformed as fault:
        outcome.malformed = str(fault)
        outcome.end = "closed" if client.ended else "hang"
    except OSError:
        outcome.end = "closed"
    finally:
        client.close()
    outcome.dead = not probe_new(peer.port) or not peer.alive()
    outcome.requests, outcome.faults = origin.seen()
    outcome.through = origin.through()
    return outcome
