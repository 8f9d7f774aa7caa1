#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The types of the headers are those that were frozen, as abidiff (libabigail) sees them in the debug information of an object that
has a variable of each struct: also what sizes and offsets cannot show, such as another argument of a callback.
   frozen_types.py CC [HEADERS]            compares with frozen/MINOR/types.abi
   frozen_types.py CC --write FILE         writes that file"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "plugin-sdk/tools"))
import headers  # noqa: E402

FROZEN = HERE / "frozen/1.0"


def build(compiler, include, folder):
    model = headers.Model(include)
    text = ["#include <gatewright/plugin.h>"]
    text += [f"{name} anchor_{name};" for name in model.structs]
    text += [f"{name} anchor_type_{name};" for name in model.types]
    (folder / "anchor.c").write_text("\n".join(text) + "\n")
    subprocess.run([compiler, "-std=c11", "-DGW_ENABLE_DRAFT", "-g", "-gdwarf-4", "-shared", "-fPIC", f"-I{include}", "-o", folder / "anchor.so", folder / "anchor.c"], check=True)
    return folder / "anchor.so"


def main():
    if not shutil.which("abidiff"):
        print("SKIPPED: there is no abidiff (tests/install installs abigail-tools)")
        return 77
    compiler = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if "--write" in sys.argv:
            anchor = build(compiler, headers.INCLUDE, folder)
            text = subprocess.run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--short-locs", anchor], stdout=subprocess.PIPE, text=True, check=True).stdout
            text = re.sub(r" filepath='[^']*'", "", re.sub(r" path='[^']*'", "", text))
            pathlib.Path(sys.argv[sys.argv.index("--write") + 1]).write_text(text)
            return 0
        include = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else headers.INCLUDE
        # Additions are for a later minor; a draft takes them by being frozen anew.
        done = subprocess.run(["abidiff", "--harmless", FROZEN / "types.abi", build(compiler, include, folder)], stdout=subprocess.PIPE, text=True)
    print(done.stdout.strip() or "the types are those that were frozen")
    if done.returncode:
        print("The ABI has changed. While it is a draft: raise GW_ABI_DRAFT and run tests/abi/freeze; what is released never changes.")
    return 1 if done.returncode else 0


sys.exit(main())
