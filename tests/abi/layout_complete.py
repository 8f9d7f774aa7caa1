#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that the headers declare stands in the frozen lists (layout_*.h), whose lines the compilers check: a member that is in
no list could move unseen.
   layout_complete.py [HEADERS]"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "plugin-sdk/tools"))
import headers  # noqa: E402

model = headers.Model(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else headers.INCLUDE)
frozen = "".join(path.read_text() for path in sorted(HERE.glob("layout_*.h")))
sizes = set(re.findall(r"GW_SIZE\((\w+),", frozen))
members = set(re.findall(r"GW_AT\((\w+), (\w+),", frozen))
values = set(re.findall(r"GW_IS\((\w+),", frozen))
texts = dict(re.findall(r'GW_TEXT\((\w+), "([^"]*)"\)', frozen))
faults = [f"GW_SIZE({name}, …)" for name in [*model.structs, *model.types] if name not in sizes]
faults += [f"GW_AT({name}, {member}, …)" for name, all_of in model.structs.items() for member, _ in all_of if (name, member) not in members]
faults += [f"GW_IS({name}, …)" for name, _ in model.constants if name not in values and not name.startswith("GW_ABI_")]
faults += [f'GW_TEXT({name}, "{text}")' for name, text in model.texts if texts.get(name) != text]
gone = [name for name in sizes if name not in model.structs and name not in model.types] + [f"{name}.{member}" for name, member in members if member not in dict(model.structs.get(name, []))]
faults += [f"{name}: the headers have it no longer" for name in gone + [name for name in texts if name not in dict(model.texts)]]
print("\n".join(f"layout_1_0: {fault}" for fault in faults) or f"{len(sizes)} types, {len(members)} members, {len(values)} values, {len(texts)} names")
sys.exit(1 if faults or len(sizes) < 40 else 0)
