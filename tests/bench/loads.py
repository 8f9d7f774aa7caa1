# SPDX-License-Identifier: Apache-2.0
"""The workloads, and one slice of load with what it cost the proxy."""
import dataclasses
import json
import os
import subprocess
import time

import processes
from peers import KEYS, Setting


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    setting: Setting
    options: tuple  # of the load generator
    what: str
    unit: str = "request"


GET = Workload("get", Setting(), ("-c", 64), "GET, 100 B answer, connections kept")
DOWN = Workload("down", Setting(), ("-c", 16, "-u", "/1m"), "GET, 1 MiB answer", "MiB")
UP = Workload("up", Setting(), ("-c", 16, "-b", 1 << 20), "POST, 1 MiB body", "MiB")
CONNECT = Workload("connect", Setting(), ("-c", 64, "-x"), "a new connection for each request")
TLS = Workload("tls", Setting(tls=True), ("-c", 64, "-t"), "GET over TLS, connections kept")
TLS_DOWN = Workload("tls-down", Setting(tls=True), ("-c", 16, "-t", "-u", "/1m"), "GET over TLS, 1 MiB answer", "MiB")
TLS_FULL = Workload("tls-full", Setting(tls=True), ("-c", 64, "-t", "-x"), "a new TLS connection for each request")
TLS_RESUMED = Workload("tls-resumed", Setting(tls=True), ("-c", 64, "-T", "-x"), "the same with resumed sessions")
TLS_ALL = [TLS, TLS_FULL, TLS_RESUMED, TLS_DOWN]
PLUGINS = Workload("plugins", Setting(plugins=True), ("-c", 64, "-a", "-v", KEYS), "GET with the four plugins on the route")


def routes(count):
    return Workload(f"routes-{count}", Setting(routes=count), ("-c", 64, "-u", "/r%d/x", "-v", count), f"GET, {count:,} routes hit at random")


ROUTES = [routes(10), routes(1_000), routes(10_000)]


class Tools:
    """The load generator and the origin, built into FOLDER; the origin runs until the end."""

    def __init__(self, folder):
        here = os.path.dirname(os.path.abspath(__file__))
        compiler = os.environ.get("CC", "cc")
        builds = [subprocess.Popen([compiler, "-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", f"{folder}/{name}", f"{here}/{name}.c", "-lm", "-lssl", "-lcrypto"]) for name in ("load", "origin")]
        if any(build.wait() for build in builds):
            raise RuntimeError(f"{compiler} could not build the load generator and the origin")
        self.load = f"{folder}/load"
        self.origin = processes.Process([f"{folder}/origin"], folder, pipes=True)
        self.port = int(self.origin.child.stdout.readline())

    def run(self, server, options, seconds, core=None):
        """What the load generator reports."""
        command = [self.load, *options, "-d", seconds, server.port]
        pinned = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60, preexec_fn=pinned)
        return json.loads(done.stdout)

    def idle(self, server, count, seconds, folder):
        """(process that holds so many idle connections until it is stopped, how many it got)."""
        process = processes.Process([self.load, "-i", "-c", count, "-d", seconds, server.port], folder, pipes=True)
        return process, int(process.child.stdout.readline().split()[1])


def _not_as_wanted(workload, got):
    """Handshakes of the other kind. The first of each connection has nothing to resume."""
    full = got["handshakes"] - got["resumed"]
    return max(0, full - 64) if workload is TLS_RESUMED else got["resumed"]


def slice_of_load(tools, server, workload, seconds, core, rate=0):
    """One sample; `bad` counts what was not answered as it should be, and makes it void."""
    server.empty_log()
    ids = server.process.ids()
    before, begun = processes.cpu_ns(ids), time.monotonic()
    options = (*workload.options, "-r", rate) if rate else workload.options
    got = tools.run(server, options, seconds, core)
    spent = processes.cpu_ns(server.process.ids()) - before
    count = max(1, got["requests"])
    return {"cpu_us": spent / 1000 / count, "rate": got["requests"] / got["seconds"], "p50": got["p50"], "p99": got["p99"],
            "busy": spent / 1e9 / (time.monotonic() - begun), "bad": got["errors"] + got["unanswered"] + _not_as_wanted(workload, got), "requests": got["requests"]}
