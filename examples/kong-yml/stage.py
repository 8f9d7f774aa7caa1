# SPDX-License-Identifier: Apache-2.0
"""The kong.yml beside this file on a stage: the gateway serves it as it stands, but for the addresses 10.20.*, in whose places
stand-ins on 127.0.0.1 answer with what reached them."""
import http.client
import http.server
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("GATEWRIGHT_BINARY") or str(HERE.parents[1] / "build/core/gatewright")
ADDRESS = re.compile(r"\b10\.20\.\d+\.\d+:\d+\b")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = {"at": self.server.stands_for, "method": self.command, "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()}}
        self.server.stage.note(seen)
        body = json.dumps(seen, indent=1).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class Stage:
    """Used in a `with`: starts all, and stops it. `address` is where the gateway listens."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gatewright-stage-")
        self.changed = threading.Condition()
        self.seen = []
        self.servers = []
        self.gateway = None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        text = (HERE / "kong.yml").read_text()
        stand_ins = {address: self._stand_in(address) for address in sorted(set(ADDRESS.findall(text)))}
        path = pathlib.Path(self.folder.name) / "kong.yml"
        path.write_text(ADDRESS.sub(lambda found: stand_ins[found[0]], text))
        settings = {"proxy_listen": "127.0.0.1:0", "admin_listen": "off", "status_listen": "off", "workers": "1"}
        arguments = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        self.log = open(f"{self.folder.name}/access.log", "w+")
        self.gateway = subprocess.Popen([BINARY, "run", path, *arguments], stdout=self.log, stderr=subprocess.PIPE, text=True)
        self.address = self._listening()

    def __exit__(self, *_):
        if self.gateway:
            self.gateway.terminate()
            try:
                self.gateway.wait(15)
            except subprocess.TimeoutExpired:
                self.gateway.kill()
                self.gateway.wait()
            self.log.close()
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.folder.cleanup()

    def _stand_in(self, address):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        server.stands_for, server.stage = address, self
        self.servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    def _listening(self):
        """A thread reads the gateway's log, always, so that the gateway never waits for us."""
        said, answered = [], threading.Event()

        def read():
            for line in self.gateway.stderr:
                said.append(line)
                if " ready " in line:
                    answered.set()
            answered.set()

        threading.Thread(target=read, daemon=True).start()
        answered.wait(20)
        found = re.search(r"address=(\S+) kind=proxy", "".join(said))
        if not found or self.gateway.poll() is not None:
            raise RuntimeError(f"the gateway is not ready:\n{''.join(said)}")
        return found[1]

    def note(self, seen):
        with self.changed:
            self.seen.append(seen)
            self.changed.notify_all()

    def await_seen(self, fits, seconds=15):
        """Waits until a stand-in has got a request that fits."""
        with self.changed:
            return self.changed.wait_for(lambda: any(map(fits, self.seen)), seconds)

    def await_log(self, text, seconds=15):
        """The line of the access log that has this in it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with open(self.log.name) as log:
                for line in log:
                    if text in line and line.endswith("\n"):
                        return line
            time.sleep(0.02)
        raise RuntimeError(f"no line of the access log has {text}")

    def ask(self, method, url, headers=None, body=None):
        """(status, fields of the answer, body as text); of `url` = host/path the host goes into the field Host."""
        host, slash, path = url.partition("/")
        connection = http.client.HTTPConnection(self.address, timeout=15)
        connection.request(method, slash + path, body=body, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text
