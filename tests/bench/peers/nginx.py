# SPDX-License-Identifier: Apache-2.0
"""nginx of Debian, tuned: kept connections on both sides, no access log, no buffering of requests, buffers of 128 KiB."""
import os
import shutil

from . import KEEP_MEMORY, KEYS

NAME = "nginx"
LOG = "access.log"
BINARY = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or "nginx"
VERSION = [BINARY, "-v"]
ENVIRONMENT = KEEP_MEMORY

CONFIGURATION = """\
daemon off;
master_process {master};
{user}
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections {files}; multi_accept on; use epoll; }}
http {{
  {log}
  sendfile on;
  tcp_nodelay on;
  server_tokens off;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  upstream origin {{
    server 127.0.0.1:{origin};
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_buffers 8 128k;
  proxy_buffer_size 128k;
  proxy_busy_buffers_size 256k;
  client_body_buffer_size 128k;
  {plugins}
  server {{
    listen 127.0.0.1:{port} {tls} reuseport backlog=8192;
    {certificate}
    {locations}
  }}
}}
"""

TLS = "ssl_certificate {folder}/tls.pem; ssl_certificate_key {folder}/tls.key; ssl_protocols TLSv1.3;"

# What the four plugins do, with nginx's own means. There is no trace module in the package: new ids, no spans.
PLUGINS = """\
  map $http_apikey $consumer {{ default ""; {keys} }}
  map $request_id $span {{ default 0000000000000001; "~^(?<first>.{{16}})" $first; }}
  limit_req_zone $consumer zone=consumers:1m rate={limit}r/s;
  limit_req zone=consumers burst={limit} nodelay;
  limit_req_status 429;
  log_format line escape=json '{{"t":$msec,"ip":"$remote_addr","c":"$consumer","m":"$request_method","u":"$request_uri","s":$status,'
    '"b":$body_bytes_sent,"rt":$request_time,"ut":"$upstream_response_time","id":"$request_id"}}';
  access_log {folder}/access.log line buffer=64k flush=1s;
  proxy_set_header traceparent 00-$request_id-$span-01;
"""


def prepare(folder, port, origin, setting):
    locations = "location / { proxy_pass http://origin; }"
    if setting.plugins:
        locations = 'location / { if ($consumer = "") { return 401; } proxy_pass http://origin; }'
    if setting.routes:
        locations = "".join(f"location /r{i:05}/ {{ proxy_pass http://origin; }}\n" for i in range(setting.routes)) + "location / { return 404; }"
    keys = " ".join(f'"key-{i}" user-{i};' for i in range(KEYS))
    plugins = PLUGINS.format(folder=folder, keys=keys, limit=setting.limit) if setting.plugins else ""
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(CONFIGURATION.format(folder=folder, port=port, origin=origin, master="off" if setting.single else "on",
                                        user="user root;" if os.geteuid() == 0 else "", files=2 * setting.connections + 512,
                                        tls="ssl" if setting.tls else "", certificate=TLS.format(folder=folder) if setting.tls else "",
                                        log="" if setting.plugins else "access_log off;", plugins=plugins, locations=locations))
    return [BINARY, "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
