# SPDX-License-Identifier: Apache-2.0
"""The same bytes through the gateway to an origin that parses strictly: what the gateway passed on as one
request must be one there.

    differential.py --binary FILE [--seconds N] [--seed N]

Mutants of requests go to a gateway, each on a connection of its own. Behind it stands the origin of tests/conformance.
Red when the origin saw a malformed byte, or another number of requests than the client got answers from
it: then something was hidden in something."""
import argparse
import pathlib
import random
import re
import socket
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import model  # noqa: E402
import origin  # noqa: E402
import peers  # noqa: E402

ANSWER = model.Origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

SEEDS = [
    b"GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Long: " + b"v" * 200 + b"\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://a.example/b HTTP/1.1\r\nHost: a.example\r\n\r\n",
    b"PUT /%7Euser/./x//y HTTP/1.1\r\nHost: a:80\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"HEAD /a HTTP/1.0\r\nHost: a\r\n\r\n",
]
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n"
PIECES = [b"\r", b"\n", b"\r\n", b"\n\n", b"\r\r\n", b" ", b"\t", b"\0", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xff", b":", b";", b",", b"=",
          b"0", b"00", b"5", b"-1", b"+5", b"0x5", b"1e1", b"18446744073709551616", b"chunked", b", chunked", b"chunked, identity",
          b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding:\r\n",
          b"Transfer_Encoding: chunked\r\n", b"Host: evil\r\n", b"Connection: close\r\n", b"Connection: Content-Length\r\n",
          b"Connection: Transfer-Encoding\r\n", b"X:\r\n y\r\n", b" HTTP/1.1\r\n", b"HTTP/1.0", b"HTTP/2.0", b"Upgrade: h2c\r\n",
          b"0\r\n\r\n", b"..", b"%2e%2e", b"%00", b"\\", b"#", b"http://", b"@", b"[", b"]", SMUGGLED]


def mutate(rng):
    data = bytearray(b"".join(rng.choice(SEEDS) for _ in range(rng.choice([1, 1, 1, 2, 3]))))
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            data[at:at] = rng.choice(PIECES)
        elif kind == 1:
            del data[at:at + rng.choice([1, 1, 2, 8])]
        elif kind == 2:
            data[at:at + 1] = rng.choice(PIECES)
        elif kind == 3:
            data[at:at + 1] = bytes([rng.randrange(256)])
        else:
            lines = bytes(data).split(b"\r\n")
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
            data = bytearray(b"\r\n".join(lines))
    return bytes(data) + (SMUGGLED if rng.random() < 0.2 else b"")


def ask(port, data):
    """All that comes back until the gateway closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        back = b""
        try:
            while piece := client.recv(65536):
                back += piece
        except ConnectionError:
            pass
        except TimeoutError:
            back += b" ... and was not closed"
        return back


def answered(back):
    """Answers of the origin that came back: they, and nothing of the gateway's own, have its length and Via."""
    return len(re.findall(rb"HTTP/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)*?Via: 1\.1 gatewright\r\n", back))


def explain(data, back, seen, faults):
    print(f"WRONG: {seen} requests at the origin, {answered(back)} answers of it; faults: {faults}")
    print(f"  sent: {data!r}")
    print(f"  came back: {back[:2000]!r}")


def run(arguments, server, port):
    rng = random.Random(arguments.seed)
    end = time.monotonic() + arguments.seconds
    count = passed_on = wrong = 0
    while time.monotonic() < end and wrong < 10:
        data = mutate(rng)
        server.begin(ANSWER, 0)
        back = ask(port, data)
        requests, faults = server.seen()
        seen = len(requests)
        count += 1
        passed_on += seen
        # An answer may have been cut off with its connection: fewer answers than requests only then.
        lost = seen - answered(back)
        if faults or back.endswith(b"not closed") or lost < 0 or lost > (1 if not back.endswith(b"ok") else 0):
            explain(data, back, seen, faults)
            wrong += 1
    return count, passed_on, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    server = origin.OriginServer()
    gateway = peers.Peer("gatewright", server.port, arguments.binary)
    try:
        count, passed_on, wrong = run(arguments, server, gateway.port)
    finally:
        status, said = gateway.stop()
    if status != 0 or "worker died" in said:
        print(f"the gateway ended with {status}:\n{said[-4000:]}")
        wrong += 1
    server.stop()
    print(f"{count} mutants, {passed_on} requests passed on, {wrong} wrong")
    sys.exit(1 if wrong or not passed_on else 0)


main()
