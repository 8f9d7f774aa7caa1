#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plugins that were built when the ABI was frozen, kept as files, do in today's host what they did then: their cases, in every mode
of the test kit, with the same calls and results in the same order, and loaded by the gateway. Binaries of x86-64 Linux.
   frozen_plugins.py GATEWRIGHT [FOLDER]"""
import difflib
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
gatewright = sys.argv[1]
folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "frozen/1.0"
if platform.machine() != "x86_64":
    print("SKIPPED: the kept plugins are of x86-64")
    sys.exit(77)

faults = []
frozen = (folder / "draft").read_text().strip()
draft = re.search(r"#define GW_ABI_DRAFT (\d+)", (HERE.parents[1] / "plugin-sdk/include/gatewright/version.h").read_text()).group(1)
if frozen != draft:
    faults.append(f"frozen is draft {frozen}, the headers are draft {draft}; run tests/abi/freeze")
plugins = sorted(folder.glob("*.so"))
for plugin in plugins:
    for command in (["plugin", "inspect", "--load", plugin], ["plugin", "lint", plugin], ["plugin", "test", plugin, plugin.with_suffix(".yaml")]):
        done = subprocess.run([gatewright, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        if done.returncode:
            faults.append(f"{' '.join(map(str, command))}:\n{done.stdout}")
    now = subprocess.run([gatewright, "plugin", "test", "--trace", plugin, plugin.with_suffix(".yaml")], capture_output=True, text=True, timeout=60).stdout
    then = plugin.with_suffix(".trace").read_text()
    if now != then:
        changed = "\n".join(difflib.unified_diff(then.splitlines(), now.splitlines(), "then", "now", lineterm=""))
        faults.append(f"{plugin}: other calls pass between it and the host:\n{changed}")
print("\n".join(faults) or f"{len(plugins)} kept plugins do what they did")
sys.exit(1 if faults or len(plugins) < 4 else 0)
