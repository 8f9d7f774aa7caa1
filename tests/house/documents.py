#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents say is so: configurations pass the check, code blocks stand in the examples, commands run, tables match.
   documents.py BINARY"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(sys.argv[1]).resolve()


def documents():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split()
    return [TOP / name for name in names if (TOP / name).is_file()]


def blocks(text):
    """(kind, body, excused) of each fenced block; excused by a comment `not run: reason` in front."""
    for found in re.finditer(r"(<!-- not run: [^>]+ -->\s*\n)?```(\w+)\n(.*?)```", text, re.S):
        yield found.group(2), found.group(3), bool(found.group(1))


def configuration_fault(body, folder):
    path = pathlib.Path(folder) / "kong.yml"
    path.write_text(body.replace("/var/log/gatewright", str(folder)))  # a place that a system would have
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


def linked_faults():
    """What documents link to or name as a place of the tree is there."""
    for path in documents():
        name = path.relative_to(TOP)
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text()):
            if not (path.parent / target).exists():
                yield f"{name}: links to {target}, which is not there"
        for target in re.findall(r"`((?:core|plugin-sdk|plugins|examples|tests)/[\w./-]+)`", path.read_text()):
            if not (TOP / target).exists():
                yield f"{name}: names {target}, which is not there"


def faults():
    with tempfile.TemporaryDirectory() as folder:
        for path in documents():
            for kind, body, excused in blocks(path.read_text()):
                fault = None
                if kind == "yaml" and "_format_version" in body:
                    fault = configuration_fault(body, folder)
                elif kind == "sh" and not excused:
                    fault = command_fault(body, folder)
                elif kind in ("c", "cpp"):
                    fault = code_fault(body)
                if fault:
                    yield f"{path.relative_to(TOP)}: {fault}\n{body}"
    yield from settings_faults()
    code = (TOP / "core/proxy/exchange_steps.cpp").read_text()
    steps, functions = zip(*re.findall(r'Entry\{Step::\w+,\s*"(\w+)", (\w+)\}', code))
    steps = list(steps)
    told = re.findall(r"^\| `(\w+)` \|", (TOP / "ARCHITECTURE.md").read_text().split("The steps:")[1].split("All failures")[0], re.M)
    if steps != told:
        yield f"ARCHITECTURE.md tells the steps {told}, the table has {steps}"
    places = [code.index(f"Go {function}(Exchange& x) {{") for function in functions]
    if places != sorted(places):
        yield f"core/proxy/exchange_steps.cpp: the functions stand in another order than the table {functions}"
    for name in re.findall(r"`([a-z_/]+\.[ch]pp)`", (TOP / "ARCHITECTURE.md").read_text()):
        if not list((TOP / "core").rglob(name)):
            yield f"ARCHITECTURE.md: there is no file {name} in core/"
    yield from linked_faults()


found = list(faults())
print("\n".join(found) or "the documents hold")
sys.exit(1 if found else 0)
