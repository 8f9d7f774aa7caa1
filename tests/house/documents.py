#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the root documents say is so: configurations pass the check, code blocks stand in the examples, commands run, tables match.
   documents.py BINARY"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(sys.argv[1]).resolve()


def blocks(text):
    """(kind, body, excused) of each fenced block; excused by a comment `not run: reason` in front."""
    for found in re.finditer(r"(<!-- not run: [^>]+ -->\s*\n)?```(\w+)\n(.*?)```", text, re.S):
        yield found.group(2), found.group(3), bool(found.group(1))


def configuration_fault(body, folder):
    path = pathlib.Path(folder) / "kong.yml"
    path.write_text(body)
    done = subprocess.run([BINARY, "check", path], capture_output=True, text=True, timeout=60)
    return None if done.returncode == 0 else done.stderr


def command_fault(body, folder):
    env = dict(os.environ, PATH=f"{BINARY.parent}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-euc", body], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return None if done.returncode == 0 else done.stdout + done.stderr


def code_fault(body):
    """C and C++ blocks are quoted from files that are built."""
    squeezed = re.sub(r"\s+", " ", body).strip()
    for path in list((TOP / "examples").rglob("*.c*")) + list((TOP / "plugin-sdk").rglob("*.h*")) + list((TOP / "tests" / "abi").rglob("*.cpp")):
        if path.is_file() and squeezed in re.sub(r"\s+", " ", path.read_text()):
            return None
    return "this code stands in no file of examples/ or tests/abi/ that is built"


def settings_faults():
    rows = re.findall(r'\{"([^"]*)", "([^"]*)", "([^"]*)", (true|false),\s*"([^"]*)"\}', (TOP / "core/config/settings_rows.inc").read_text())
    if len(rows) < 20:
        yield "core/config/settings_rows.inc: rows not understood"
    table = (TOP / "CONFIGURATION.md").read_text()
    for name, kind, fallback, kong, about in rows:
        cell = f"`{fallback}`" if fallback else ""
        line = f"| `{name}` | {kind} | {cell} | {'yes' if kong == 'true' else ''} | {about} |"
        if line not in table:
            yield f"CONFIGURATION.md: expected the row {line}"


def faults():
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(TOP.glob("*.md")):
            for kind, body, excused in blocks(path.read_text()):
                fault = None
                if kind == "yaml" and "_format_version" in body:
                    fault = configuration_fault(body, folder)
                elif kind == "sh" and not excused:
                    fault = command_fault(body, folder)
                elif kind in ("c", "cpp"):
                    fault = code_fault(body)
                if fault:
                    yield f"{path.name}: {fault}\n{body}"
    yield from settings_faults()
    steps = re.findall(r'Entry\{Step::\w+,\s*"(\w+)"', (TOP / "core/proxy/exchange_steps.cpp").read_text())
    told = re.findall(r"^\| `(\w+)` \|", (TOP / "ARCHITECTURE.md").read_text().split("The steps:")[1].split("All failures")[0], re.M)
    if steps != told:
        yield f"ARCHITECTURE.md tells the steps {told}, the table has {steps}"


found = list(faults())
print("\n".join(found) or "the documents hold")
sys.exit(1 if found else 0)
