# SPDX-License-Identifier: Apache-2.0
"""An origin that takes nothing but exact HTTP/1.1 and records what it saw: whole requests, requests that
ended early, and faults, which are bytes that no careful gateway sends."""
import re
import socket
import threading

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") (/[!$-;=?-Z_a-z~@\[\]\\^`{|}]*|\*) HTTP/1\.1")
FIELD = re.compile(rb"(" + TOKEN + rb"): ?([\t\x20-\x7e\x80-\xff]*)")
HOST = re.compile(rb"[0-9A-Za-z._~%!$&'()*+,;=-]*(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
ONCE = (b"host", b"content-length", b"transfer-encoding")


class Fault(Exception):
    pass


class Early(Exception):
    """The gateway closed within a request."""


class Reader:
    def __init__(self, peer):
        self.peer, self.buffer = peer, b""

    def fill(self):
        data = self.peer.recv(65536)
        if not data:
            raise Early
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            raise Fault(f"a line that does not end in CR LF alone: {line!r}")
        return line[:-1]

    def exactly(self, n):
        while len(self.buffer) < n:
            self.fill()
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def fields(self):
        fields = {}
        while line := self.line():
            match = FIELD.fullmatch(line)
            if not match:
                raise Fault(f"not a field: {line!r}")
            fields.setdefault(match[1].lower(), []).append(match[2].strip())
        return fields

    def chunks(self):
        body = b""
        while True:
            size = self.line()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
                raise Fault(f"not a chunk size: {size!r}")
            if int(size, 16) == 0:
                trailers = self.fields()
                if any(name in trailers for name in ONCE):
                    raise Fault(f"a framing field in trailers: {trailers}")
                return body
            body += self.exactly(int(size, 16))
            if self.exactly(2) != b"\r\n":
                raise Fault("no CR LF behind a chunk")

    def request(self):
        match = REQUEST_LINE.fullmatch(self.line())
        if not match:
            raise Fault("not a request line")
        fields = self.fields()
        for name in ONCE:
            if len(fields.get(name, [])) > 1:
                raise Fault(f"{name} stands twice")
        if b"host" not in fields or not HOST.fullmatch(fields[b"host"][0]):
            raise Fault(f"Host: {fields.get(b'host')}")
        if b"transfer-encoding" in fields:
            if fields[b"transfer-encoding"] != [b"chunked"] or b"content-length" in fields:
                raise Fault(f"framing: {fields}")
            return match[2], self.chunks()
        length = fields.get(b"content-length", [b"0"])[0]
        if not re.fullmatch(rb"[0-9]{1,18}", length):
            raise Fault(f"Content-Length: {length!r}")
        return match[2], self.exactly(int(length))


class StrictOrigin:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.whole, self.early, self.faults = [], 0, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        reader = Reader(peer)
        with peer:
            try:
                while True:
                    while not reader.buffer:
                        data = peer.recv(65536)
                        if not data:
                            return
                        reader.buffer += data
                    request = reader.request()
                    with self.lock:
                        self.whole.append(request)
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except Early:
                with self.lock:
                    self.early += 1
            except Fault as fault:
                with self.lock:
                    self.faults.append(str(fault))
            except OSError:
                pass

    def seen(self):
        with self.lock:
            return len(self.whole), list(self.faults)
