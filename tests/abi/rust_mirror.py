#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mirror in Rust has the layout and the values of the C headers: two programs print both, and say the same.
   rust_mirror.py CC [HEADERS [MIRROR]]"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "plugin-sdk/tools"))
import headers  # noqa: E402
import rust  # noqa: E402


def c_program(model):
    yield "#include <gatewright/plugin.h>\n#include <stdio.h>\n#include <stddef.h>"
    for name in sorted(path.name for path in (headers.INCLUDE / "gatewright/host").glob("*.h")):
        yield f"#include <gatewright/host/{name}>"
    yield "int main(void) {"
    for name, members in model.structs.items():
        yield f'printf("{name} %zu %zu\\n", sizeof({name}), _Alignof({name}));'
        for member, _ in members:
            yield f'printf("{name}.{member} %zu %zu\\n", offsetof({name}, {member}), sizeof((({name} *)0)->{member}));'
    for name, _ in model.constants:
        yield f'printf("{name} %lld\\n", (long long){name});'
    for name, _ in model.texts:
        yield f'printf("{name} %s\\n", {name});'
    yield "return 0; }"


def rust_program(model):
    yield "#![allow(dead_code)]\n#[path = \"abi.rs\"]\nmod abi;\nuse abi::*;"
    yield "fn size<T>(_: *const T) -> usize { std::mem::size_of::<T>() }"
    yield "fn main() {"
    for name, members in model.structs.items():
        yield f'println!("{name} {{}} {{}}", std::mem::size_of::<{name}>(), std::mem::align_of::<{name}>());'
        yield f"{{ let at = std::mem::MaybeUninit::<{name}>::uninit(); let at = at.as_ptr(); let _ = at;"
        for member, _ in members:
            field = rust.name_of(member)
            yield f'let p = unsafe {{ std::ptr::addr_of!((*at).{field}) }}; println!("{name}.{member} {{}} {{}}", p as usize - at as usize, size(p));'
        yield "}"
    for name, _ in model.constants:
        yield f'println!("{name} {{}}", {name} as i64);'
    for name, _ in model.texts:
        yield f'println!("{name} {{}}", {name});'
    yield "}"


def main():
    rustc = shutil.which("rustc") or str(pathlib.Path.home() / ".cargo/bin/rustc")
    if not pathlib.Path(rustc).exists():
        print("SKIPPED: there is no rustc")
        return 77
    include = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else headers.INCLUDE
    mirror = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else TOP / "plugin-sdk/rust/abi.rs"
    model = headers.Model(include)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "c.c").write_text("\n".join(c_program(model)))
        (folder / "r.rs").write_text("\n".join(rust_program(model)))
        shutil.copy(mirror, folder / "abi.rs")
        subprocess.run([sys.argv[1], "-std=c11", "-DGW_ENABLE_DRAFT", f"-I{include}", "-o", folder / "c", folder / "c.c"], check=True)
        subprocess.run([rustc, "--edition", "2021", "-o", folder / "r", folder / "r.rs"], check=True)
        of_c, of_rust = (subprocess.run([folder / one], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines() for one in "cr")
    differ = [f"C: {a}   Rust: {b}" for a, b in zip(of_c, of_rust) if a != b]
    if len(of_c) != len(of_rust):
        differ.append(f"C has {len(of_c)} lines, Rust {len(of_rust)}")
    print("\n".join(differ) or f"{len(of_c)} sizes, offsets and values are the same")
    return 1 if differ or len(of_c) < 400 else 0


sys.exit(main())
