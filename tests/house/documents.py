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
    """(kind, body, excused, source) of each fenced block; a comment in front says `not run: reason` or `from: FILE`, which it quotes."""
    for found in re.finditer(r"(<!-- not run: [^>]+ -->\s*\n)?(?:<!-- from: (\S+) -->\s*\n)?```(\w+)\n(.*?)```", text, re.S):
        yield found.group(3), found.group(4), bool(found.group(1)), found.group(2)


def configuration_fault(body, folder):
    path = pathlib.Path(folder) / "kong.yml"
    path.write_text(body.replace("/var/log/gatewright", str(folder)))  # a place that a system would have
    done = subprocess.run([BINARY, "check", path], capture_output=True, text=True, timeout=60)
    return None if done.returncode == 0 else done.stderr


def cases_fault(body, folder):
    """Cases of a bundled plugin, which the first line names: `# gatewright plugin test NAME.so FILE`."""
    named = re.match(r"# gatewright plugin test ([a-z-]+\.so) ", body)
    if not named:
        return "its first line does not tell of which plugin these cases are"
    path = pathlib.Path(folder) / "cases.yaml"
    path.write_text(body)
    done = subprocess.run([BINARY, "plugin", "test", BINARY.parents[1] / "lib/plugins" / named.group(1), path], capture_output=True, text=True, timeout=60)
    return None if done.returncode == 0 else done.stdout + done.stderr


def command_fault(body, folder):
    env = dict(os.environ, PATH=f"{BINARY.parent}:{os.environ['PATH']}", PREFIX=str(BINARY.parents[1]))
    done = subprocess.run(["bash", "-euc", body], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return None if done.returncode == 0 else done.stdout + done.stderr


def compile_fault(kind, body):
    compiler, standard = (os.environ.get("CC", "cc"), "c11") if kind == "c" else (os.environ.get("CXX", "c++"), "c++20")
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DGW_ENABLE_DRAFT", "-fsyntax-only", f"-std={standard}"]
    done = subprocess.run([compiler, *flags, f"-I{TOP}/plugin-sdk/include", f"-I{TOP}/plugin-sdk/cpp", "-x", "c" if kind == "c" else "c++", "-"],
                          input=body, capture_output=True, text=True, timeout=120)
    return None if done.returncode == 0 else done.stderr


def code_fault(kind, body, source):
    """C and C++ blocks are quoted from files that are built, from `source` if it is named; whole plugins compile as they stand."""
    squeezed = re.sub(r"\s+", " ", body).strip()
    if source:
        if not (TOP / source).is_file() or squeezed not in re.sub(r"\s+", " ", (TOP / source).read_text()):
            return f"this is not what stands in {source}"
    elif "GW_PLUGIN(" not in body and "gatewright_module_v1" not in body:
        places = list((TOP / "examples").rglob("*.c*")) + list((TOP / "plugin-sdk").rglob("*.h*")) + list((TOP / "tests" / "abi").rglob("*.cpp"))
        if not any(path.is_file() and squeezed in re.sub(r"\s+", " ", path.read_text()) for path in places):
            return "this code stands in no file of examples/ or tests/abi/ that is built, and is no whole plugin"
    if "GW_PLUGIN(" in body or "gatewright_module_v1" in body:
        return compile_fault(kind, body)
    return None


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
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", re.sub(r"```.*?```", "", path.read_text(), flags=re.S)):
            if not (path.parent / target).exists():
                yield f"{name}: links to {target}, which is not there"
        for target in re.findall(r"`((?:core|plugin-sdk|plugins|examples|tests)/[\w./-]+)`", path.read_text()):
            if not (TOP / target).exists():
                yield f"{name}: names {target}, which is not there"


def faults():
    with tempfile.TemporaryDirectory() as folder:
        for path in documents():
            for kind, body, excused, source in blocks(path.read_text()):
                fault = None
                if kind == "yaml" and "_format_version" in body:
                    fault = configuration_fault(body, folder)
                elif kind == "yaml" and "\ncases:" in body:
                    fault = cases_fault(body, folder)
                elif kind == "sh" and not excused:
                    fault = command_fault(body, folder)
                elif kind in ("c", "cpp"):
                    fault = code_fault(kind, body, source)
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
