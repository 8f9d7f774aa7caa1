#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The test of the tests: each kind of break of the ABI, made in a copy of the headers, turns the proof red that is there for it.
   breaks.py CC GATEWRIGHT"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SDK = HERE.parents[1] / "plugin-sdk"
compiler, gatewright = sys.argv[1:3]


def layout(include):
    return subprocess.run([compiler, "-std=c11", "-DGW_ENABLE_DRAFT", "-fsyntax-only", f"-I{include}", HERE / "layout_1_0.c"], capture_output=True)


def script(name):
    return lambda include: subprocess.run([sys.executable, HERE / f"{name}.py", *([] if name == "layout_complete" else [compiler]), include], capture_output=True)


complete, types, mirror = script("layout_complete"), script("frozen_types"), script("rust_mirror")

# (what, header, pattern, replacement, the proofs that must see it)
BREAKS = [
    ("a member in the middle", "request.h", r"(typedef struct gw_response \{\s*uint32_t size;)", r"\1 uint64_t wedge;", [layout, complete, types, mirror]),
    ("a member at the end of what others hold by value", "types.h", r"(typedef struct gw_str \{[^}]*)\}", r"\1 uint64_t hash; }", [layout, complete, types, mirror]),
    ("a new member that is in no list", "host/kv.h", r"(typedef struct gw_kv_api \{.*?)\} gw_kv_api;", r"\1 void (*fresh)(void); } gw_kv_api;", [layout, complete, types, mirror]),
    ("a member that is gone", "request.h", r"  int64_t \(\*get_i64\)\([^;]*;", "", [layout, complete, types, mirror]),
    ("two members that have changed places", "request.h", r"(gw_str \(\*get\)\([^;]*;)(.*?)(int64_t \(\*get_i64\)\([^;]*;)", r"\3\2\1", [layout, types, mirror]),
    ("another argument of a callback", "entry.h", r"\(\*on_upstream\)\(gw_req \*, gw_self \*, uint32_t attempt\)", "(*on_upstream)(gw_req *, gw_self *, uint64_t attempt)", [types]),
    ("another result of a function", "request.h", r"int64_t \(\*get_i64\)", "int32_t (*get_i64)", [types]),
    ("a type that has shrunk", "types.h", r"typedef uint32_t gw_hid;", "typedef uint16_t gw_hid;", [layout, types, mirror]),
    ("a constant of another value", "types.h", r"GW_FAIL = \d+", "GW_FAIL = 9", [layout, mirror]),
    ("a table of another name", "host/kv.h", r'(#define GW_KV_API )"gw\.kv/1"', r'\1"gw.kv/2"', [layout, complete, mirror]),
]


def seen(proof, include):
    done = proof(include)
    return None if done.returncode == 77 else done.returncode != 0


def note_is_judged(folder):
    """A plugin that is built for another major, a later minor, another draft is refused before any of its code runs."""
    source = (HERE.parents[1] / "examples/hello-plugin-c/hello.c").read_text().replace('#include "hello-c_schema.h"', 'static const char gw_schema[] = "{}"; //')
    (folder / "p.c").write_text(source)
    for macro, value in (("GW_ABI_MAJOR", 2), ("GW_ABI_MINOR", 9), ("GW_ABI_DRAFT", 77)):
        include = folder / macro
        shutil.copytree(SDK / "include", include)
        version = include / "gatewright/version.h"
        version.write_text(re.sub(rf"#define {macro} \d+", f"#define {macro} {value}", version.read_text()))
        subprocess.run([compiler, "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-DGW_ENABLE_DRAFT", f"-I{include}", "-o", folder / "p.so", folder / "p.c"], check=True)
        if subprocess.run([gatewright, "plugin", "inspect", folder / "p.so"], capture_output=True).returncode == 0:
            yield f"a plugin with {macro} {value} is not refused"


def cases_are_judged(folder):
    """A kept plugin that does something else than it did is seen."""
    kept = folder / "kept"
    shutil.copytree(HERE / "frozen/1.0", kept)
    cases = kept / "hello-c.yaml"
    cases.write_text(cases.read_text().replace("X-Hello: good morning", "X-Hello: good night"))
    if subprocess.run([sys.executable, HERE / "frozen_plugins.py", gatewright, kept], capture_output=True).returncode == 0:
        yield "a kept plugin that does something else is not seen"


def traces_are_judged(folder):
    """A host that answers a kept plugin otherwise, without any visible effect, is seen."""
    kept = folder / "traced"
    shutil.copytree(HERE / "frozen/1.0", kept)
    trace = kept / "hello-c.trace"
    text = trace.read_text()
    trace.write_text(text.replace('hdr_get(req, 0, 1) = null', 'hdr_get(req, 0, 1) = ""', 1))
    if trace.read_text() == text or subprocess.run([sys.executable, HERE / "frozen_plugins.py", gatewright, kept], capture_output=True).returncode == 0:
        yield "another answer to a kept plugin is not seen"


def main():
    faults, checked = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for what, header, pattern, replacement, proofs in BREAKS:
            include = folder / "include"
            shutil.rmtree(include, ignore_errors=True)
            shutil.copytree(SDK / "include", include)
            path = include / "gatewright" / header
            text, n = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.S)
            path.write_text(text)
            if n != 1:
                faults.append(f"{what}: the headers do not have it as this test expects")
                continue
            for proof in proofs:
                result = seen(proof, include)
                checked += result is not None
                if result is False:
                    faults.append(f"{what}: not seen by {'layout' if proof is layout else ['layout_complete', 'frozen_types', 'rust_mirror'][[complete, types, mirror].index(proof)]}")
        for proof in (layout, complete, types, mirror):
            if seen(proof, SDK / "include"):
                faults.append("a proof is red without a break")
        faults += [*note_is_judged(folder), *cases_are_judged(folder), *traces_are_judged(folder)]
    print("\n".join(faults) or f"{len(BREAKS)} breaks, {checked} times seen")
    return 1 if faults else 0


sys.exit(main())
