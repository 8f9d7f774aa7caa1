# SPDX-License-Identifier: Apache-2.0
"""The proxies that are measured. Each module writes one's configuration for a Setting and knows its command line."""
import dataclasses
import http.client
import os
import ssl
import subprocess
import tempfile
import time

from processes import Process, free_port

KEYS = 100  # consumers behind the four plugins: key-0 … key-99


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a proxy has to do."""
    routes: int = 0  # that many prefixes /r00000/ …, of one length, and nothing else; 0: one route for everything
    plugins: bool = False  # key-auth, a rate limit for each consumer, an access log, trace context
    limit: int = 1_000_000  # requests a second for each consumer
    connections: int = 1024
    tls: bool = False  # listens with TLS 1.3 and a certificate with a key of P-256
    single: bool = False  # one process, so that tools can follow it


def make_certificate(folder):
    """tls.pem and tls.key, and both in one as HAProxy wants them."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.pem"], check=True, capture_output=True)
    with open(f"{folder}/tls-both.pem", "w") as both:
        for name in ("tls.pem", "tls.key"):
            with open(f"{folder}/{name}") as file:
                both.write(file.read())


class Server:
    """A proxy that runs. `module` is one of this package's, `tool` a command that is put in front."""

    def __init__(self, module, setting, origin, folder, tool=(), patience=30):
        self.setting = setting
        self.name = module.NAME
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix=f"{module.NAME}-", dir=folder)
        os.chmod(self.folder, 0o755)
        self.log = f"{self.folder}/{module.LOG}"
        if setting.tls:
            make_certificate(self.folder)
        begun = time.monotonic()
        command = module.prepare(self.folder, self.port, origin, setting)
        self.process = Process([*tool, *command], self.folder, getattr(module, "ENVIRONMENT", None))
        self._await(begun + patience)
        self.seconds_to_start = time.monotonic() - begun

    def _await(self, deadline):
        path = f"/r{self.setting.routes - 1:05}/x" if self.setting.routes else "/"
        while time.monotonic() < deadline and not self.process.ended():
            try:
                if self.ask(path, {"apikey": "key-0"})[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        words = self.process.last_words()
        self.process.stop()
        raise RuntimeError(f"{self.name} did not come up: {' '.join(map(str, self.process.command))}\n{words}")

    def connect(self, timeout=15):
        if self.setting.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=ssl._create_unverified_context())
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, headers=None, body=None, connection=None):
        """(status, body) of one request."""
        used = connection or self.connect()
        used.request("POST" if body else "GET", path, body=body, headers=headers or {})
        answer = used.getresponse()
        got = answer.status, answer.read()
        if not connection:
            used.close()
        return got

    def empty_log(self):
        """All of them append. Between slices: else the access logs grow by gigabytes, and who writes the longer lines pays for how
        slowly a virtual machine hands out memory that it never used, which was ten times what writing costs."""
        if os.path.exists(self.log):
            os.truncate(self.log, 0)

    def stop(self, patience=4.0):
        self.process.stop(patience)


# A 1 MiB body makes glibc give memory back and fetch it again for each message; both peers run with
# limits that spare them that, as their packagers advise for large bodies. Gatewright sets its own.
KEEP_MEMORY = {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=67108864"}
