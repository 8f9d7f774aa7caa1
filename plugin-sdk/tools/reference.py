#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""REFERENCE.md out of the headers. reference.py writes it; reference.py --check tells what is not as it should be.

Tags in a comment: @since, @thread, @phase, @stale. Those of a struct's comment hold for its members that have none of their own.
A comment belongs to the declaration behind it, or, begun on the line where one ends, to that one."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = TOP / "plugin-sdk/include"
OUTPUT = TOP / "REFERENCE.md"
TAG = re.compile(r"@(since|thread|phase|stale)\s+((?:(?!@).)+?)(?=\s*@|\s*$)")
TOKEN = re.compile(r"/\*.*?\*/|[^/]+|/", re.S)


def words(comment):
    """The text of one or more comments: (text, tags)."""
    text = re.sub(r"^\s*/?\*+/?|\*/", "", comment, flags=re.M)
    text = re.sub(r"\n *(?=- )", "\1", re.sub(r"\n *\n", "\0", re.sub(r"\n *(?=\d\. )", "\0", text))).replace("\n", " ")
    text = re.sub(r" *([\0\1]) *", r"\1", re.sub(r" +", " ", text)).strip("\0\1 ")
    text = re.sub(r"(^|\n\n)([^-\n][^\1\n]*)\1", "\\1\\2\n\n", text.replace("\0", "\n\n")).replace("\1", "\n").strip()
    tags = {}
    flat = " ".join(text.split())
    if "@" in flat:
        tags = dict(TAG.findall(flat[flat.index("@"):]))
        text = text[:text.index("@")].strip() if tags else text
    return text, tags


def declarations(code, end):
    """(declaration, comment) for each one, which `end` closes outside of brackets."""
    found, held, lead, depth, same_line = [], "", "", 0, False
    for token in TOKEN.findall(code):
        if token.startswith("/*"):
            if same_line and not held.strip() and found:
                found[-1][1] += token
            else:
                lead = lead + token if held.strip() else token
            continue
        for letter in token:
            depth += (letter in "({") - (letter in ")}")
            if letter == end and depth == 0:
                found.append([" ".join(held.split()), lead])
                held, lead, same_line = "", "", True
                continue
            if letter == "\n" and not held.strip():
                same_line = False
            held += letter
    if held.strip():
        found.append([" ".join(held.split()), lead])
    return found


def cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def function_name(declaration):
    found = re.search(r"\(\*(\w+)\)\(", declaration)
    return found.group(1) if found and not declaration.startswith("typedef") else None


class Reference:
    def __init__(self):
        self.lines, self.faults = [], []

    def tags(self, where, declaration, tags):
        needed = ["since", "thread"] + (["phase"] if re.search(r"\bgw_req \*", declaration) else [])
        missing = [f"@{name}" for name in needed if name not in tags]
        if missing:
            self.faults.append(f"{where} lacks {', '.join(missing)}")
        return " · ".join(f"{name} {cell(tags[name])}" for name in ("since", "thread", "phase", "stale") if name in tags)

    def struct(self, header, name, body, comment):
        text, common = words(comment)
        self.lines += [f"### `{name}`", ""] + ([text, ""] if text else [])
        fields, functions = [], []
        for declaration, about in declarations(body, ";"):
            (functions if function_name(declaration) else fields).append((declaration, *words(about)))
        if fields:
            self.lines += ["| field | what |", "| --- | --- |"]
            self.lines += [f"| `{declaration}` | {cell(about)} |" for declaration, about, _ in fields] + [""]
        for declaration, about, own in functions:
            member = function_name(declaration)
            line = self.tags(f"{header}: {name}.{member}", declaration, {**common, **own})
            self.lines += [f"#### `{name}.{member}`", "", f"`{declaration}`", ""]
            self.lines += ([about, ""] if about else []) + [f"*{line}*", ""]

    def enum(self, body, comment):
        text, _ = words(comment)
        self.lines += ([text, ""] if text else []) + ["| constant | what |", "| --- | --- |"]
        self.lines += [f"| `{one}` | {cell(words(about)[0])} |" for one, about in constants(body)] + [""]

    def header(self, path):
        name = path.relative_to(INCLUDE)
        code = re.sub(r"^/\* SPDX.*?\*/\n", "", path.read_text())
        about = re.match(r"/\*.*?\*/", code, re.S).group(0)
        code = code[len(about):]
        text = words(about)[0]
        self.lines += [f"## {name}", "", re.sub(rf"^{re.escape(str(name))}: ", "", text), ""]
        ids = re.findall(r'^#define (\w+) ("[^"]*"|\d+)$', code, re.M)
        if ids:
            self.lines += ["| define | value |", "| --- | --- |"] + [f"| `{key}` | `{value}` |" for key, value in ids] + [""]
        code = re.sub(r"^#(?:.*\\\n)*.*$", "", code, flags=re.M)
        code = re.sub(r'extern "C" \{|^\}$', "", code, flags=re.M)
        for declaration, comment in self.top(code):
            found = re.match(r"(?:typedef )?(struct|enum)\s*(\w*)\s*\{(.*)\}\s*(\w*)$", declaration, re.S)
            if found and found.group(1) == "struct":
                self.struct(name, found.group(4) or found.group(2), found.group(3), comment)
            elif found:
                self.enum(found.group(3), comment)
            else:
                flat = " ".join(re.sub(r"/\*.*?\*/", "", declaration, flags=re.S).split())
                text, tags = words(comment)
                line = self.tags(f"{name}: {flat}", flat, tags) if flat.startswith("GW_EXPORT") else ""
                self.lines += [f"`{flat}`", ""] + ([text, ""] if text else []) + ([f"*{line}*", ""] if line else [])

    @staticmethod
    def top(code):
        """Declarations of a header, with the comment in front of each; comments inside stay in them."""
        for found in re.finditer(r"((?:/\*(?:(?!\*/).)*\*/\s*)*)((?:typedef |struct |enum |GW_EXPORT )(?:/\*.*?\*/|\{(?:/\*.*?\*/|[^{}])*\}|[^;{}])*);([ \t]*/\*.*?\*/)?", code, re.S):
            lead = re.findall(r"/\*.*?\*/", found.group(1), re.S)
            yield found.group(2).strip(), (lead[-1] if lead else "") + (found.group(3) or "")


def constants(body):
    """An enum's constants; the comment of one may stand behind its comma or, of the last, behind it."""
    found, lead = [], ""
    for token in re.findall(r"/\*.*?\*/|[^,/]+|,", body, re.S):
        if token.startswith("/*"):
            if found:
                found[-1][1] += token
        elif token.strip() and token != ",":
            found.append([" ".join(token.split()), lead])
    return found


def main():
    reference = Reference()
    reference.lines = ["# Plugin reference", "",
                       "<!-- Generated from plugin-sdk/include by plugin-sdk/tools/reference.py: change the headers, then run it. -->", "",
                       "What stands in the headers, in one place; [PLUGINS.md](PLUGINS.md) explains it. "
                       "Threads: config is the process' main thread, never beside a request callback; worker is that of the worker's loop; any is any. "
                       "`stale hdr`: what it returned is not to be used once that field map was changed.", ""]
    base = INCLUDE / "gatewright"
    for path in sorted(base.glob("*.h")) + sorted((base / "host").glob("*.h")):
        reference.header(path)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(reference.lines)).rstrip() + "\n"
    faults = reference.faults
    if "--check" not in sys.argv:
        OUTPUT.write_text(text)
    elif not OUTPUT.is_file() or OUTPUT.read_text() != text:
        faults.append("REFERENCE.md is not what the headers say; renew it: python3 plugin-sdk/tools/reference.py")
    print("\n".join(faults) or "the reference holds")
    return 1 if faults else 0


sys.exit(main())
