# SPDX-License-Identifier: BSD-3-Clause
"""docs/control-socket.schema.json, which what goes over the control socket is checked against."""
import functools
import json

import jsonschema

from paths import ROOT

FLOWS = 20  # of a long result, evenly spaced, are looked at
SCHEMA = json.loads((ROOT / "docs" / "control-socket.schema.json").read_text())
ACTIONS = SCHEMA["$defs"]["Request"]["properties"]["method"]["enum"]


@functools.lru_cache(maxsize=None)
def validator(name):
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def check(name, value):
    """value is what $defs calls name."""
    error = jsonschema.exceptions.best_match(validator(name).iter_errors(value))
    assert error is None, f"{name}: {error.json_path}: {error.message}"


def check_answers(line):
    """A line of answers; their results are checked by check_result()."""
    for answer in line if isinstance(line, list) else [line]:
        check("Answer", answer)


def check_params(method, params):
    check(method + "Params", params)


def resolve(node):
    """(name, the schema) that a reference leads to; name: that of $defs, None without a reference."""
    name = None
    while "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        node = SCHEMA["$defs"][name]
    return name, node


def members(node, owner):
    """Of an object, or of the entries of a list: (name of the object, its members with their schemas).

    Where the schema has a choice of objects, one of each. owner: name of an object that has none in $defs.
    """
    name, node = resolve(node)
    for choice in node.get("anyOf", []):
        yield from members(choice, owner)
    if "items" in node:
        yield from members(node["items"], owner)
    if "properties" in node:
        yield name or owner, node["properties"]


def all_members():
    """{"Owner.Member"} of all results."""
    found, todo = set(), [(action + "Result", {"$ref": f"#/$defs/{action}Result"}) for action in ACTIONS]
    while todo:
        owner, node = todo.pop()
        for name, properties in members(node, owner):
            for member, inner in properties.items():
                if f"{name}.{member}" not in found:
                    found.add(f"{name}.{member}")
                    todo.append((f"{name}.{member}", inner))
    return found


seen = set()  # of all_members(), what answers have had


def note(value, node, owner):
    """Add the members that a value, which fits the schema, has."""
    for entry in value if isinstance(value, list) else [value]:
        for name, properties in members(node, owner) if isinstance(entry, dict) else ():
            if set(entry) <= set(properties):
                seen.update(f"{name}.{member}" for member in entry)
                for member, inner in entry.items():
                    if isinstance(inner, (dict, list)):
                        note(inner, properties[member], f"{name}.{member}")


def check_result(method, result):
    flows = result.get("Flows", [])
    if len(flows) > FLOWS:
        some = [flows[i * (len(flows) - 1) // (FLOWS - 1)] for i in range(FLOWS)]
        result = {**result, "Flows": some}
    check(method + "Result", result)
    note(result, {"$ref": f"#/$defs/{method}Result"}, method + "Result")
