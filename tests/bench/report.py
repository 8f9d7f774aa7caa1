# SPDX-License-Identifier: Apache-2.0
"""The table of ratios."""
import os
import platform

from contest import median, ratio
from loads import CONNECT, DOWN, GET, PLUGINS, ROUTES, TLS_ALL, UP

OURS = "gatewright"
OTHERS = ["nginx", "haproxy"]


def machine():
    model = ""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}


def _load_rows(results, kind, key, what, workloads):
    for workload in workloads:
        samples = results[kind].get(workload.name, {})
        values = {name: median(samples.get(name), key) for name in [OURS, *OTHERS]}
        shares = {name: ratio(samples.get(OURS), samples.get(name), key) for name in OTHERS}
        yield what.format(unit=workload.unit), workload.what, values, shares


def _still_rows(what, about, found):
    shares = {name: found[OURS] / found[name] if found.get(OURS) is not None and found.get(name) else None for name in OTHERS}
    yield what, about, {name: found.get(name) for name in [OURS, *OTHERS]}, shares


def _rows(results):
    """(measure, what of, {proxy: value}, {other: ours ÷ other's})."""
    yield from _load_rows(results, "cpu", "cpu_us", "CPU µs per {unit}", [GET, PLUGINS, CONNECT, DOWN, UP, *TLS_ALL, *ROUTES])
    yield from _load_rows(results, "throughput", "rate", "requests/s on one core", [GET, PLUGINS])
    yield from _load_rows(results, "throughput", "busy", "share of the core used", [GET, PLUGINS])
    yield from _load_rows(results, "latency", "p50", "p50 µs at a fixed rate", [GET, PLUGINS])
    yield from _load_rows(results, "latency", "p99", "p99 µs at a fixed rate", [GET, PLUGINS])
    for workload in (GET, PLUGINS):
        yield from _still_rows("instructions per request", workload.what, results["instructions"].get(workload.name, {}))
    memory = results["memory"]
    yield from _still_rows("RSS KiB at start", "all processes", {name: found["start"] / 1024 for name, found in memory.items()})
    yield from _still_rows("RSS bytes per idle connection", "after one request on each",
                           {name: found["connection"] for name, found in memory.items() if found["connection"] is not None})


def _inner(results):
    """What Gatewright's own figures say of each other."""
    cpu = results["cpu"]
    few = cpu.get(ROUTES[0].name, {})
    for name in [OURS, *OTHERS]:
        yield f"{name}: four plugins ÷ bare, CPU", ratio(cpu.get(PLUGINS.name, {}).get(name), cpu.get(GET.name, {}).get(name), "cpu_us")
        for workload in ROUTES[1:]:
            yield f"{name}: {workload.setting.routes:,} routes ÷ 10, CPU", ratio(cpu.get(workload.name, {}).get(name), few.get(name), "cpu_us")


def ratios(results):
    out = {f"{measure}, {about}": shares for measure, about, _, shares in _rows(results)}
    out.update({what: value for what, value in _inner(results)})
    return out


def _number(value):
    if value is None:
        return "–"
    if value < 2:
        return f"{value:.2f}"
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def _share(value):
    return "void" if value is None else f"{value:.2f}"


def show(bench, versions):
    about = machine()
    print(f"{about['processor']}, {about['cores']} cores, Linux {about['kernel']}")
    print("; ".join(f"{name}: {text}" for name, text in versions.items()))
    print(f"one worker each, {bench.rounds} rounds of {bench.seconds:g} s; ÷ is Gatewright's figure divided by the other's\n")
    head = ["", "", OURS, *OTHERS, *(f"÷ {name}" for name in OTHERS)]
    lines = [head]
    last = None
    for measure, what, values, shares in _rows(bench.results):
        if all(value is None for value in values.values()):
            continue
        lines.append(["" if measure == last else measure, what, *map(_number, values.values()), *map(_share, shares.values())])
        last = measure
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        print("  ".join(text.ljust(width) if i < 2 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))).rstrip())
    print()
    for what, value in _inner(bench.results):
        if value is not None:
            print(f"{what}: {_share(value)}")
    for problem in bench.problems:
        print(f"!! {problem}")
