#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The form that all files have: the first line, sizes, names, the top level, plugin folders, no sleeping in tests."""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
LIMIT_FILE, LIMIT_FUNCTION = 400, 60
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "core", "plugin-sdk", "plugins", "examples", "tests"}
# What is promised to be short.
SHORT = {"examples/hello-plugin-c/hello.c": 80, "examples/hello-plugin-cpp/hello.cpp": 20, "CONTRIBUTING.md": 120}
PLUGIN_FILES = {"CMakeLists.txt", "README.md", "schema.json", "config.hpp", "config.cpp", "handler.cpp"}


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\n")
    return [TOP / n for n in names if n and (TOP / n).is_file()]


def functions(text):
    """(line, length) of each function body: a line at the left edge or indented by two that ends with '{', up to its closing brace."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not re.match(r"( {0,2})[A-Za-z_~].*\)[^;]*\{$", line) or re.match(r"\s*(namespace|class|struct|enum|union|if|for|while|switch)\b", line):
            continue
        indent = re.match(r" *", line).group()
        for j in range(i + 1, len(lines)):
            if lines[j].startswith(indent + "}"):
                yield i + 1, j - i + 1
                break


def faults():
    for path in tracked():
        name = path.relative_to(TOP)
        first = name.parts[0]
        if first not in TOP_LEVEL and not first.startswith(".") and not re.fullmatch(r"[A-Z]+(-[A-Z]+)*\.md", first):
            yield f"{name}: the top level holds only {', '.join(sorted(TOP_LEVEL))}, root documents and dot-files"
        code = path.suffix in (".cpp", ".hpp", ".c", ".h")
        if not (code or path.suffix in (".py", ".cmake", ".inc") or path.name == "CMakeLists.txt"):
            continue
        text = path.read_text(errors="replace")
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.splitlines()[:2]):
            yield f"{name}: the first line is not the SPDX line"
        excused = re.search(r"house: size: \S", text)
        lines = text.count("\n")
        if code and not re.fullmatch(r"([a-z0-9-]+_test|[a-z0-9_]+)\.[a-z]+", path.name):
            yield f"{name}: names of files are snake_case"
        if code and lines > LIMIT_FILE and not excused:
            yield f"{name}: {lines} lines, the limit is {LIMIT_FILE}"
        if code and first != "tests" and not excused:
            for line, length in functions(text):
                if length > LIMIT_FUNCTION:
                    yield f"{name}:{line}: a function of {length} lines, the limit is {LIMIT_FUNCTION}"
        if first == "tests" and code and re.search(r"\b(u?sleep|sleep_for|sleep_until|nanosleep)\s*\(", text):
            yield f"{name}: sleeps; wait for an event with a deadline"
    for name, limit in SHORT.items():
        lines = (TOP / name).read_text().count("\n")
        if lines > limit:
            yield f"{name}: {lines} lines, {limit} are promised"
    if "Apache License" not in (TOP / "LICENSE").read_text()[:200]:
        yield "LICENSE: is not the Apache License"
    for folder in (TOP / "plugins").iterdir():
        if folder.is_dir() and not re.fullmatch(r"[a-z][a-z0-9-]*", folder.name):
            yield f"plugins/{folder.name}: names of plugins are kebab-case, as in the configuration"
        missing = PLUGIN_FILES - {p.name for p in folder.iterdir()} if folder.is_dir() else set()
        if missing:
            yield f"plugins/{folder.name}: lacks {', '.join(sorted(missing))}"


found = list(faults())
print("\n".join(found) or "the form is kept")
sys.exit(1 if found else 0)
