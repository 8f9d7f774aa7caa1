# SPDX-License-Identifier: Apache-2.0
"""Holds the gateway's instructions and system calls per request to the budgets in the file beside this one. Neither depends on how
busy the machine is. Exit status 77: skipped, because the tools cannot work here.
   gate.py [--record]     --record writes what is measured as the new budgets"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import loads
import processes
import still
from peers import gatewright

BUDGETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "budgets")
SLACK = 1.03
SKIPPED = 77
OWN = 0.2  # calls for each request, above which they are the request's; rarer ones are timers' and threads'


def read_budgets():
    with open(BUDGETS) as file:
        return {name: float(value) for name, value in re.findall(r"^(\S+)\s+([\d.]+)$", file.read(), re.M)}


def record(measured):
    with open(BUDGETS) as file:
        text = file.read()
    for name, value in measured.items():
        text = re.sub(rf"^({re.escape(name)}\s+)[\d.]+$", lambda found: found[1] + f"{value:.10g}", text, flags=re.M)
    with open(BUDGETS, "w") as file:
        file.write(text)


def tool_fault(*command):
    """Why this tool cannot run a program here; None when it can."""
    if not shutil.which(command[0]):
        return f"{command[0]} is not installed (tests/install does it)"
    done = subprocess.run([*command, "/bin/true"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return None if done.returncode == 0 else f"{command[0]} cannot run here: {done.stdout.strip()[-300:]}"


def chain_instructions(folder):
    """For each request of chain_cost, ten plugins in it; None when it was not built."""
    build = pathlib.Path(gatewright.BINARY).resolve().parents[1] / "tests/bench"
    if not (build / "bench_chain").exists():
        return None
    totals = []
    for requests in (1000, 3000):
        output = f"{folder}/chain.{requests}"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", build / "bench_chain", build / "chain", "--run", str(requests)],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=60)
        with open(output, errors="replace") as file:
            totals.append(int(re.findall(r"^(?:summary|totals): (\d+)", file.read(), re.M)[-1]))
    return round((totals[1] - totals[0]) / 2000)


def measure(tools, folder):
    """({name: value}, [what was skipped and why])."""
    values, skipped = {}, []
    faults = {"instructions": tool_fault("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"), "system calls": tool_fault("strace", "-o", "/dev/null")}
    skipped += [f"{what}: {why}" for what, why in faults.items() if why]
    for workload in (loads.GET, loads.PLUGINS):
        if not faults["instructions"]:
            values[f"{workload.name}.instructions"] = round(still.instructions(tools, folder, gatewright, workload, (500, 1500), connections=1))
        if not faults["system calls"]:
            calls = still.system_calls(tools, folder, gatewright, workload, 1000)
            values[f"{workload.name}.calls"] = round(sum(each for each in calls.values() if each > OWN), 2)
    if not faults["instructions"]:
        chain = chain_instructions(folder)
        if chain:
            values["chain.instructions"] = chain
        else:
            skipped.append("the chain of ten plugins: bench_chain is not built")
    return values, skipped


def judge(values, budgets):
    good = True
    for name, value in values.items():
        share = value / budgets[name]
        verdict = "within the budget"
        if share > SLACK:
            good, verdict = False, f"more than {SLACK:.2f} times the budget"
        elif share < 2 - SLACK:
            verdict = "well below the budget: lower it (gate.py --record)"
        print(f"{name:22} {value:12,.10g}  budget {budgets[name]:12,.10g}  {share:.3f}  {verdict}")
    if not good:
        print(f"\nA request costs more than it did. If that is worth it, say so in {BUDGETS}, where it is told how.")
    return good


def main():
    with tempfile.TemporaryDirectory(prefix="gatewright-gate-") as folder:
        try:
            values, skipped = measure(loads.Tools(folder), folder)
        finally:
            processes.stop_all()
    for each in skipped:
        print(f"SKIPPED {each}")
    good = judge(values, read_budgets())
    if sys.argv[1:] == ["--record"]:
        record(values)
        return 0
    return SKIPPED if good and skipped else int(not good)


if __name__ == "__main__":
    sys.exit(main())
