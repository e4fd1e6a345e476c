# SPDX-License-Identifier: BSD-3-Clause
"""The five actions against the public API model: constraints of inputs, shapes of answers, pages."""
import contextlib
import time
import uuid

import pytest

from api_model import ACTIONS, Model
from daemon import ARN, ASSOCIATION, ENDPOINT, ZONE, running
from frames import echo, tcp, udp
from netns import Wire
from observed import wait_received
from paths import API_MODEL
from rpc import INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND, RpcError

MODEL = Model(API_MODEL)
START_ACTIONS = ("StartFlowCapture", "StartFlowFlush")
SENT = [udp(), tcp("S"), *echo(), udp(tags=(9,))]

# Members of ours beside the model's, by docs/control-socket.md.
EXTENSIONS = {
    "DescribeFlowOperation": {"FlowCount", "Progress", "ElapsedMilliseconds"},
    "Flow": {"ForwardPacketCount", "ForwardByteCount", "ReversePacketCount", "ReverseByteCount",
             "IdleMilliseconds", "State", "Action", "Rule", "Vlan"},
}
# What an answer holds at least, by flow-api.md.
EXPECTED = {
    "StartFlowCapture": {"FirewallArn", "FlowOperationId", "FlowOperationStatus"},
    "StartFlowFlush": {"FirewallArn", "FlowOperationId", "FlowOperationStatus"},
    "DescribeFlowOperation": {"FirewallArn", "AvailabilityZone", "FlowOperationId", "FlowOperationType",
                              "FlowOperationStatus", "FlowRequestTimestamp", "FlowOperation",
                              "FlowCount", "Progress", "ElapsedMilliseconds"},
    "ListFlowOperations": {"FlowOperations"},
    "ListFlowOperationResults": {"FirewallArn", "AvailabilityZone", "FlowOperationId",
                                 "FlowOperationStatus", "FlowRequestTimestamp", "Flows"},
}


@pytest.fixture(scope="module")
def rpc(topology):
    """A connection to a daemon that has some flows."""
    rules = [{"action": "drop", "protocols": ["tcp"]}]
    with running(topology, rules=rules) as daemon, daemon.rpc() as connected:
        with contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send(SENT)
        wait_received(connected, left=len(SENT), right=0)
        yield connected


@pytest.fixture(scope="module")
def operation(rpc):
    """The id of a capture that has ended."""
    return rpc.operate("StartFlowCapture").id


def good_input(action, operation):
    if action in START_ACTIONS:
        # Nothing is in scope, so that the flows stay whatever other member a test changes.
        return {"FlowFilters": [{"SourceAddress": {"AddressDefinition": "192.0.2.200"}}],
                "MinimumFlowAgeInSeconds": 86400}
    return {} if action == "ListFlowOperations" else {"FlowOperationId": operation}


def outcome(rpc, action, params):
    """The error code, or 0; an operation that was started has ended."""
    try:
        result = rpc.call(action, **params)
    except RpcError as error:
        return error.code
    if action in START_ACTIONS:
        rpc.described(result["FlowOperationId"])
    return 0


def with_value(params, path, value):
    """The input with one value put at a path of members; list elements are at 0."""
    name, rest = path[0], path[1:]
    if isinstance(name, int):
        return [with_value(params[0] if params else {}, rest, value) if rest else value]
    inner = (params or {}).get(name)
    return {**(params or {}), name: with_value(inner, rest, value) if rest else value}


# Values of the strings with a pattern or length: the shortest and longest that the model accepts,
# and some that it does not, beside those that are too long or too short.
GOOD = {
    "ResourceArn": [ARN, "arn:aws", "arn:aws" + "x" * 249],
    "VpcEndpointId": [ENDPOINT, "vpce-", "vpce-" + "a" * 251],
    "AvailabilityZone": [ZONE, "", "x" * 1000],
    "AddressDefinition": ["1.2.3.4", "10.0.0.0/8", "::", "2001:db8::/32", "::ffff:0:0/96", "0.0.0.0/0"],
    "Port": ["0", "65535", "1990:1994", "0:65535", "7:7", "ANY"],
    "ProtocolString": ["0", "6", "255"],
    "FlowOperationId": [str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1))],
    "FlowOperationType": ["FLOW_CAPTURE", "FLOW_FLUSH"],
    "PaginationToken": [],
}
BAD = {
    "ResourceArn": ["", "arn:", "ARN:aws", " arn:aws", "arn:aws" + "x" * 250],
    "VpcEndpointId": ["", "vpce", "vpce-0_1", "vpc-01", "vpce-" + "a" * 252, "vpce-0\n"],
    "AvailabilityZone": [],
    "AddressDefinition": [
        "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0/8", "010.0.0.0/8",
        "1.2.3.4/032", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/-1", "1.2.3.4/+8",
        "2001:db8::1/32", "::/129", ":::", "1::2::3", "fe80::1%eth0", "example.com",
        "ANY", "1" * 256, "1.2.3.4,5.6.7.8", "!10.0.0.0/8", "1.2.3.4\n"],
    "Port": ["", "65536", "-1", "+1", "1-2", "1994:1990", "1:", ":1", "1:2:3", "any", " 80", "80 ", "0x50",
             "1e2", "80,443", "http", "1" * 1025],
    "ProtocolString": ["", "256", "-1", "+6", "06", "6.0", "TCP", "tcp", " 6", "1" * 13],
    "FlowOperationId": ["", "x", str(uuid.UUID(int=2**128 - 1)).upper(), "0" * 36,
                        str(uuid.UUID(int=0))[:-1], str(uuid.UUID(int=0)) + "0"],
    "FlowOperationType": ["", "FLOW", "flow_capture", "FLOW_CAPTURE "],
    "PaginationToken": ["", "made+up", "!", "A" * 4096, "A" * 4097],
}


def string_cases():
    """(action, path of the member, name of its shape) of every string in the inputs."""
    names = {id(shape): name for name, shape in MODEL.shapes.items()}
    for action in ACTIONS:
        for path, shape in MODEL.string_members(MODEL.input(action)):
            yield action, path, names[id(shape)]


def case_name(value):
    return "-".join(map(str, value)) if isinstance(value, tuple) else value


@pytest.mark.parametrize("action, path, shape", string_cases(), ids=case_name)
def test_strings_in_range(action, path, shape, rpc, operation):
    """Are accepted, or name what is not here; the model accepts them too."""
    for value in GOOD[shape]:
        assert MODEL.problems(MODEL.shapes[shape], value) == []
        params = with_value(good_input(action, operation), path, value)
        assert outcome(rpc, action, params) in (0, RESOURCE_NOT_FOUND), value


@pytest.mark.parametrize("action, path, shape", string_cases(), ids=case_name)
def test_strings_out_of_range(action, path, shape, rpc, operation):
    """Are refused by a message of the documented form, which names the member and the value."""
    for value in BAD[shape]:
        params = with_value(good_input(action, operation), path, value)
        code, message = rpc.error(action, **params)
        assert code == INVALID_PARAMS, value
        member = [name for name in path if isinstance(name, str)][-1]
        subject, rest = message.split(" ", 1)
        problem, rest = rest.rsplit(", parameter: [", 1)
        shown, context = rest.rsplit("], context: ", 1)
        assert subject == context and problem
        assert member in subject
        assert value.startswith(shown.removesuffix("..."))


def test_every_bad_string_is_bad_by_the_model_or_by_its_meaning():
    """The table above holds, for each limit of the model, a value past it."""
    for name, values in BAD.items():
        shape = MODEL.shapes[name]
        by_model = [value for value in values if MODEL.problems(shape, value)]
        limits = [limit for limit in ("min", "max") if limit in shape]
        assert len(by_model) >= len(limits), name


WRONG_TYPES = {"string": [1, True, None, [], {}], "integer": ["1", 1.5, 1.0, True, None, [], {}],
               "list": ["x", 1, True, None, {}], "structure": ["x", 1, True, None, []]}


def members_at_any_depth(shape, path=()):
    for name, member in MODEL.members(shape).items():
        yield path + (name,), member
        if member["type"] == "list":
            element = MODEL.shapes[member["member"]["shape"]]
            yield path + (name, 0), element
            if element["type"] == "structure":
                yield from members_at_any_depth(element, path + (name, 0))
        elif member["type"] == "structure":
            yield from members_at_any_depth(member, path + (name,))


@pytest.mark.parametrize("action", ACTIONS)
def test_wrong_types(action, rpc, operation):
    for path, shape in members_at_any_depth(MODEL.input(action)):
        for value in WRONG_TYPES[shape["type"]]:
            params = with_value(good_input(action, operation), path, value)
            assert outcome(rpc, action, params) == INVALID_PARAMS, (path, value)


@pytest.mark.parametrize("action", ACTIONS)
def test_required_members(action, rpc, operation):
    """FirewallArn alone may be left out over the socket."""
    for name in MODEL.input(action).get("required", []):
        params = good_input(action, operation)
        params.pop(name, None)
        assert outcome(rpc, action, params) == (0 if name == "FirewallArn" else INVALID_PARAMS), name


@pytest.mark.parametrize("action", ACTIONS)
def test_unknown_members(action, rpc, operation):
    for name in ("Verbose", "flowFilters", "", "FlowFilters "):
        code, message = rpc.error(action, **{**good_input(action, operation), name: "x"})
        assert code == INVALID_PARAMS and message.startswith(name)


def test_address_without_its_definition(rpc):
    for value in ({}, {"AddressDefinition": "1.2.3.4", "Name": "x"}):
        assert rpc.error("StartFlowCapture", FlowFilters=[{"SourceAddress": value}])[0] == INVALID_PARAMS


def test_host_bits_are_refused_with_the_canonical_form(rpc):
    for text, canonical in (("10.1.2.3/8", "10.0.0.0/8"), ("2001:DB8:0::1/32", "2001:db8::/32")):
        address = {"AddressDefinition": text}
        _, message = rpc.error("StartFlowCapture", FlowFilters=[{"SourceAddress": address}])
        assert canonical in message and f"parameter: [{text}]" in message


# (action, member, values in range, values out of it), by flow-api.md
NUMBERS = [
    *((action, "MinimumFlowAgeInSeconds", [0, 1, 2**31 - 1], [-1, -2**63]) for action in START_ACTIONS),
    *((action, "MaxResults", [1, 100, 65536], [0, -1, 65537])
      for action in ("ListFlowOperations", "ListFlowOperationResults")),
]


@pytest.mark.parametrize("action, member, good, bad", NUMBERS, ids=case_name)
def test_numbers(action, member, good, bad, rpc, operation):
    for value in good:
        assert outcome(rpc, action, {**good_input(action, operation), member: value}) == 0, value
    for value in bad:
        code, message = rpc.error(action, **{**good_input(action, operation), member: value})
        assert code == INVALID_PARAMS
        assert message.startswith(f"{member} ")
        assert message.endswith(f", parameter: [{value}], context: {member}")


@pytest.mark.parametrize("action", START_ACTIONS)
def test_number_of_filters(action, rpc):
    one = good_input(action, None)["FlowFilters"]
    for count in (1, 20):
        assert outcome(rpc, action, {"FlowFilters": one * count}) == 0
    for count in (0, 21):
        assert outcome(rpc, action, {"FlowFilters": one * count}) == INVALID_PARAMS


def test_names_of_this_firewall(rpc, operation):
    own = {"FirewallArn": ARN, "AvailabilityZone": ZONE, "VpcEndpointId": ENDPOINT,
           "VpcEndpointAssociationArn": ASSOCIATION}
    other = {"FirewallArn": ARN + "x", "AvailabilityZone": ZONE + "x", "VpcEndpointId": ENDPOINT + "x",
             "VpcEndpointAssociationArn": ASSOCIATION + "x"}
    for action in ACTIONS:
        params = good_input(action, operation)
        assert outcome(rpc, action, {**params, **own}) == 0
        for name, value in other.items():
            assert outcome(rpc, action, {**params, **own, name: value}) == RESOURCE_NOT_FOUND, name


def test_unknown_operation(rpc):
    unknown = str(uuid.uuid4())
    for action in ("DescribeFlowOperation", "ListFlowOperationResults"):
        assert outcome(rpc, action, {"FlowOperationId": unknown}) == RESOURCE_NOT_FOUND


def check_shape(action, answer):
    assert MODEL.problems(MODEL.output(action), answer) == []
    assert set(answer) >= EXPECTED[action]
    assert set(answer) <= set(MODEL.output(action)["members"]) | EXTENSIONS.get(action, set())


@pytest.mark.parametrize("action, kind, age, count", [
    ("StartFlowCapture", "FLOW_CAPTURE", 0, 4), ("StartFlowFlush", "FLOW_FLUSH", 3600, 0)])
def test_answers_fit_the_model(action, kind, age, count, rpc):
    asked = {"MinimumFlowAgeInSeconds": age,
             "FlowFilters": [{}, {"Protocols": ["6"], "DestinationPort": "ANY"}]}
    begin = time.time()
    started = rpc.call(action, **asked)
    check_shape(action, started)
    number = started["FlowOperationId"]
    assert started["FirewallArn"] == ARN
    described = rpc.described(number)
    check_shape("DescribeFlowOperation", described)
    assert described["FlowOperationStatus"] == "COMPLETED"
    assert described["FlowOperationType"] == kind
    assert described["FlowOperation"] == asked
    assert begin - 0.01 <= described["FlowRequestTimestamp"] <= time.time()
    listed = rpc.call("ListFlowOperations")
    check_shape("ListFlowOperations", listed)
    assert listed["FlowOperations"][0] == {name: described[name] for name in (
        "FlowOperationId", "FlowOperationType", "FlowRequestTimestamp", "FlowOperationStatus")}
    results = rpc.call("ListFlowOperationResults", FlowOperationId=number)
    check_shape("ListFlowOperationResults", results)
    assert len(results["Flows"]) == described["FlowCount"] == count


def test_flows_fit_the_model(rpc, operation):
    members = set(MODEL.shapes["Flow"]["members"])
    for flow in rpc.results(operation):
        assert members <= set(flow) <= members | EXTENSIONS["Flow"]
        assert MODEL.problems(MODEL.shapes["Flow"], flow) == []


def test_progress_covers_every_worker(rpc, operation):
    progress = rpc.call("DescribeFlowOperation", FlowOperationId=operation)["Progress"]
    assert [worker["Worker"] for worker in progress] == [0]
    assert progress[0]["Walked"] == progress[0]["Positions"] > 0
    assert progress[0]["Matched"] == 4


def test_operations_are_listed_newest_first_in_pages(rpc):
    made = [rpc.operate(action, [{"Protocols": ["200"]}]).id for action in START_ACTIONS * 3]
    newest_first = made[::-1]
    for kind, expected in ((None, newest_first), ("FLOW_FLUSH", newest_first[::2]),
                           ("FLOW_CAPTURE", newest_first[1::2])):
        params = {"FlowOperationType": kind} if kind else {}
        whole = rpc.call("ListFlowOperations", MaxResults=65536, **params)["FlowOperations"]
        assert [entry["FlowOperationId"] for entry in whole][:len(expected)] == expected
        paged, token = [], {}
        while True:
            page = rpc.call("ListFlowOperations", MaxResults=2, **params, **token)
            paged += page["FlowOperations"]
            if "NextToken" not in page:
                break
            assert len(page["FlowOperations"]) == 2
            token = {"NextToken": page["NextToken"]}
        assert paged == whole


def test_tokens(rpc, operation):
    """A token is good for its own list alone."""
    other = rpc.operate("StartFlowCapture").id
    page = rpc.call("ListFlowOperationResults", FlowOperationId=operation, MaxResults=1)
    token = page["NextToken"]
    assert MODEL.problems(MODEL.shapes["PaginationToken"], token) == []
    for action, params in (
            ("ListFlowOperationResults", {"FlowOperationId": other, "NextToken": token}),
            ("ListFlowOperations", {"NextToken": token}),
            ("ListFlowOperationResults", {"FlowOperationId": operation,
                                          "NextToken": ("B" if token[0] == "A" else "A") + token[1:]}),
            ("ListFlowOperationResults", {"FlowOperationId": operation, "NextToken": token[:-1]}),
            ("ListFlowOperationResults", {"FlowOperationId": operation, "NextToken": token + "A"})):
        assert outcome(rpc, action, params) == INVALID_PARAMS, (action, params)
    again = {"FlowOperationId": operation, "NextToken": token, "MaxResults": 1}
    second = rpc.call("ListFlowOperationResults", **again)
    assert second == rpc.call("ListFlowOperationResults", **again)
    assert second["Flows"] != page["Flows"]


def test_status(rpc):
    status = rpc.status()
    assert (status["FirewallArn"], status["AvailabilityZone"]) == (ARN, ZONE)
    assert [port["Name"] for port in status["Ports"]] == ["left", "right"]
    for port in status["Ports"]:
        assert port["LinkUp"] is True and port["Driver"] == "net_af_xdp"
    assert status["DropReasons"]["rule"] == 1
    worker, = status["Workers"]
    assert (worker["FlowsIpv4"], worker["FlowsIpv6"], worker["FlowCapacity"]) == (4, 0, 4096)
    assert worker["FlowsCreated"] == 4 and 0 <= worker["LoadPercent"] <= 100


def test_there_is_no_shutdown_method(rpc):
    assert rpc.error("Shutdown")[0] == METHOD_NOT_FOUND
