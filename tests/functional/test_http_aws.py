# SPDX-License-Identifier: BSD-3-Clause
"""The aws command, unchanged, against the door: filters, input, output and pages as its documentation has them."""
import contextlib
import json
import os

import pytest

from daemon import ARN, running
from door import KEYS, firewall_and_door
from frames import udp
from netns import Wire
from observed import wait_received
from programs import run
from waiting import wait_until

pytestmark = pytest.mark.aws_command
FLOWS = 25
SECONDS = 120  # for one call: the command takes its time to start


def aws(door, *arguments, role="admin"):
    """The finished command; nothing of the settings of who runs the tests is in it."""
    name, secret = KEYS[role]
    environment = {variable: value for variable, value in os.environ.items() if not variable.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "eu-test-1",
                    "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": "",
                    "AWS_EC2_METADATA_DISABLED": "true"}
    return run("aws", "network-firewall", "--endpoint-url", f"http://127.0.0.1:{door.port}", *arguments,
               env=environment, timeout=SECONDS)


def answer(door, *arguments):
    done = aws(door, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def captured(door, *arguments):
    """The id of a capture that has ended."""
    started = answer(door, "start-flow-capture", *arguments)
    assert started["FlowOperationStatus"] == "IN_PROGRESS"
    operation = started["FlowOperationId"]
    wait_until(lambda: door.call("DescribeFlowOperation", {"FirewallArn": ARN, "FlowOperationId": operation},
                                 KEYS["read"]).body["FlowOperationStatus"] == "COMPLETED", "the capture is running")
    return operation


def results(door, operation, *arguments):
    return answer(door, "list-flow-operation-results", "--firewall-arn", ARN, "--flow-operation-id", operation,
                  *arguments)


@pytest.fixture(scope="module")
def door(topology):
    with firewall_and_door(running, topology, keys=KEYS, limits={"requests_per_second": 1000}) as (daemon, opened):
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send([udp(sport=port, dport=443 if port % 2 else 53) for port in range(1, FLOWS + 1)])
            wait_received(rpc, left=FLOWS, right=0)
        yield opened


@pytest.fixture(scope="module")
def operation(door):
    return captured(door, "--firewall-arn", ARN, "--flow-filters", "{}")


SHORTHAND = "SourceAddress={AddressDefinition=198.51.100.0/24},DestinationPort=443,Protocols=17"
FILTERS = [{"SourceAddress": {"AddressDefinition": "198.51.100.0/24"}, "DestinationPort": "443", "Protocols": ["17"]}]


@pytest.mark.parametrize("arguments", [
    ("--firewall-arn", ARN, "--flow-filters", SHORTHAND),
    ("--firewall-arn", ARN, "--minimum-flow-age-in-seconds", "0", "--flow-filters", json.dumps(FILTERS)),
    ("--cli-input-json", json.dumps({"FirewallArn": ARN, "FlowFilters": FILTERS}))])
def test_filters(door, arguments):
    flows = results(door, captured(door, *arguments))["Flows"]
    assert sorted(int(flow["SourcePort"]) for flow in flows) == list(range(1, FLOWS + 1, 2))


def test_flush(door):
    started = answer(door, "start-flow-flush", "--firewall-arn", ARN, "--flow-filters", "SourcePort=9999")
    description = answer(door, "describe-flow-operation", "--firewall-arn", ARN, "--flow-operation-id",
                         started["FlowOperationId"])
    assert description["FlowOperation"] == {"MinimumFlowAgeInSeconds": 0, "FlowFilters": [{"SourcePort": "9999"}]}
    listed = answer(door, "list-flow-operations", "--firewall-arn", ARN, "--flow-operation-type", "FLOW_FLUSH")
    assert [entry["FlowOperationId"] for entry in listed["FlowOperations"]] == [started["FlowOperationId"]]


def test_query_and_outputs(door, operation):
    ports = results(door, operation, "--query", "Flows[?DestinationPort=='53'].SourcePort")
    assert sorted(map(int, ports)) == list(range(2, FLOWS + 1, 2))
    arguments = ("list-flow-operation-results", "--firewall-arn", ARN, "--flow-operation-id", operation)
    text = aws(door, *arguments, "--output", "text")
    assert text.returncode == 0 and text.stdout.count("\nFLOWS\t") == FLOWS
    table = aws(door, *arguments, "--output", "table")
    assert table.returncode == 0 and table.stdout.count("AddressDefinition") == 2 * FLOWS
    yaml = aws(door, *arguments, "--output", "yaml")
    # Version 1 of the command has no such output, and says so in a message of its usage.
    assert yaml.stdout.count("Protocol: ") == FLOWS if yaml.returncode == 0 else "argument --output: Invalid choice" in yaml.stderr


def test_pages(door, operation):
    """Pages of 4 from the door, 10 items a call."""
    seen, token = [], ()
    for count in (10, 10, 5):
        page = results(door, operation, "--page-size", "4", "--max-items", "10", *token)
        assert len(page["Flows"]) == count
        seen += [int(flow["SourcePort"]) for flow in page["Flows"]]
        token = ("--starting-token", page["NextToken"]) if "NextToken" in page else None
    assert token is None and sorted(seen) == list(range(1, FLOWS + 1))


def test_errors(door):
    done = aws(door, "start-flow-flush", "--firewall-arn", ARN, "--flow-filters", "{}", role="operate")
    assert done.returncode != 0 and "(AccessDeniedException)" in done.stderr
    done = aws(door, "start-flow-capture", "--firewall-arn", ARN, "--flow-filters", "SourcePort=x")
    assert done.returncode != 0 and "(InvalidRequestException)" in done.stderr
