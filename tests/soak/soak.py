# SPDX-License-Identifier: Apache-2.0
"""Mixed traffic against one gateway for a time; see `run`."""
import argparse
import asyncio
import logging
import os
import pathlib
import random
import re
import signal
import sys
import tempfile
import time

import origin
import traffic

WORKERS = 2
CLIENTS = 24
CONFIGURATION = """_format_version: "3.0"
gateway:
  proxy_listen: 127.0.0.1:0
  admin_listen: "off"
  status_listen: "off"
  workers: {workers}
  client_header_timeout: 2s
  upstream_keepalive_idle_timeout: 2s
services:
- name: open
  url: http://127.0.0.1:{origin}
  read_timeout: 5000
  retries: 1
  routes:
  - name: open
    paths: [/open]
- name: keys
  url: http://127.0.0.1:{origin}
  routes:
  - name: keys
    paths: [/keys]
    plugins:
    - name: key-auth
    - name: rate-limiting
      config: {{second: {limit}, policy: local}}
    - name: file-log
      config: {{path: {folder}/requests.log}}
    - name: correlation-id
- name: dead
  url: http://127.0.0.1:1
  retries: 1
  routes:
  - name: dead
    paths: [/dead]
consumers:
- username: soak
  keyauth_credentials:
  - key: soak-key
"""


class Gateway:
    def __init__(self, binary, folder, origin_port):
        self.binary, self.folder, self.origin_port = binary, folder, origin_port
        self.log = folder / "log"

    def configure(self, limit):
        (self.folder / "kong.yml").write_text(CONFIGURATION.format(
            workers=WORKERS, origin=self.origin_port, limit=limit, folder=self.folder))

    async def start(self):
        self.configure(50)
        environment = dict(os.environ,
                           ASAN_OPTIONS="detect_leaks=1:quarantine_size_mb=8:abort_on_error=0:exitcode=99",
                           UBSAN_OPTIONS="print_stacktrace=1")
        self.process = await asyncio.create_subprocess_exec(
            self.binary, "run", str(self.folder / "kong.yml"), stderr=open(self.log, "wb"), env=environment)
        self.port = int(await self.logged(r"address=127\.0\.0\.1:(\d+) kind=proxy"))
        await self.logged(r"( ready )")

    async def logged(self, pattern, times=1, timeout=60):
        """The last match's text, once it stands there so often."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.process.returncode is None:
            found = list(re.finditer(pattern, self.log.read_text(errors="replace")))
            if len(found) >= times:
                return next(group for group in found[-1].groups() if group)
            await asyncio.sleep(0.05)
        raise traffic.Wrong(f"no {pattern!r} in the log:\n{self.log.read_text(errors='replace')[-4000:]}")

    def workers(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.workers())

    def resident_kib(self):
        total = 0
        for pid in self.workers():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            total += int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
        return total

    async def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)


class Soak:
    def __init__(self, gateway, seconds):
        self.gateway, self.seconds = gateway, seconds
        self.visits, self.wrong, self.memory = {}, [], []

    async def client(self, end):
        while time.monotonic() < end:
            visit = random.choice(traffic.VISITS)
            self.visits[visit.__name__] = self.visits.get(visit.__name__, 0) + 1
            try:
                await visit(self.gateway.port)
            except Exception as problem:  # whatever it is, it is a wrong answer
                self.wrong.append(f"{visit.__name__}: {type(problem).__name__} {problem}")

    async def reload_now_and_then(self, end):
        count = 0
        while time.monotonic() + 5 < end:
            await asyncio.sleep(4)
            count += 1
            self.gateway.configure(50 + count % 2)
            self.gateway.process.send_signal(signal.SIGHUP)
            await self.gateway.logged(r"(configuration reloaded)", count)
        return count

    async def watch(self, end):
        while time.monotonic() < end:
            self.memory.append(self.gateway.resident_kib())
            await asyncio.sleep(min(1, self.seconds / 30))

    async def run(self):
        end = time.monotonic() + self.seconds
        before = self.gateway.workers()
        work = [self.client(end) for _ in range(CLIENTS)]
        *_, reloads, _ = await asyncio.gather(*work, self.reload_now_and_then(end), self.watch(end))
        self.check(self.gateway.workers() == before, "a worker died")
        return reloads

    def check(self, condition, what):
        if not condition:
            self.wrong.append(what)

    async def check_descriptors(self, before):
        """All clients are gone and idle upstream connections time out: as many as before."""
        end = time.monotonic() + 30
        while self.gateway.descriptors() > before and time.monotonic() < end:
            await asyncio.sleep(0.2)
        after = self.gateway.descriptors()
        self.check(after <= before, f"{after - before} descriptors are left")

    def check_memory(self):
        """The last third needs no more than the middle one, but for noise."""
        third = len(self.memory) // 3
        middle = sum(self.memory[third:2 * third]) / third
        last = sum(self.memory[-third:]) / third
        self.check(last < middle * 1.08 + 4096, f"memory grew from {middle:.0f} to {last:.0f} KiB")
        return middle, last


async def soak(arguments):
    server, port = await origin.start()
    with tempfile.TemporaryDirectory(prefix="gatewright-soak-") as name:
        gateway = Gateway(arguments.binary, pathlib.Path(name), port)
        await gateway.start()
        soak = Soak(gateway, arguments.seconds)
        await traffic.plain(gateway.port)
        await asyncio.sleep(3)
        descriptors = gateway.descriptors()
        reloads = await soak.run()
        await soak.check_descriptors(descriptors)
        middle, last = soak.check_memory()
        soak.check(await gateway.stop() == 0, "the gateway did not end with 0")
        log = gateway.log.read_text(errors="replace")
        for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "worker died"):
            if sign in log:
                soak.wrong.append(f"{sign}:\n{log[log.index(sign):][:4000]}")
    server.close()
    print(f"visits: {soak.visits}")
    print(f"reloads: {reloads}; memory of the workers, KiB: {middle:.0f} then {last:.0f}")
    for problem in soak.wrong[:20]:
        print("WRONG:", problem)
    print(f"{sum(soak.visits.values())} visits, {len(soak.wrong)} wrong")
    return 1 if soak.wrong else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # clients that go away are meant to
    sys.exit(asyncio.run(soak(arguments)))


main()
