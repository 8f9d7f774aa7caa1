#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plugin-sdk/rust/abi.rs out of the headers. rust.py writes it; rust.py --check tells whether it is what they say."""
import re
import sys

import headers

OUTPUT = headers.TOP / "plugin-sdk/rust/abi.rs"
NUMBERS = {"char": "c_char", "int": "i32", "double": "f64", "size_t": "usize", "void": "c_void",
           **{f"{sign}int{bits}_t": f"{'u' if sign else 'i'}{bits}" for sign in ("u", "") for bits in (8, 16, 32, 64)}}
KEYWORDS = {"type", "dyn", "fn", "self", "ref", "in", "match", "move", "loop", "use", "where", "final"}


def name_of(name):
    return f"r#{name}" if name in KEYWORDS and name != "self" else ("me" if name == "self" else name)


def rust(kind, function_is_option=True):
    """A C type in Rust's words."""
    if isinstance(kind, headers.Function):
        arguments = ", ".join((f"{name_of(name)}: " if name else "") + rust(one) for name, one in kind.arguments)
        returns = "" if kind.returns == "void" else f" -> {rust(kind.returns)}"
        pointer = f'unsafe extern "C" fn({arguments}){returns}'
        return f"Option<{pointer}>" if function_is_option else pointer
    if isinstance(kind, tuple):
        return f"[{rust(kind[0])}; {kind[1]} as usize]"
    base, *pointers = re.sub(r"\s*\*\s*", " * ", kind).split(" * ") if "*" in kind else [kind]
    words = [word for word in base.split() if word != "struct"]
    constant = "const" in words
    out = NUMBERS.get(words[-1], words[-1])
    for after in pointers:
        out = f"*{'const' if constant else 'mut'} {out}"
        constant = "const" in after
    return out


def value(expression):
    return re.sub(r"(?<=[0-9A-Fa-f])u\b", "", expression)


def lines():
    model = headers.Model()
    yield "// SPDX-License-Identifier: Apache-2.0"
    yield "//! The C headers of the plugin ABI in Rust, name by name; they say what each thing means."
    yield "//! Generated from plugin-sdk/include by plugin-sdk/tools/rust.py: change the headers, then run it."
    yield "#![allow(non_camel_case_types)]"
    yield "use std::os::raw::{c_char, c_void};"
    yield ""
    for name, expression in model.constants:
        number = value(expression)
        wide = "u64" if number.startswith("UINT64") else "u32" if number.startswith(("0x", "UINT32")) else "i64"
        number = {"UINT64_MAX": "u64::MAX", "UINT32_MAX": "u32::MAX"}.get(number, number)
        yield f"pub const {name}: {wide} = {number};"
    for name, text in model.texts:
        yield f'pub const {name}: &str = "{text}";'
    yield ""
    for name, kind in model.types.items():
        yield f"pub type {name} = {rust(kind)};"
    for name in model.opaque:
        yield f"#[repr(C)]\npub struct {name} {{\n    _opaque: [u8; 0],\n}}"
    for name, members in model.structs.items():
        yield f"#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {name} {{"
        for member, kind in members:
            yield f"    pub {name_of(member)}: {rust(kind)},"
        yield "}"


def main():
    text = "\n".join(lines()) + "\n"
    if "--check" not in sys.argv:
        OUTPUT.write_text(text)
        return 0
    if OUTPUT.is_file() and OUTPUT.read_text() == text:
        return 0
    print(f"{OUTPUT} is not what the headers say; renew it: python3 plugin-sdk/tools/rust.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
