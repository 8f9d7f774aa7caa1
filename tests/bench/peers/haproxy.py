# SPDX-License-Identifier: Apache-2.0
"""HAProxy of Debian, tuned: one thread, kept connections on both sides, buffers of 64 KiB, splicing of large bodies."""
import os
import shutil

from . import KEEP_MEMORY, KEYS

NAME = "haproxy"
LOG = "stdout"
BINARY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin") or "haproxy"
VERSION = [BINARY, "-v"]
ENVIRONMENT = KEEP_MEMORY

CONFIGURATION = """\
global
  nbthread 1
  maxconn {connections}
  tune.bufsize 65536
  {log}
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  option http-keep-alive
  {splice}
  http-reuse always
frontend clients
  bind 127.0.0.1:{port} backlog 8192 {tls}
  option forwardfor
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  {plugins}
  {choice}
backend origin
  server origin 127.0.0.1:{origin} pool-max-conn 256 pool-purge-delay 600s
{table}
"""

# What the four plugins do, with HAProxy's own means.
PLUGINS = """\
  log global
  http-request set-var(txn.user) req.hdr(apikey),map_str({folder}/keys.map)
  http-request deny deny_status 401 unless {{ var(txn.user) -m found }}
  http-request track-sc0 var(txn.user) table consumers
  http-request deny deny_status 429 if {{ sc0_http_req_rate gt {limit} }}
  http-request set-var(txn.id) uuid(),regsub(-,,g)
  http-request set-header traceparent 00-%[var(txn.id)]-%[var(txn.id),bytes(0,16)]-01
  log-format '{{"t":%Ts.%ms,"ip":"%ci","c":"%[var(txn.user)]","m":"%HM","u":"%HU","s":%ST,"b":%B,"rt":%Ta,"ut":%Tr,"id":"%[var(txn.id)]"}}'
"""
TABLE = """\
backend consumers
  stick-table type string len 32 size 10k expire 10s store http_req_rate(1s)
"""


def prepare(folder, port, origin, setting):
    with open(f"{folder}/keys.map", "w") as file:
        file.writelines(f"key-{i} user-{i}\n" for i in range(KEYS))
    with open(f"{folder}/routes.map", "w") as file:
        file.writelines(f"/r{i:05}/ origin\n" for i in range(setting.routes))
    many = setting.connections > 2000  # each that splices may want two pipes of its own
    with open(f"{folder}/haproxy.cfg", "w") as file:
        file.write(CONFIGURATION.format(
            tls=f"ssl crt {folder}/tls-both.pem ssl-min-ver TLSv1.3" if setting.tls else "", connections=setting.connections, port=port, origin=origin, log="log stdout format raw local0 info" if setting.plugins else "",
            splice="" if many else "option splice-auto", plugins=PLUGINS.format(folder=folder, limit=setting.limit) if setting.plugins else "",
            choice=f"use_backend %[path,map_beg({folder}/routes.map)]" if setting.routes else "default_backend origin",
            table=TABLE if setting.plugins else ""))
    return [BINARY, "-db", "-f", f"{folder}/haproxy.cfg"]
