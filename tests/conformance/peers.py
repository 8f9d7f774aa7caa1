# SPDX-License-Identifier: Apache-2.0
"""The programs that are judged: each a process in a folder of its own, one worker, everything forwarded to the origin with the
client's Host, a request body of at most 1 MiB."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

GATEWRIGHT = """
_format_version: "3.0"
gateway: {proxy_listen: "127.0.0.1:0", admin_listen: "off", status_listen: "off", workers: 1, plugins: "off", client_max_body_size: 1m,
  client_header_timeout: 1500ms, client_body_timeout: 1500ms}
services:
- name: origin
  url: http://127.0.0.1:%(origin)d
  retries: 1
  routes: [{name: all, paths: [/], strip_path: false, preserve_host: true}]
"""
NGINX = """
daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log error.log;
events { worker_connections 512; }
http {
  access_log off; client_max_body_size 1m; client_header_timeout 1500ms; client_body_timeout 1500ms;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream origin { server 127.0.0.1:%(origin)d; keepalive 16; }
  server {
    listen 127.0.0.1:%(port)d default_server;
    location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection ""; }
  }
}
"""
HAPROXY = """
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
  timeout http-keep-alive 5s
  timeout http-request 1500ms
frontend f
  bind 127.0.0.1:%(port)d
  default_backend b
backend b
  http-reuse safe
  server s 127.0.0.1:%(origin)d
"""


given, lock = set(), threading.Lock()


def free_port():
    """One that no other peer was given."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        with lock:
            if port not in given:
                given.add(port)
                return port


class Peer:
    """A running one. `port` is where it listens."""

    def __init__(self, name, origin_port, binary):
        self.name = name
        binary = os.path.abspath(binary)
        self.folder = tempfile.mkdtemp(prefix="conformance-")
        self.port = free_port()
        config, text, command = {
            "gatewright": ("kong.yml", GATEWRIGHT, [binary, "run", "kong.yml"]),
            "nginx": ("nginx.conf", NGINX, ["nginx", "-p", self.folder, "-c", "nginx.conf", "-e", "error.log"]),
            "haproxy": ("haproxy.cfg", HAPROXY, ["haproxy", "-db", "-f", "haproxy.cfg"]),
        }[name]
        with open(os.path.join(self.folder, config), "w") as out:
            out.write(text % {"origin": origin_port, "port": self.port})
        self.log = os.path.join(self.folder, "output.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.name == "gatewright":
                found = re.search(r"listening address=127\.0\.0\.1:(\d+) kind=proxy", self.output())
                self.port = int(found[1]) if found else 0
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                self.ended_within(0.02)
        raise SystemExit(f"{self.name} does not listen:\n{self.output()}")

    def ended_within(self, seconds):
        try:
            self.process.wait(timeout=seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def output(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """(exit status, all that it has said)"""
        self.process.send_signal(signal.SIGTERM)
        if not self.ended_within(20):
            self.process.kill()
            self.process.wait()
        said = self.output()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.returncode, said
