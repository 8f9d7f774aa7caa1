# SPDX-License-Identifier: Apache-2.0
"""The upstream of the soak: an HTTP/1.1 server that does what the path asks for.

/echo answers with the request's body; /size/N with N bytes; /slow/N in pieces over N ms; /stream in
chunks; /cut breaks off within its body; /reset without an answer; /garbage is not HTTP; /ws switches
to a WebSocket-like echo; anything else is 200 "ok"."""
import asyncio
import socket
import struct


async def read_message(reader):
    """(words of the first line, fields, body) of a request, or of an answer that has a length or chunks."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    body = b""
    if fields.get("transfer-encoding") == "chunked":
        while size := int((await reader.readuntil(b"\r\n"))[:-2], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass  # trailers
    elif "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    return lines[0].split(" "), fields, body


def answer(body, status="200 OK"):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


def reset(writer):
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def tunnel(reader, writer):
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def respond(reader, writer, request):
    """False: the connection is of no further use."""
    (_, target, _), fields, body = request
    path = target.partition("?")[0]
    word, _, number = path.strip("/").partition("/")
    if word == "echo":
        writer.write(answer(body))
    elif word == "size":
        writer.write(answer(b"x" * int(number)))
    elif word == "slow":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(int(number) / 10000)
            writer.write(b"x")
    elif word == "stream":
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for i in range(5):
            writer.write(b"5\r\ndata%d\r\n" % i)
            await asyncio.sleep(0.01)
        writer.write(b"0\r\n\r\n")
    elif word == "cut":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return False
    elif word == "reset":
        reset(writer)
        return False
    elif word == "garbage":
        writer.write(b"NONSENSE\r\n\r\n")
        return False
    elif word == "ws" and fields.get("upgrade") == "websocket":
        await tunnel(reader, writer)
        return False
    else:
        writer.write(answer(b"ok"))
    return True


async def serve(reader, writer):
    try:
        while await respond(reader, writer, await read_message(reader)):
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def start():
    """The server and its port."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    return server, server.sockets[0].getsockname()[1]
