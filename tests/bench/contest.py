# SPDX-License-Identifier: Apache-2.0
"""Measures under load: the proxies take turns in short slices, so that a busy moment of the machine meets them all, and what is
reported is the median of the ratios of one round each. A load generator on the same machine leaves nothing else to trust."""
import statistics

import checks
import peers
import processes
from loads import slice_of_load


class Contest:
    """Servers for some workloads, checked; then any measure of them."""

    def __init__(self, bench, modules, workloads):
        self.bench = bench
        self.entries = []  # (workload, server)
        running = {}
        for workload in workloads:
            for module in modules:
                key = module.NAME, workload.setting
                if key not in running:
                    running[key] = self._start(module, workload.setting)
                if running[key]:
                    self.entries.append((workload, running[key]))
        self.servers = [server for server in running.values() if server]

    def _start(self, module, setting):
        try:
            server = peers.Server(module, setting, self.bench.tools.port, self.bench.folder)
        except RuntimeError as error:
            self.bench.problem(str(error))
            return None
        found = checks.complaints(server, self.bench.tools.port)
        if setting.plugins:
            found += checks.limit_complaints(module, self.bench.tools.port, self.bench.folder)
        for complaint in found:
            self.bench.problem(f"{module.NAME}, {setting}: {complaint}")
        if found:
            server.stop()
            return None
        return server

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()

    def measure(self, workloads, seconds, apart, rate=0):
        """{workload: {proxy: [sample or None, one for each round]}}. `apart`: the proxy has a core of its own; else all share one,
        so that what it costs does not depend on which core wakes which."""
        entries = [entry for entry in self.entries if entry[0] in workloads]
        cores = processes.CORES
        load_core = cores[-1]
        # Of three cores or more the origin has one, too, where the proxy has.
        processes.pin(self.bench.tools.origin, cores[-2] if apart and len(cores) > 2 else load_core)
        for server in {id(server): server for _, server in entries}.values():
            processes.pin(server.process, cores[0] if apart else load_core)
        samples = {workload.name: {} for workload, _ in entries}
        for turn in range(-1, self.bench.rounds):  # the first one only warms up
            if turn > 0 and self.bench.late():
                break
            shift = turn % len(entries) if entries else 0
            for workload, server in entries[shift:] + entries[:shift]:
                sample = slice_of_load(self.bench.tools, server, workload, seconds if turn >= 0 else 0.2, load_core, rate)
                if turn >= 0:
                    samples[workload.name].setdefault(server.name, []).append(self._valid(sample, workload, server))
        return samples

    def _valid(self, sample, workload, server):
        if sample["bad"] == 0 and sample["requests"]:
            return sample
        self.bench.problem(f"{server.name}, {workload.what}: {sample['bad']} of {sample['requests']} were not answered; the sample is void")
        return None


def median(samples, key):
    good = [sample[key] for sample in samples or [] if sample]
    return statistics.median(good) if good else None


def ratio(samples, others, key):
    """Median over the rounds of one round's ratio."""
    pairs = [a[key] / b[key] for a, b in zip(samples or [], others or []) if a and b and b[key]]
    return statistics.median(pairs) if pairs else None
