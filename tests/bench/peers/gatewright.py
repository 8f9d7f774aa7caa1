# SPDX-License-Identifier: Apache-2.0
"""Gatewright, from this checkout's Release build or the environment variable GATEWRIGHT_BINARY."""
import json
import os
import pathlib

from . import KEYS

NAME = "gatewright"
LOG = "access.log"
BINARY = os.environ.get("GATEWRIGHT_BINARY") or str(pathlib.Path(__file__).resolve().parents[3] / "build/core/gatewright")
VERSION = [BINARY, "version"]


def _plugins(folder, setting):
    return [
        {"name": "key-auth", "config": {"key_names": ["apikey"]}},
        {"name": "rate-limiting", "config": {"second": setting.limit, "policy": "local", "limit_by": "consumer"}},
        {"name": "file-log", "config": {"path": f"{folder}/{LOG}"}},
        {"name": "opentelemetry", "config": {"propagation": {"default_format": "w3c", "inject": ["w3c"]}}},
    ]


def configuration(folder, port, origin, setting):
    paths = [f"/r{i:05}/" for i in range(setting.routes)] or ["/"]
    routes = [{"name": f"route-{i}", "paths": [path], "strip_path": False} for i, path in enumerate(paths)]
    kong = {
        "_format_version": "3.0",
        "gateway": {
            "proxy_listen": f"127.0.0.1:{port} reuseport backlog=8192" + (" ssl" if setting.tls else ""),
            "admin_listen": "off",
            "status_listen": "off",
            "workers": 1,
            "supervisor": not setting.single,
            "plugins": [],
            "upstream_keepalive_pool_size": 256,
            "upstream_keepalive_max_requests": 0,
            "keepalive_requests": 0,
            "keepalive_timeout": "600s",
            "log_level": "warn",
        },
        "services": [{"name": "origin", "url": f"http://127.0.0.1:{origin}", "routes": routes}],
    }
    if setting.tls:
        kong["gateway"].update({"ssl_cert": [f"{folder}/tls.pem"], "ssl_cert_key": [f"{folder}/tls.key"], "ssl_protocols": "TLSv1.3"})
    if setting.plugins:
        kong["gateway"]["plugins"] = [plugin["name"] for plugin in _plugins(folder, setting)]
        kong["plugins"] = _plugins(folder, setting)
        kong["consumers"] = [{"username": f"user-{i}", "keyauth_credentials": [{"key": f"key-{i}"}]} for i in range(KEYS)]
    return kong


def prepare(folder, port, origin, setting):
    path = f"{folder}/kong.json"
    with open(path, "w") as file:
        json.dump(configuration(folder, port, origin, setting), file, indent=1)
    return [BINARY, "run", path]
