# SPDX-License-Identifier: Apache-2.0
"""What the soak's clients do. Each function is one visit: it connects, says something, and checks what
comes back; a wrong answer raises Wrong."""
import asyncio
import random

from origin import read_message, reset


class Wrong(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Wrong(what)


class Client:
    """One connection to the gateway, closed when the visit ends."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    def say(self, data):
        self.writer.write(data)

    async def answer(self, timeout=20):
        """Status, fields and body of one answer."""
        return await asyncio.wait_for(self._answer(), timeout)

    async def _answer(self):
        line, fields, body = await read_message(self.reader)
        return int(line[1]), fields, body

    async def ended(self, timeout=20):
        """Reads to the end, whether the gateway closes or resets; a timeout raises."""
        try:
            await asyncio.wait_for(self.reader.read(-1), timeout)
        except ConnectionError:
            pass


def get(path, fields=""):
    return f"GET {path} HTTP/1.1\r\nHost: soak\r\n{fields}\r\n".encode()


async def plain(port):
    async with Client(port) as client:
        for _ in range(random.randint(1, 20)):
            size = random.choice([0, 1, 100, 5000, 200000])
            client.say(get(f"/open/size/{size}"))
            status, _, body = await client.answer()
            expect(status == 200 and len(body) == size, f"size {size}: {status}, {len(body)} bytes")


async def uploads(port):
    async with Client(port) as client:
        for _ in range(random.randint(1, 5)):
            body = random.randbytes(random.choice([1, 1000, 70000, 300000]))
            if random.random() < 0.5:
                head = f"POST /open/echo HTTP/1.1\r\nHost: soak\r\nContent-Length: {len(body)}\r\n\r\n"
                client.say(head.encode() + body)
            else:
                client.say(b"POST /open/echo HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\n")
                half = len(body) // 2 + 1
                for piece in (body[:half], body[half:]):
                    if piece:
                        client.say(b"%x\r\n%s\r\n" % (len(piece), piece))
                client.say(b"0\r\n\r\n")
            status, _, echoed = await client.answer()
            expect(status == 200 and echoed == body, f"an upload of {len(body)}: {status}")


async def pipelined(port):
    async with Client(port) as client:
        sizes = [random.randint(1, 3000) for _ in range(8)]
        client.say(b"".join(get(f"/open/size/{size}") for size in sizes))
        for size in sizes:
            status, _, body = await client.answer()
            expect(status == 200 and len(body) == size, f"pipelined {size}: {status}, {len(body)}")


async def with_keys(port):
    async with Client(port) as client:
        client.say(get("/keys/x", "apikey: soak-key\r\n"))
        status, _, _ = await client.answer()
        expect(status in (200, 429), f"with a key: {status}")
        client.say(get("/keys/x"))
        status, _, _ = await client.answer()
        expect(status == 401, f"without a key: {status}")


BAD = [
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


async def bad(port):
    async with Client(port) as client:
        client.say(random.choice(BAD) + get("/open/smuggled"))
        try:
            status, fields, _ = await client.answer()
            expect(400 <= status < 506, f"a bad request: {status}")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        await client.ended()


async def slow_head(port):
    async with Client(port) as client:
        answer = asyncio.ensure_future(client.answer())
        client.say(b"GET /open/x HTTP/1.1\r\nHost: soak\r\nX-Slow: ")
        for _ in range(100):
            client.say(b"y")
            await asyncio.wait([answer], timeout=0.1)
            if answer.done():
                status, _, _ = answer.result()
                return expect(status == 408, f"a slow head: {status}")
        answer.cancel()
        expect(False, "a head in single bytes was waited for")


async def gone_early(port):
    """Clients that go away in the middle of something."""
    async with Client(port) as client:
        what = random.choice([
            get("/open/slow/1000"), get("/open/size/5000000"), b"GET /open/x HT",
            b"POST /open/echo HTTP/1.1\r\nHost: soak\r\nContent-Length: 100000\r\n\r\nhalf",
            get("/open/slow/300") + get("/open/slow/300")])
        client.say(what)
        await client.writer.drain()
        await asyncio.sleep(random.random() * 0.2)
        if random.random() < 0.5:
            reset(client.writer)


async def broken_upstream(port):
    async with Client(port) as client:
        path = random.choice(["/open/reset", "/open/garbage", "/open/cut", "/dead/x"])
        client.say(get(path))
        try:
            status, _, _ = await client.answer()
            expect(path != "/open/cut", "a cut answer looked whole")
            expect(status in (502, 503, 504), f"{path}: {status}")
        except (asyncio.IncompleteReadError, ConnectionError):
            expect(path == "/open/cut", f"{path}: no answer")


async def tunnels(port):
    async with Client(port) as client:
        client.say(get("/open/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n"))
        head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), 20)
        expect(head.startswith(b"HTTP/1.1 101 "), "no tunnel")
        for _ in range(random.randint(1, 10)):
            data = random.randbytes(random.randint(1, 20000))
            client.say(data)
            expect(await asyncio.wait_for(client.reader.readexactly(len(data)), 20) == data, "a tunnel's echo")


async def streams(port):
    async with Client(port) as client:
        client.say(get("/open/stream"))
        status, _, body = await client.answer()
        expect(status == 200 and body == b"data0data1data2data3data4", f"a stream: {status}, {body}")


VISITS = [plain, plain, plain, uploads, uploads, pipelined, with_keys, bad, bad, slow_head, gone_early, gone_early,
          broken_upstream, tunnels, streams]
