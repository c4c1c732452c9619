# SPDX-License-Identifier: GPL-2.0
"""manual_check.py COMMAND ROOT...: memtriage(4), the JSON schema and bash's completion name all reports
and columns that the module's sources have, in their order; a snapshot of an earlier time has
no other; and what --json prints, also of the saved trees ROOT, is what the schema says. TAP."""

import copy
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema

sys.dont_write_bytecode = True
from tap import end, result  # noqa: E402

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SNAPSHOTS = sorted(glob.glob(os.path.join(TREE, "selftests/snapshots/*")))
command, *roots = sys.argv[1:]


def absent(wrong, name):
    """Nothing is wrong."""
    result(not wrong, name, *wrong)


def read(path):
    with open(os.path.join(TREE, path), encoding="utf-8") as file:
        return file.read()


def from_sources():
    """report -> its columns, as the module has them"""
    reports = {}
    for name in re.findall(r"^COLLECTOR\((\w+)\)", read("module/collectors.h"), re.M):
        text = read(f"module/collect/{name}.c")
        columns = re.search(r"^static const struct mt_column columns\[\] = \{(.*?)^\};", text, re.M | re.S)
        assert re.search(rf'\.name = "{name}"', text), name
        reports[name] = re.findall(r'\.name = "(\w+)"', columns[1]) if columns else []
    return reports


def from_manual():
    """The same, as memtriage(4) has it: behind the name of a report, a line of its columns."""
    part = re.search(r"^\.SS Reports\n(.*?)^\.SH", read("tools/memtriage.4"), re.M | re.S)[1]
    return {name: re.findall(r"<(\w+)>", columns or "")
            for name, columns in re.findall(r"^\.TP\n\.B (\w+)\n(?:\.I (<.*>)\n)?", part, re.M)}


def from_schema(schema):
    reports = {}
    for name, report in schema["properties"]["reports"]["properties"].items():
        items = report["allOf"][1]["properties"]["records"]["items"] if "allOf" in report else {"required": []}
        reports[name] = items["required"]
        assert set(items.get("properties", {})) - {"estimated"} == set(items["required"]), name
    return reports


def from_snapshot(path):
    reports, name = {}, None
    for line in read(path).splitlines():
        begin = re.fullmatch(r"# memtriage (\w+) version \d+", line)
        if begin:
            name, reports[begin[1]] = begin[1], []
        elif name and line == "# <account>: <kB>":
            reports[name] = ["kB", "account"]
        elif name and re.fullmatch(r"#( <\w+>)+", line):
            reports[name] = re.findall(r"<(\w+)>", line)
    return reports


def is_part(columns, of):
    """All of these columns, in this order, perhaps with others between: columns are only added."""
    rest = iter(of)
    return all(column in rest for column in columns)


def asked(*arguments):
    done = subprocess.run([command, *arguments], stdout=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode < 3, arguments
    return json.loads(done.stdout)


module = from_sources()
manual = from_manual()
schema = json.loads(read("tools/memtriage.schema.json"))
# those that the command knows, of modules that have more reports than this one
known = re.findall(r'"(\w+)"', re.search(r"order\[\] = \{(.*?)\};", read("tools/snapshot.c"), re.S)[1])
names = set(module) | set(known)
assert len(module) > 12 and module["ledger"] == ["kB", "account"]

absent([f"{name}: {columns}, in the manual {manual.get(name)}" for name, columns in module.items()
        if manual.get(name) != columns] + [f"{name} is no report" for name in set(manual) - names] +
       [f"{name} is missing" for name in names - set(manual)],
       f"memtriage(4) has {len(manual)} reports with all their columns")
absent([f"{name}: {manual.get(name)}, in the schema {columns}"
        for name, columns in from_schema(schema).items() if manual.get(name) != columns] +
       [f"{name} is missing" for name in set(manual) - set(from_schema(schema))],
       "the schema of --json has them, too")
completed = re.search(r"reports='(.*?)'", read("tools/memtriage.bash"))[1].split()
absent(sorted(names - {"summary", "status"} ^ set(completed)), "and so has bash")
absent([f"{path}: {name} {columns}" for path in SNAPSHOTS for name, columns in from_snapshot(path).items()
        if not is_part(columns, manual.get(name, []))] or ([] if SNAPSHOTS else ["no snapshots"]),
       "earlier snapshots have no others")

validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
documents = [(path, asked("--from", path, "--json")) for path in SNAPSHOTS]
documents += [(root, asked("--root", root, "--json")) for root in roots]
absent([f"{path}: {list(error.path)}: {error.message[:200]}" for path, document in documents
        for error in list(validator.iter_errors(document))[:3]], "--json is what its schema says")

wrong = []
for key, spoil in (("schema", lambda d: d.update(schema="memtriage-2")),
                   ("reports", lambda d: d.pop("reports")),
                   ("columns", lambda d: d["reports"]["slab"]["records"][0].pop("active")),
                   ("figures", lambda d: d["reports"]["slab"]["records"][0].update(active="many")),
                   ("state", lambda d: d["reports"]["ghost"].update(state="fine"))):
    document = copy.deepcopy(documents[0][1])
    spoil(document)
    if validator.is_valid(document):
        wrong.append(key)
absent(wrong, "and the schema refuses what is not")

wrong = []
for path in SNAPSHOTS:
    document = asked("--from", path, "--json")
    records = {name: len([line for line in part.splitlines() if not line.startswith("#")])
               for name, part in re.findall(r"^# memtriage (\w+) version \d+\n(.*?)(?=^# memtriage |\Z)",
                                            read(path), re.M | re.S)}
    for name, nr in records.items():
        report = document["reports"].get(name)
        seen = report and (len(report["records"]) or len(report["lines"]) * (name == "summary"))
        if seen != nr:
            wrong.append(f"{path}: {name}: {seen} of {nr} records")
    if document["faults"] or not records:
        wrong.append(f"{path}: {document['faults']}")
    again = subprocess.run([command, "--from", path, "record", "-"], stdout=subprocess.PIPE, check=False).stdout
    kept = [line for line in read(path).splitlines() if not line.startswith(("# source: ", "# SPDX-"))]
    if [line for line in again.decode().splitlines() if not line.startswith("# source: ")] != kept:
        wrong.append(f"{path}: recorded again it is another")
absent(wrong, "earlier snapshots are read to the last record, and written again as they were")
sys.exit(end())
