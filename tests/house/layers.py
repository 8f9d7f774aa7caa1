#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the includes of core/ and compares them with the table of ARCHITECTURE.md; plugins and examples see the public SDK only."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
# Third-party headers, each in the folders that may have them.
HOMES = {
    r"uv\.h": {"net"}, r"openssl/": {"net"}, r"llhttp\.h": {"http"}, r"dlfcn\.h": {"plugin"},
    r"nlohmann/json\.hpp": {"config", "admin"}, r"yaml-cpp/": {"config"}, r"CLI/": {"server"},
    r"re2/": {"routing", "config"}, r"pcre2\.h": {"routing"},
}
# What a plugin may use if it finds it.
LIBRARIES = {"openssl": "OpenSSL", "nlohmann": "nlohmann_json"}


def allowed_layers():
    """folder -> folders that it may include, by the table in ARCHITECTURE.md."""
    out = {}
    section = (TOP / "ARCHITECTURE.md").read_text().split("\n## Layers\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [c.strip() for c in line.split("|")]
        if len(cells) == 5 and re.fullmatch(r"`[a-z]+`", cells[1]):
            out[cells[1].strip("`")] = cells[3]
    names = list(out)
    return {k: set(names) if v == "all above" else set(v.split()) for k, v in out.items()}


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1)


def core_faults(layers):
    for path in sorted((TOP / "core").rglob("*.[hc]pp")):
        folder = path.relative_to(TOP / "core").parts[0]
        if folder == "main.cpp":
            continue
        for number, name in includes(path):
            where = f"{path.relative_to(TOP)}:{number}: includes {name}"
            target = name.split("/")[0]
            if target in layers and target != folder and target not in layers[folder]:
                yield f"{where}; {folder} may include {', '.join(sorted(layers[folder]))}"
            if target == "gatewright" and "plugin-sdk" not in layers[folder] and folder not in ("proxy", "admin", "server"):
                yield f"{where}; the plugin SDK is for the plugin layer and above"
            for pattern, homes in HOMES.items():
                if re.match(pattern, name) and folder not in homes:
                    yield f"{where}; only {', '.join(sorted(homes))} may"


def table_faults(layers):
    folders = {p.name for p in (TOP / "core").iterdir() if p.is_dir() and any(p.glob("*.cpp"))}
    for name in sorted(folders ^ set(layers)):
        where = "core/ has no such folder" if name in layers else "it has no row in the table of layers"
        yield f"ARCHITECTURE.md: {name}: {where}"


def is_for_plugins(name, folder):
    """The SDK, a file of the plugin's own, the schema made from one, the system's, or of a library that its CMakeLists.txt finds."""
    if name.startswith("gatewright/"):
        return any((TOP / "plugin-sdk" / part / name).is_file() for part in ("include", "cpp"))
    if (folder / name).is_file() and ".." not in name:
        return True
    lists = folder / "CMakeLists.txt"
    library = LIBRARIES.get(name.split("/")[0])
    if library and lists.is_file() and f"find_package({library} " in lists.read_text():
        return True
    system = re.fullmatch(r"(sys|netinet|arpa)/\w+\.h|\w+(\.h)?", name)
    return name.endswith("_schema.h") or bool(system) and not any(re.match(p, name) for p in HOMES)


def plugin_faults():
    for path in sorted(p for t in ("plugins", "examples") for p in (TOP / t).rglob("*.[hc]*") if p.suffix in (".h", ".hpp", ".c", ".cpp")):
        for number, name in includes(path):
            if not is_for_plugins(name, path.parent):
                yield f"{path.relative_to(TOP)}:{number}: includes {name}; plugins see the public SDK, their own folder and the system's headers only"


layers = allowed_layers()
if len(layers) < 11:
    sys.exit("ARCHITECTURE.md: the table of layers was not found")
faults = list(table_faults(layers))
faults = faults or list(core_faults(layers)) + list(plugin_faults())
print("\n".join(faults) or "every include points down")
sys.exit(1 if faults else 0)
