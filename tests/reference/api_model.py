# SPDX-License-Identifier: BSD-3-Clause
"""The public API model (shared/api), read as data: shapes, and whether a value fits one."""
import json
import re

ACTIONS = ("StartFlowCapture", "StartFlowFlush", "DescribeFlowOperation", "ListFlowOperations",
           "ListFlowOperationResults")
READS = ("ListFirewalls", "DescribeFirewall", "ListFirewallPolicies", "DescribeFirewallPolicy", "ListRuleGroups",
         "DescribeRuleGroup")
TYPES = {"string": str, "integer": int, "long": int, "timestamp": (int, float), "list": list,
         "structure": dict, "map": dict, "boolean": bool}


class Model:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)
        self.operations, self.shapes = model["operations"], model["shapes"]

    def input(self, action):
        return self.shapes[self.operations[action]["input"]["shape"]]

    def output(self, action):
        return self.shapes[self.operations[action]["output"]["shape"]]

    def members(self, shape):
        """{name: shape} of a structure's members."""
        return {name: self.shapes[member["shape"]] for name, member in shape["members"].items()}

    def string_members(self, shape, path=()):
        """(path, shape) of every string in a structure, at any depth; a list's element is at 0."""
        kind = shape["type"]
        if kind == "string":
            yield path, shape
        elif kind == "list":
            yield from self.string_members(self.shapes[shape["member"]["shape"]], path + (0,))
        elif kind == "structure":
            for name, member in self.members(shape).items():
                yield from self.string_members(member, path + (name,))

    def problems(self, shape, value, path="answer"):
        """What of a value does not fit the shape: texts. Members unknown to the model are not looked at."""
        kind = shape["type"]
        if not isinstance(value, TYPES[kind]) or isinstance(value, bool) != (kind == "boolean"):
            return [f"{path}: {value!r} is no {kind}"]
        if kind == "structure":
            return self.structure_problems(shape, value, path)
        if kind == "list":
            element = self.shapes[shape["member"]["shape"]]
            return [problem for number, item in enumerate(value)
                    for problem in self.problems(element, item, f"{path}[{number}]")]
        if kind == "map":
            key, inner = (self.shapes[shape[part]["shape"]] for part in ("key", "value"))
            return [problem for name, item in value.items() for problem in
                    self.problems(key, name, f"{path}, key") + self.problems(inner, item, f"{path}.{name}")]
        return [f"{path}: {text}" for text in scalar_problems(shape, value)]

    def strangers(self, shape, value, path="answer"):
        """The members of a value, at any depth, that the model does not know: their paths."""
        kind = shape["type"]
        if kind == "structure":
            known = self.members(shape)
            return [f"{path}.{name}" for name in value if name not in known] + [
                stranger for name, inner in value.items() if name in known
                for stranger in self.strangers(known[name], inner, f"{path}.{name}")]
        items = value.items() if kind == "map" else enumerate(value) if kind == "list" else ()
        element = self.shapes[shape["value" if kind == "map" else "member"]["shape"]] if items else None
        return [stranger for name, inner in items for stranger in self.strangers(element, inner, f"{path}[{name}]")]

    def structure_problems(self, shape, value, path):
        found = [f"{path}: no {name}" for name in shape.get("required", []) if name not in value]
        for name, member in self.members(shape).items():
            if name in value:
                found += self.problems(member, value[name], f"{path}.{name}")
        return found


def scalar_problems(shape, value):
    size = len(value) if shape["type"] == "string" else value
    if "enum" in shape and value not in shape["enum"]:
        yield f"{value!r} is none of {shape['enum']}"
    if "pattern" in shape and not re.search(shape["pattern"], value):
        yield f"{value!r} does not match {shape['pattern']}"
    if size < shape.get("min", size) or size > shape.get("max", size):
        yield f"{value!r} is out of range"
