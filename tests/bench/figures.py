# SPDX-License-Identifier: BSD-3-Clause
"""The report of a benchmark in Python, in the form of report.c."""
import json
import statistics
import sys

RELATIONS = {"<=": lambda value, bound: value <= bound, ">=": lambda value, bound: value >= bound}


class Figures:
    def __init__(self, path):
        self.json = open(path, "w", encoding="ascii") if path else None
        self.missed, self.targets = [], 0

    def add(self, name, values, unit, relation=None, bound=None):
        """The median of the values and their quartiles; at most or at least the bound is the target."""
        value = statistics.median(values)
        low, _, high = (statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [value] * 3)
        spread = f" ({low:.4g} to {high:.4g})" if len(values) > 1 else ""
        print(f"{name:38} {value:8.4g}{spread} {unit}", flush=True)
        holds = RELATIONS[relation](value, bound) if relation else None
        target = f"{relation} {bound:g}" if relation else None
        self.targets += relation is not None
        if holds is False:
            self.missed.append(f"missed: {name} {value:.3g} ({low:.3g} to {high:.3g}) {unit}, target {target}")
        if self.json:
            json.dump({"name": name, "value": value, "low": low, "high": high, "unit": unit, "target": target,
                       "holds": holds}, self.json)
            self.json.write("\n")

    def close(self):
        if self.json:
            self.json.close()
        print(*self.missed, f"{len(self.missed)} of {self.targets} targets missed", sep="\n")
        sys.stdout.flush()
