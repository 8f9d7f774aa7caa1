# SPDX-License-Identifier: Apache-2.0
"""Does a proxy do what is about to be measured? Every check gives a list of complaints, empty when all is well."""
import collections
import http.client
import re
import time

import peers

MEBIBYTE = 1 << 20


def _origin_connections(origin):
    connection = http.client.HTTPConnection("127.0.0.1", origin, timeout=5)
    connection.request("GET", "/stats")
    count = int(connection.getresponse().read().split()[1])
    connection.close()
    return count


def _head_upstream(server, headers):
    text = server.ask("/echo", headers)[1].decode("latin1")
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in text.split("\r\n")[1:])}


def _kept(server, origin, headers):
    """Connections are kept on both sides, and the client is told of."""
    connection = server.connect()
    server.ask("/", headers, connection=connection)
    socket, before = connection.sock, _origin_connections(origin)
    answers = [server.ask("/", headers, connection=connection) for _ in range(30)]
    if any(status != 200 or len(body) != 100 for status, body in answers):
        yield f"GET / was answered {answers[0][0]} with {len(answers[0][1])} bytes"
    if connection.sock is not socket or socket is None:
        yield "the client's connection is not kept"
    opened = _origin_connections(origin) - before - 1
    if opened > 3:
        yield f"30 requests opened {opened} connections to the origin"
    connection.close()
    if "x-forwarded-for" not in _head_upstream(server, headers):
        yield "no X-Forwarded-For to the origin"


def _bodies(server):
    status, body = server.ask("/1m")
    if status != 200 or len(body) != MEBIBYTE:
        yield f"1 MiB down was answered {status} with {len(body)} bytes"
    head = server.ask("/echo", body=b"u" * MEBIBYTE)[1]
    if str(MEBIBYTE).encode() not in head:
        yield "1 MiB up did not reach the origin with its length"


def _routes(server):
    last = server.setting.routes - 1
    for number in {0, last // 2, last}:
        if server.ask(f"/r{number:05}/x")[0] != 200:
            yield f"the route /r{number:05}/ does not answer 200"
    if server.ask("/elsewhere")[0] == 200:
        yield "a path without a route is answered"


def _lines(server):
    with open(server.log, "rb") as file:
        return file.read().count(b"\n")


def _plugins(server):
    for headers in ({}, {"apikey": "nobody"}):
        if server.ask("/", headers)[0] != 401:
            yield f"the headers {headers} are not refused with 401"
    traces = [_head_upstream(server, {"apikey": "key-3"}).get("traceparent", "") for _ in range(2)]
    if traces[0] == traces[1] or not all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]", trace) for trace in traces):
        yield f"the traceparents sent to the origin are {traces}"
    before = _lines(server)
    for _ in range(50):
        server.ask("/", {"apikey": "key-4"})
    deadline = time.monotonic() + 3
    while _lines(server) < before + 50 and time.monotonic() < deadline:
        time.sleep(0.05)
    if _lines(server) < before + 50:
        yield f"50 requests wrote {_lines(server) - before} lines of the access log within 3 s"


def complaints(server, origin):
    try:
        if server.setting.routes:
            return list(_routes(server))
        if server.setting.plugins:
            return [*_kept(server, origin, {"apikey": "key-3"}), *_plugins(server)]
        return [*_kept(server, origin, {}), *_bodies(server)]
    except (OSError, http.client.HTTPException, IndexError) as error:
        return [f"a check ended with {type(error).__name__}: {error}"]


def limit_complaints(module, origin, folder):
    """With five requests a second, a consumer who asks forty times is limited, and another one is not."""
    server = peers.Server(module, peers.Setting(plugins=True, limit=5), origin, folder)
    try:
        answers = collections.Counter(server.ask("/", {"apikey": "key-5"})[0] for _ in range(40))
        other = server.ask("/", {"apikey": "key-6"})[0]
    except (OSError, http.client.HTTPException) as error:
        return [f"the check of the limit ended with {type(error).__name__}: {error}"]
    finally:
        server.stop()
    if not answers[429] or answers[200] > 20 or other != 200:
        return [f"a limit of 5 a second: 40 requests at once were answered {dict(answers)}, another consumer's {other}"]
    return []
