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


def check_result(method, result):
    flows = result.get("Flows", [])
    if len(flows) > FLOWS:
        some = [flows[i * (len(flows) - 1) // (FLOWS - 1)] for i in range(FLOWS)]
        result = {**result, "Flows": some}
    check(method + "Result", result)
