#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small OTLP/HTTP collector: prints the spans that it receives, one a line. Its first line is its port."""
import http.server
import sys


def fields(data):
    """(number, value) of a protobuf message; varints as numbers, the rest as bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, data[at:at + size]
        at += size


def children(data, number):
    return [value for n, value in fields(data) if n == number]


def attribute(data):
    key, value = children(data, 1)[0].decode(), dict(fields(children(data, 2)[0]))
    text = value.get(1)
    return key, text.decode() if text is not None else value.get(3, "")


def describe(span):
    one = dict(fields(span))
    kind = {2: "SERVER", 3: "CLIENT"}.get(one.get(6), "?")
    attributes = dict(attribute(a) for a in children(span, 9))
    status = attributes.get("http.response.status_code", "-")
    return f"span {kind} \"{one[5].decode()}\" trace={one[1].hex()} span={one[2].hex()} status={status}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in children(body, 1):
            for scope in children(resource, 2):
                for span in children(scope, 2):
                    print(describe(span), flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
