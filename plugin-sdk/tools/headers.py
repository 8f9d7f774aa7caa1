# SPDX-License-Identifier: Apache-2.0
"""What the public C headers declare, as lists: for the mirror in Rust, and for the proof that nothing is left out of it.

Knows the C that the headers use, and no more: structs, opaque structs, enums of constants, typedefs, function pointers, one function."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = TOP / "plugin-sdk/include"


def files(include=INCLUDE):
    base = pathlib.Path(include) / "gatewright"
    # In the order in which they include each other.
    first = [base / f"{name}.h" for name in ("version", "types", "host", "request", "phase", "body", "entry")]
    rest = [path for path in sorted(base.glob("*.h")) if path not in first and path.name != "plugin.h"]
    return first + rest + sorted((base / "host").glob("*.h"))


def split(text, by):
    """Pieces between `by` outside of brackets."""
    out, held, depth = [], "", 0
    for letter in text:
        depth += (letter in "({[") - (letter in ")}]")
        if letter == by and depth == 0:
            out.append(held.strip())
            held = ""
        else:
            held += letter
    return [piece for piece in out + [held.strip()] if piece]


class Function:
    """A function's type: what it returns, and [(name or "", type)]. A type is a text ("const gw_str *"), an (element, count) or a Function."""

    def __init__(self, returns, arguments):
        self.returns, self.arguments = returns, arguments


def declared(text):
    """[(name, type)] of a declaration without its semicolon: `uint32_t a, b`, `const char *const *x`, `void (*f)(int)`, `char m[8]`."""
    text = " ".join(text.split())
    pointer = re.match(r"^(.*?)\(\s*\*\s*(\w*)\s*\)\s*\((.*)\)$", text)
    if pointer:
        return [(pointer.group(2), Function(pointer.group(1).strip(), arguments(pointer.group(3))))]
    first, *others = split(text, ",")
    array = re.match(r"^(.*?)\b(\w+)\s*\[\s*(\w+)\s*\]$", first)
    if array:
        return [(array.group(2), (array.group(1).strip(), array.group(3)))]
    found = re.match(r"^(.*?[\s*])(\w+)$", first)
    base, name = (found.group(1).strip(), found.group(2)) if found else (first, "")
    return [(name, base)] + [(other.strip("* "), base) for other in others]


def arguments(text):
    if text.strip() in ("", "void"):
        return []
    out = []
    for one in split(text, ","):
        words = one.replace("*", " * ").split()
        nameless = words[-1] == "*" or len([word for word in words if word not in ("const", "*", "struct")]) == 1
        out += [("", one.strip())] if nameless and "(" not in one else declared(one)
    return out


class Model:
    def __init__(self, include=INCLUDE):
        self.structs = {}    # name: [(member, type)]
        self.opaque = []     # names
        self.types = {}      # name: type
        self.constants = []  # (name, C expression)
        self.texts = []      # (name, text)
        self.functions = []  # (name, Function)
        for path in files(include):
            self._read(path.read_text())
        named = set(self.structs)
        self.opaque = [name for name in self.opaque if name not in named]

    def _read(self, text):
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        for name, value in re.findall(r'^#\s*define (GW_\w+) ("[^"]*"|\d+u?|0x[0-9A-Fa-f]+u?|UINT\d+_MAX)\s*$', text, re.M):
            if name.startswith("GW_ABI_TARGET_"):  # what a plugin chooses
                continue
            (self.texts if value.startswith('"') else self.constants).append((name, value.strip('"')))
        text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
        text = re.sub(r'extern "C" \{', "", text)
        text = re.sub(r"^\}$", "", text, flags=re.M)
        text = re.sub(r"static inline [^{;]*\{[^}]*\}", "", text)
        for one in split(text, ";"):
            self._declare(" ".join(one.split()))

    def _declare(self, one):
        struct = re.match(r"^(?:typedef )?struct (\w+) \{(.*)\}\s*(\w*)$", one)
        enum = re.match(r"^(?:typedef )?enum \w*\s*\{(.*)\}\s*\w*$", one)
        opaque = re.match(r"^typedef struct (\w+) \1$", one)
        if struct:
            self.structs[struct.group(1)] = [pair for member in split(struct.group(2), ";") for pair in declared(member)]
        elif enum:
            last = "-1"
            for constant in split(enum.group(1), ","):
                name, _, value = (part.strip() for part in constant.partition("="))
                last = value or f"({last}) + 1"
                self.constants.append((name, last))
        elif opaque:
            self.opaque.append(opaque.group(1))
        elif one.startswith("typedef "):
            (name, kind), = declared(one[len("typedef "):])
            self.types[name] = kind
        elif one.startswith("GW_EXPORT "):
            found = re.match(r"^GW_EXPORT (.*?)(\w+)\((.*)\)$", one)
            self.functions.append((found.group(2), Function(found.group(1).strip(), arguments(found.group(3)))))
