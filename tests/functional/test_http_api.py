# SPDX-License-Identifier: BSD-3-Clause
"""The five flow operations over HTTP, against the public API model, with the real daemon behind the door."""
import contextlib
import json
import signal
import uuid

import pytest

from api_model import ACTIONS, Model
from daemon import ARN, ENDPOINT, ZONE, running
from door import KEYS, error_of, firewall_and_door
from frames import echo, tcp, udp
from netns import Wire
from observed import observed, wait_received
from paths import API_MODEL
from waiting import wait_until

MODEL = Model(API_MODEL)
FIREWALL = {"FirewallArn": ARN}
ADMIN = KEYS["admin"]
FRAMES = [udp(), tcp("S"), *echo(), udp(tags=(9,))]
MANY = 250  # flows of other ports


@pytest.fixture(scope="module")
def both(topology):
    """(daemon, door): a daemon that has some flows."""
    with firewall_and_door(running, topology, keys=KEYS, limits={"requests_per_second": 1000}) as opened:
        daemon, _ = opened
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            frames = FRAMES + [udp(sport=2000 + number) for number in range(MANY)]
            for at in range(0, len(frames), 64):
                left.send(frames[at:at + 64])
                wait_received(rpc, left=len(frames[:at + 64]), right=0)
        yield opened


@pytest.fixture(scope="module")
def door(both):
    return both[1]


def good(door, action, params=None, **headers):
    """The answer's body, which has to fit the model."""
    answer = door.call(action, {**FIREWALL, **(params or {})}, ADMIN, **headers)
    assert answer.status == 200, answer
    assert MODEL.problems(MODEL.output(action), answer.body) == []
    assert uuid.UUID(answer.headers["x-amzn-RequestId"]).version == 4
    return answer.body


def ended(door, operation):
    def described():
        description = good(door, "DescribeFlowOperation", {"FlowOperationId": operation})
        return description["FlowOperationStatus"] != "IN_PROGRESS" and description
    return wait_until(described, f"operation {operation} is still running")


def capture(door, **headers):
    """The id of a capture of everything, which has ended."""
    operation = good(door, "StartFlowCapture", {"FlowFilters": [{}]}, **headers)["FlowOperationId"]
    assert ended(door, operation)["FlowOperationStatus"] == "COMPLETED"
    return operation


def pages(door, operation, size):
    token = {}
    while token is not None:
        page = good(door, "ListFlowOperationResults", {"FlowOperationId": operation, "MaxResults": size, **token})
        yield page["Flows"]
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None


def test_capture_is_that_of_the_socket(both):
    daemon, door = both
    operation = capture(door)
    over_http = [flow for page in pages(door, operation, 100) for flow in page]
    with daemon.rpc() as rpc:
        assert over_http == rpc.results(operation)
    assert len(observed(over_http)) == MANY + 4


@pytest.mark.parametrize("size, lengths", [(100, [100, 100, 54]), (99, [99, 99, 56]), (None, [100, 100, 54])])
def test_pages(door, size, lengths):
    operation = capture(door)
    if size is not None:
        assert [len(page) for page in pages(door, operation, size)] == lengths
    else:
        page = good(door, "ListFlowOperationResults", {"FlowOperationId": operation})
        assert len(page["Flows"]) == 100


def test_list_and_describe(door):
    operation = capture(door)
    listed = good(door, "ListFlowOperations", {"FlowOperationType": "FLOW_CAPTURE", "MaxResults": 1})
    assert [entry["FlowOperationId"] for entry in listed["FlowOperations"]] == [operation]
    assert "NextToken" in listed
    description = ended(door, operation)
    assert description["FlowOperation"] == {"FlowFilters": [{}], "MinimumFlowAgeInSeconds": 0}
    assert description["AvailabilityZone"] == ZONE


def test_flush(both):
    daemon, door = both
    params = {"FlowFilters": [{"SourcePort": "2000:2009", "Protocols": ["17"]}], "VpcEndpointId": ENDPOINT}
    operation = good(door, "StartFlowFlush", params)["FlowOperationId"]
    assert ended(door, operation)["FlowOperationType"] == "FLOW_FLUSH"
    flows = [flow for page in pages(door, operation, 100) for flow in page]
    assert sorted(int(flow["SourcePort"]) for flow in flows) == list(range(2000, 2010))
    with daemon.rpc() as rpc:
        assert rpc.capture({"SourcePort": "2000:2009"}) == []


# ---- constraints ----

@pytest.mark.parametrize("action", ACTIONS)
def test_firewall_arn_is_required(door, action):
    answer = door.call(action, {}, ADMIN)
    assert error_of(answer) == (400, "InvalidRequestException")
    assert answer.body["Message"] == "FirewallArn is required, parameter: [], context: FirewallArn"


@pytest.mark.parametrize("params, message", [
    ({"MaxResults": 101}, "MaxResults must be from 1 to 100, parameter: [101], context: MaxResults"),
    ({"MaxResults": 65537}, "MaxResults must be from 1 to 100, parameter: [65537], context: MaxResults"),
    ({"MaxResults": "1"}, "MaxResults must be an integer, parameter: [1], context: MaxResults"),
    ({"MaxResults": 1, "Else": 1}, "Else is not a member of ListFlowOperations, parameter: [1], context: Else"),
    ({"FirewallArn": "x"}, "FirewallArn must match ^arn:aws.*, parameter: [x], context: FirewallArn"),
])
def test_bad_members(door, params, message):
    answer = door.call("ListFlowOperations", {**FIREWALL, **params}, ADMIN)
    assert error_of(answer) == (400, "InvalidRequestException")
    assert answer.body["Message"] == message


def test_zero_results(door):
    assert error_of(door.call("ListFlowOperations", {**FIREWALL, "MaxResults": 0}, ADMIN)) == (
        400, "InvalidRequestException")


@pytest.mark.parametrize("params", [
    {"FirewallArn": ARN + "x"}, {"AvailabilityZone": "else"}, {"FlowOperationId": str(uuid.UUID(int=1))}])
def test_not_found(door, params):
    answer = door.call("DescribeFlowOperation", {**FIREWALL, "FlowOperationId": str(uuid.UUID(int=2)), **params}, ADMIN)
    assert error_of(answer) == (400, "ResourceNotFoundException")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b"null", b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}',
                                  b"[" * 100000, b'{"FirewallArn": 1e999}'])
def test_bodies_that_are_no_object(door, body):
    assert error_of(door.call("ListFlowOperations", body, ADMIN)) == (400, "SerializationException")


def test_too_many_values(door):
    body = json.dumps({**FIREWALL, "FlowFilters": [0] * 30000}).encode()
    assert error_of(door.call("StartFlowCapture", body, ADMIN)) == (400, "InvalidRequestException")


def test_one_operation_at_a_time(both):
    daemon, door = both
    running_one = good(door, "StartFlowCapture", {"FlowFilters": [{}], "WindowSeconds": 60})["FlowOperationId"]
    answer = door.call("StartFlowFlush", {**FIREWALL, "FlowFilters": [{}]}, ADMIN)
    assert error_of(answer) == (400, "ThrottlingException")
    assert running_one in answer.body["Message"]
    with daemon.rpc() as rpc:
        rpc.call("CancelFlowOperation", FlowOperationId=running_one)
    ended(door, running_one)


# ---- requests that come twice ----

def test_the_same_invocation_starts_nothing_new(door):
    for action in ("StartFlowCapture", "StartFlowFlush"):
        params = {"FlowFilters": [{"SourcePort": "1"}]}
        invocation = str(uuid.uuid4())
        first, again = (good(door, action, params, amz_sdk_invocation_id=invocation)["FlowOperationId"]
                        for _ in range(2))
        assert first == again
        ended(door, first)
        assert good(door, action, params, amz_sdk_invocation_id=invocation)["FlowOperationId"] == first
        other = good(door, action, params, amz_sdk_invocation_id=str(uuid.uuid4()))["FlowOperationId"]
        assert other != first
        ended(door, other)


def test_invocations_of_two_keys_are_two(door):
    params = {**FIREWALL, "FlowFilters": [{"SourcePort": "1"}]}
    invocation = "any/text, of whatever length " * 20
    started = []
    for role in ("operate", "admin"):
        answer = door.call("StartFlowCapture", params, KEYS[role], amz_sdk_invocation_id=invocation)
        assert answer.status == 200, answer
        started.append(answer.body["FlowOperationId"])
        ended(door, started[-1])
    assert started[0] != started[1]


# ---- the daemon goes and comes ----

def test_restart_of_the_daemon(both):
    daemon, door = both
    daemon.terminate()
    assert error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == (503, "ServiceUnavailable")
    daemon.start()
    good(door, "ListFlowOperations")


def test_stopped_daemon(both):
    """One that does not answer: the request gets an error, and later ones are answered again."""
    daemon, door = both
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        assert error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == (503, "ServiceUnavailable")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    good(door, "ListFlowOperations")
