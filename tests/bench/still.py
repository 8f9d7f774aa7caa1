# SPDX-License-Identifier: Apache-2.0
"""Measures that do not depend on how busy the machine is: memory, instructions, system calls."""
import concurrent.futures
import glob
import re
import shutil
import signal
import time

import peers
import processes



def memory(bench, module):
    """{"start": bytes after the start, "connection": bytes for each idle connection after one request on it}."""
    wanted = min(bench.idle_connections, (processes.open_files_limit() - 1500) // 2)
    server = peers.Server(module, peers.Setting(connections=wanted + 200), bench.tools.port, bench.folder)
    holder = None
    try:
        start = processes.rss_bytes(server.process.ids())
        bench.tools.run(server, ("-c", 4, "-n", 200), 5)
        warm = processes.rss_bytes(server.process.ids())
        holder, count = bench.tools.idle(server, wanted, 20, server.folder)
        if count < wanted:
            bench.problem(f"{module.NAME}: only {count} of {wanted} idle connections were served")
            return {"start": start, "connection": None}
        return {"start": start, "connection": (processes.rss_bytes(server.process.ids()) - warm) / count, "connections": count}
    finally:
        if holder:
            holder.stop()
        server.stop()


def _callgrind_total(folder):
    total = 0
    for name in glob.glob(f"{folder}/callgrind.out.*"):
        with open(name, errors="replace") as file:
            counts = re.findall(r"^(?:summary|totals): (\d+)", file.read(), re.M)
        total += int(counts[-1]) if counts else 0
    return total


def _under_callgrind(tools, folder, module, workload, requests, connections):
    setting = peers.Setting(plugins=workload.setting.plugins, single=True)
    tool = ["valgrind", "--tool=callgrind", "--smc-check=all-non-file", "--callgrind-out-file=callgrind.out.%p"]
    server = peers.Server(module, setting, tools.port, folder, tool, patience=60)
    try:
        got = tools.run(server, (*workload.options, "-c", connections, "-n", requests), 60)
    finally:
        server.stop(patience=30)
    if got["errors"] or got["unanswered"] or got["requests"] < requests:
        raise RuntimeError(f"{module.NAME} under callgrind: {got}")
    return got["requests"], _callgrind_total(server.folder)


def instructions(tools, folder, module, workload, counts, connections):
    """User-space instructions for each request: the difference of two runs, in which start and end cancel out."""
    with concurrent.futures.ThreadPoolExecutor(len(processes.CORES)) as pool:
        runs = [pool.submit(_under_callgrind, tools, folder, module, workload, count, connections) for count in counts]
        (few, less), (many, more) = (run.result() for run in runs)
    if not less or more <= less:
        raise RuntimeError(f"{module.NAME} under callgrind: {less} instructions for {few} requests, {more} for {many}")
    return (more - less) / (many - few)


def system_calls(tools, folder, module, workload, requests):
    """{name: calls for each request}, one connection."""
    server = peers.Server(module, peers.Setting(plugins=workload.setting.plugins, single=True), tools.port, folder)
    try:
        tools.run(server, (*workload.options, "-c", 1, "-n", 100), 20)
        output = f"{server.folder}/calls"
        tracer = processes.Process(["strace", "-c", "-f", "-o", output, "-p", server.process.child.pid], server.folder)
        _await_tracer(server.process.child.pid, tracer)
        got = tools.run(server, (*workload.options, "-c", 1, "-n", requests), 30)
        tracer.stop(10, signal.SIGINT)
    finally:
        server.stop()
    calls = {}
    with open(output) as file:
        for words in (line.split() for line in file):
            if len(words) >= 5 and words[0][0].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3]) / got["requests"]
    return calls


def _await_tracer(pid, tracer):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not tracer.ended():
        with open(f"/proc/{pid}/status") as file:
            if re.search(r"^TracerPid:\t[1-9]", file.read(), re.M):
                return
        time.sleep(0.02)
    raise RuntimeError(f"strace could not attach: {tracer.last_words()}")


def missing(*programs):
    return [program for program in programs if not shutil.which(program)]


