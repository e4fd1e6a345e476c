# SPDX-License-Identifier: BSD-3-Clause
"""What README.md shows of the API over HTTP, without keys, as it stands there but for the port and the ARN."""
import json
import re
import shlex

import pytest

from daemon import ARN, running
from door import firewall_and_door
from paths import ROOT
from programs import run

README = (ROOT / "README.md").read_text()


@pytest.fixture
def door(topology):
    with firewall_and_door(running, topology) as (_, opened):
        yield opened


def shown(command, door):
    """The words of the command, which may go on behind a backslash."""
    line = re.search(rf"^    ({command} (?:.*\\\n)*.*?)(?:  +#.*)?$", README, re.MULTILINE)[1]
    return shlex.split(line.replace("\\\n", "").replace(":8700", f":{door.port}").replace(" ARN ", f" {ARN} "))


@pytest.mark.aws_command
def test_aws(door):
    done = run(*shown("aws", door))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["FlowOperationStatus"] == "IN_PROGRESS"


def test_curl(door):
    done = run(*shown("curl", door))
    assert done.returncode == 0 and "\ntidegate_up 1\n" in done.stdout
