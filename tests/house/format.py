#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All C and C++ is as clang-format 14 writes it; other versions differ in details. Without that version: skipped (status 77)."""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]


def is_version_14(command):
    try:
        return " version 14." in subprocess.run([command, "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False


command = next(filter(is_version_14, ("clang-format-14", "clang-format")), None)
if not command:
    print("there is no clang-format 14")
    sys.exit(77)
listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h", "*.cpp", "*.hpp"], cwd=TOP, capture_output=True, text=True, check=True)
files = [name for name in listed.stdout.split("\n") if name and (TOP / name).is_file()]
if not files:
    sys.exit("no files were found: is this a checkout?")
found = subprocess.run([command, "--dry-run", "--Werror", *files], cwd=TOP, capture_output=True, text=True)
print(found.stderr or f"{len(files)} files are in form; `clang-format -i FILE` brings one there")
sys.exit(1 if found.returncode else 0)
