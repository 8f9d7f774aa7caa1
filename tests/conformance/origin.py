# SPDX-License-Identifier: Apache-2.0
"""The origin: one thread that reads every byte with the strict reader and keeps what it saw. It reads all sockets that have
something before it answers any, so that whoever has its answer knows that everything sent before has been judged."""
import selectors
import socket
import struct
import threading

import reader


class Peer:
    """One connection of the gateway's."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.early = False  # answered when the head was there
        self.continued = False
        self.tunnel = False  # it has switched


class OriginServer:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.requests, self.faults, self.cuts, self.raw = [], [], 0, b""
        self.script, self.piece_size = None, 0
        self.wake = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.selector.register(self.wake[0], selectors.EVENT_READ, None)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def begin(self, script, piece_size):
        """From now on the origin answers by this script (None: 200), in pieces of this size (0: at once)."""
        with self.lock:
            self.script, self.piece_size = script, piece_size
            self.requests, self.faults, self.cuts, self.raw = [], [], 0, b""

    def through(self):
        """What came through a tunnel since begin."""
        with self.lock:
            return self.raw

    def seen(self):
        """(requests, faults) since begin, without probes."""
        with self.lock:
            return [r for r in self.requests if not r.target.startswith("/probe")], list(self.faults)

    def stop(self):
        self.wake[1].send(b"x")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.wake[1].close()

    def run(self):
        while True:
            ready = [key for key, _ in self.selector.select()]
            if any(key.fileobj is self.wake[0] for key in ready):
                return
            with self.lock:
                due = [peer for key in ready for peer in self.read(key)]
                for peer, request in due:
                    self.answer(peer, request)

    def read(self, key):
        if key.fileobj is self.listener:
            sock, _ = self.listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(5)
            self.selector.register(sock, selectors.EVENT_READ, Peer(sock))
            return []
        peer = key.data
        try:
            got = peer.sock.recv(1 << 18)
        except OSError:
            got = b""
        if not got:
            if peer.data and not peer.early:
                self.cuts += 1  # an unfinished request: nobody takes it for one
            self.close(peer)
            return []
        if peer.tunnel:
            self.echo(peer, got)
            return []
        peer.data += got
        return [(peer, r) for r in self.take(peer)]

    def take(self, peer):
        try:
            taken = reader.take_request(peer.data)
        except reader.Malformed as fault:
            self.faults.append(str(fault))
            self.close(peer)
            return
        if taken is None:
            yield from self.take_head(peer)
            return
        request, used = taken
        peer.data = peer.data[used:]
        if peer.data and not self.switches(request):
            self.faults.append("bytes behind a request: %r" % peer.data[:60])
            self.requests.append(request)
            self.close(peer)
            return
        self.requests.append(request)
        peer.continued = False
        if not peer.early:
            yield request
        peer.early = False

    def take_head(self, peer):
        """A head without all of its body: perhaps the script answers now, perhaps a 100 is wanted."""
        end = peer.data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = peer.data[:end].lower()
        if self.script is not None and self.script.when == "head" and not peer.early:
            peer.early = True
            yield reader.Message(method="POST", target="/early")
        elif b"expect: 100-continue" in head and not peer.continued:
            peer.continued = True
            self.send(peer, b"HTTP/1.1 100 Continue\r\n\r\n")

    def switches(self, request):
        return self.script is not None and self.script.tunnel and request.get("upgrade") is not None

    def echo(self, peer, data):
        self.raw += data
        self.send(peer, data.upper())

    def answer(self, peer, request):
        if peer.sock.fileno() < 0:
            return
        if self.switches(request):
            self.send(peer, self.script.says)
            peer.tunnel, early, peer.data = True, peer.data, b""
            if early:
                self.echo(peer, early)
            return
        if self.script is None or self.script.tunnel or request.target.startswith("/probe"):
            name = request.target[:60].encode()
            self.send(peer, b"HTTP/1.1 200 OK\r\nX-Origin: %s\r\nContent-Length: %d\r\n\r\n%s"
                      % (name, len(name), b"" if request.method == "HEAD" else name))
            return
        for piece in self.script.says if isinstance(self.script.says, list) else [self.script.says]:
            self.send(peer, piece)
        if self.script.end == "reset":
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.script.end != "keep":
            self.close(peer)

    def send(self, peer, data):
        size = self.piece_size if 0 < len(data) <= 4096 and self.piece_size else max(len(data), 1)
        try:
            for at in range(0, len(data), size):
                peer.sock.sendall(data[at:at + size])
        except OSError:
            pass  # the gateway did not want the rest

    def close(self, peer):
        if peer.sock.fileno() >= 0:
            self.selector.unregister(peer.sock)
            peer.sock.close()
