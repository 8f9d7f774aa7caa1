# SPDX-License-Identifier: Apache-2.0
"""Gatewright beside nginx and HAProxy, in one run. Started by tests/bench/run, which installs and builds what it needs."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import loads
import processes
import report
import still
from contest import Contest
from loads import CONNECT, DOWN, GET, PLUGINS, ROUTES, TLS_ALL, UP, Tools
from peers import gatewright, haproxy, nginx

MODULES = [gatewright, nginx, haproxy]
MEASURES = ["cpu", "tls", "throughput", "latency", "routes", "memory", "instructions"]


class Bench:
    """What a run was asked for, and what it found."""

    def __init__(self, options, folder):
        self.quick = options.quick
        self.measures = options.measures.split(",")
        self.modules = [module for module in MODULES if shutil.which(module.BINARY)]
        self.rounds = options.rounds or (3 if self.quick else 7)
        self.seconds = options.slice or (0.4 if self.quick else 1.0)
        self.rate = options.rate
        self.idle_connections = 500 if self.quick else 4000
        self.ends = time.monotonic() + (75 if self.quick else 540)
        self.folder = folder
        self.problems = []
        self.results = {"cpu": {}, "throughput": {}, "latency": {}, "memory": {}, "instructions": {}}
        self.tools = Tools(folder)

    def problem(self, text):
        self.problems.append(text)
        print(f"!! {text}", file=sys.stderr, flush=True)

    def late(self):
        """The time is used up: no further round begins."""
        return time.monotonic() > self.ends

    def run(self):
        for module in MODULES:
            if module not in self.modules:
                print(f"{module.NAME} is not installed and is left out")
        if {"cpu", "throughput", "latency"} & set(self.measures):
            self._under_load()
        if self._wants("tls"):
            with Contest(self, self.modules, TLS_ALL) as contest:
                for workload in TLS_ALL:
                    self.results["cpu"].update(contest.measure([workload], self.seconds, apart=False))
        if self._wants("routes"):
            with Contest(self, self.modules, ROUTES) as contest:
                self.results["cpu"].update(contest.measure(ROUTES, self.seconds, apart=False))
        if self._wants("memory"):
            for module in self.modules:
                self._try(self.results["memory"], module, lambda: still.memory(self, module))
        if self._wants("instructions"):
            self._instructions()

    def _wants(self, measure):
        if measure in self.measures:
            print(f"… {measure}", file=sys.stderr, flush=True)
        return measure in self.measures

    def _under_load(self):
        small = [GET, PLUGINS]
        with Contest(self, self.modules, [GET, PLUGINS, DOWN, UP, CONNECT]) as contest:
            if self._wants("cpu"):
                for group in (small, [DOWN], [UP], [CONNECT]):
                    self.results["cpu"].update(contest.measure(group, self.seconds, apart=False))
            if self._wants("throughput"):
                self.results["throughput"] = contest.measure(small, self.seconds, apart=True)
            if self._wants("latency"):
                self.results["latency"] = contest.measure(small, self.seconds, apart=True, rate=self.rate)

    def _instructions(self):
        counts = (200, 700) if self.quick else (500, 2500)
        for workload in (GET, PLUGINS):
            found = self.results["instructions"].setdefault(workload.name, {})
            for module in self.modules:
                self._try(found, module, lambda: still.instructions(self.tools, self.folder, module, workload, counts, connections=16))

    def _try(self, found, module, measure):
        try:
            found[module.NAME] = measure()
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self.problem(str(error))


def read_options():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: about 90 seconds")
    parser.add_argument("--json", default="bench.json", metavar="FILE", help="all samples; default %(default)s")
    parser.add_argument("--rounds", type=int, help="how often each proxy has its turn")
    parser.add_argument("--slice", type=float, metavar="SECONDS", help="how long a turn is")
    parser.add_argument("--rate", type=int, default=4000, help="requests a second for latency; default %(default)s")
    parser.add_argument("--measures", default=",".join(MEASURES), metavar="LIST", help="some of %(default)s")
    options = parser.parse_args()
    unknown = set(options.measures.split(",")) - set(MEASURES)
    if unknown:
        parser.error(f"--measures: no such measure: {', '.join(sorted(unknown))}; expected some of {', '.join(MEASURES)}")
    return options


def version(module):
    done = subprocess.run(module.VERSION, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return done.stdout.strip().splitlines()[0]


def main():
    options = read_options()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("the benchmark did not end in time"))
    signal.alarm(240 if options.quick else 1200)
    if not shutil.which(gatewright.BINARY):
        sys.exit(f"there is no {gatewright.BINARY}: build the Release preset, or name a binary in GATEWRIGHT_BINARY")
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        os.chmod(folder, 0o755)
        try:
            bench = Bench(options, folder)
            versions = {module.NAME: version(module) for module in bench.modules}
            bench.run()
        finally:
            processes.stop_all()
    report.show(bench, versions)
    with open(options.json, "w") as file:
        json.dump({"versions": versions, "machine": report.machine(), "settings": {"rounds": bench.rounds, "slice": bench.seconds, "rate": bench.rate},
                   "ratios": report.ratios(bench.results), "problems": bench.problems, **bench.results}, file, indent=1)
    print(f"\nall samples: {options.json}")
    return 1 if bench.problems else 0


if __name__ == "__main__":
    sys.exit(main())
