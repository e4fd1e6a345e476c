# SPDX-License-Identifier: BSD-3-Clause
"""Transient captures: asked for, read, named by a flush and forgotten; none of them is kept."""
import pytest

from frames import udp
from observed import wait_received
from rpc import INVALID_PARAMS, RESOURCE_NOT_FOUND

FLOWS = 50


@pytest.fixture
def rpc(start, wires):
    left, right = wires
    with start().rpc() as connected:
        left.send([udp(sport=1000 + number) for number in range(FLOWS)])
        wait_received(connected, left=FLOWS, right=0)
        right.receive(FLOWS)
        yield connected


def listed(rpc):
    return [operation["FlowOperationId"] for operation in rpc.call("ListFlowOperations")["FlowOperations"]]


def forgotten(rpc, operation):
    return all(rpc.error(method, FlowOperationId=operation)[0] == RESOURCE_NOT_FOUND for method in
               ("DescribeFlowOperation", "ListFlowOperationResults", "CancelFlowOperation"))


def test_transient_is_read_and_forgotten(rpc):
    kept = rpc.operate("StartFlowCapture", SortBy="Packets")
    passing = rpc.operate("StartFlowCapture", Transient=True, ClientToken="t-1")
    assert passing.status == "COMPLETED" and len(passing.flows) == FLOWS
    assert passing.description["FlowOperation"]["Transient"] is True
    assert rpc.results(passing.id, page=7) == passing.flows
    again = rpc.call("StartFlowCapture", FlowFilters=[{}], Transient=True, ClientToken="t-1")
    assert again["FlowOperationId"] == passing.id
    assert listed(rpc) == [kept.id]
    canceled = rpc.call("CancelFlowOperation", FlowOperationId=passing.id)
    assert (canceled["FlowOperationId"], canceled["FlowOperationStatus"]) == (passing.id, "COMPLETED")
    assert forgotten(rpc, passing.id)
    rpc.call("CancelFlowOperation", FlowOperationId=kept.id)
    assert rpc.results(kept.id) == kept.flows


def test_flush_of_what_a_transient_capture_listed(rpc):
    some = rpc.operate("StartFlowCapture", [{"SourcePort": "1000:1009"}], Transient=True)
    started = rpc.call("StartFlowFlush", OfOperation=some.id)["FlowOperationId"]
    assert rpc.described(started)["FlowCount"] == 10
    assert {flow["SourcePort"] for flow in rpc.results(started)} == {flow["SourcePort"] for flow in some.flows}
    assert len(rpc.capture()) == FLOWS - 10


def test_canceled_while_it_runs(rpc):
    """It ends, and is forgotten when that is asked for again."""
    running = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=60, Transient=True)["FlowOperationId"]
    assert rpc.status()["Operation"] == running
    rpc.call("CancelFlowOperation", FlowOperationId=running)
    assert rpc.described(running)["FlowOperationStatus"] == "COMPLETED_WITH_ERRORS"
    rpc.call("CancelFlowOperation", FlowOperationId=running)
    assert forgotten(rpc, running)


def test_captures_alone(rpc):
    code, message = rpc.error("StartFlowFlush", FlowFilters=[{}], Transient=True)
    assert code == INVALID_PARAMS and message.startswith("Transient is not a member of StartFlowFlush")


def test_two_clients_that_watch(rpc):
    """Each reads its own, whoever has asked since."""
    first = rpc.operate("StartFlowCapture", Transient=True)
    second = rpc.operate("StartFlowCapture", [{"SourcePort": "1000"}], Transient=True)
    assert first.id != second.id and len(second.flows) == 1
    assert rpc.results(first.id) == first.flows
