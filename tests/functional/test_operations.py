# SPDX-License-Identifier: BSD-3-Clause
"""What operations can be asked for beside filters: ages, windows, guarded and named flushes, retries."""
import pytest

from daemon import LOOSE
from frames import A, B, echo, handshake, tcp, udp
from observed import drops_of, is_conserved, ports_of, wait_received
from rpc import INVALID_PARAMS, RESOURCE_NOT_FOUND, THROTTLING
from traffic import connection
from waiting import wait_until

UNKNOWN = "01234567-89ab-cdef-0123-456789abcdef"


def test_age_between(two_ages):
    rpc, left = two_ages

    def ports(**members):
        return sorted(flow["SourcePort"] for flow in rpc.capture(**members))
    assert ports(MaximumFlowAgeInSeconds=1) == ["2"]
    assert ports(MinimumFlowAgeInSeconds=2, MaximumFlowAgeInSeconds=3600) == ["1"]
    assert ports(MinimumIdleSeconds=2) == ["1"]
    left.send([udp(sport=1)])
    wait_received(rpc, left=3, right=0)
    assert ports(MinimumIdleSeconds=2) == []
    code, message = rpc.error("StartFlowCapture", FlowFilters=[{}], MinimumFlowAgeInSeconds=2,
                              MaximumFlowAgeInSeconds=1)
    assert code == INVALID_PARAMS and "must not be below MinimumFlowAgeInSeconds" in message


# ---- retries ----

def test_client_token(start, wires):
    """The same request again is the same operation, also when the first one has ended; another one is an error."""
    left, _ = wires
    with start().rpc() as rpc:
        left.send([udp()])
        wait_received(rpc, left=1, right=0)
        asked = {"FlowFilters": [{}], "ClientToken": "0a-Z"}
        first = rpc.call("StartFlowFlush", **asked)["FlowOperationId"]
        assert rpc.call("StartFlowFlush", **asked)["FlowOperationId"] == first
        rpc.described(first)
        left.send([udp(sport=7)])
        wait_received(rpc, left=2, right=0)
        again = rpc.call("StartFlowFlush", **asked)
        assert again["FlowOperationId"] == first and again["FlowOperationStatus"] == "COMPLETED"
        assert [flow["SourcePort"] for flow in rpc.capture()] == ["7"]
        for method, changed in [("StartFlowFlush", {"MinimumFlowAgeInSeconds": 1}), ("StartFlowCapture", {})]:
            code, message = rpc.error(method, **{**asked, **changed})
            assert code == INVALID_PARAMS and message.startswith("ClientToken came with another request before")
        other = rpc.call("StartFlowFlush", **{**asked, "ClientToken": "0a-z"})["FlowOperationId"]
        assert other != first
        assert len(rpc.call("ListFlowOperations")["FlowOperations"]) == 3


# ---- flushes ----

@pytest.fixture(params=[[0], [0, 1]], ids=["one worker", "two workers"])
def hundred(request, start, wires):
    """A daemon with 100 UDP and 10 TCP flows: (rpc, left)."""
    left, _ = wires
    with start(worker_cpus=request.param).rpc() as rpc:
        left.send([udp(sport=port) for port in range(1, 101)] + [tcp("S", sport=port) for port in range(1, 11)])
        wait_received(rpc, left=110, right=0)
        yield rpc, left


def test_dry_run(hundred):
    rpc, _ = hundred
    done = rpc.operate("StartFlowFlush", [{"Protocols": ["17"]}], DryRun=True)
    assert done.status == "COMPLETED" and len(done.flows) == 100
    assert done.description["FlowOperationType"] == "FLOW_FLUSH"
    assert len(rpc.capture()) == 110


@pytest.mark.parametrize("guard, flushed", [(99, False), (100, True), (1, False), (2147483647, True)])
def test_guard(guard, flushed, hundred):
    """MaxFlows: all that match, or none."""
    rpc, _ = hundred
    done = rpc.operate("StartFlowFlush", [{"Protocols": ["17"]}], MaxFlows=guard)
    if flushed:
        assert (done.status, done.message, len(done.flows)) == ("COMPLETED", None, 100)
        assert len(rpc.capture()) == 10
    else:
        assert (done.status, done.flows) == ("FAILED", [])
        assert done.message == (f"Flow operation error - 100 flows match and MaxFlows is {guard} "
                                "- nothing was flushed")
        assert len(rpc.capture()) == 110


def test_scoped_flush(hundred):
    """What depends on counters is decided by the whole conversation, with several workers too."""
    rpc, left = hundred
    left.send([udp(sport=port) for port in range(1, 11)])
    wait_received(rpc, left=120, right=0)
    gone = rpc.flush({}, MinimumPacketCount=2)
    assert sorted(int(flow["SourcePort"]) for flow in gone) == list(range(1, 11))
    assert {(flow["Protocol"], flow["PacketCount"]) for flow in gone} == {("17", 2)}
    assert len(rpc.capture()) == 100


def test_flush_of_an_operation(hundred):
    """Exactly the flows that it listed, with their counters of now; no new flow of the same addresses and ports."""
    rpc, left = hundred
    listed = rpc.operate("StartFlowCapture", [{"SourcePort": "1:10", "Protocols": ["17"]}])
    assert len(listed.flows) == 10
    rpc.flush({"SourcePort": "1", "Protocols": ["17"]})
    left.send([udp(sport=1), udp(sport=2), udp(sport=200)])  # another flow; one more packet; not listed
    wait_received(rpc, left=113, right=0)
    started = rpc.call("StartFlowFlush", OfOperation=listed.id)["FlowOperationId"]
    assert rpc.described(started)["FlowOperationStatus"] == "COMPLETED"
    gone = rpc.results(started)
    assert sorted((int(flow["SourcePort"]), flow["PacketCount"]) for flow in gone) == (
        [(2, 2)] + [(port, 1) for port in range(3, 11)])
    left_over = {(flow["Protocol"], int(flow["SourcePort"])) for flow in rpc.capture()}
    assert left_over == ({("17", port) for port in (1, 200, *range(11, 101))} | {("6", port) for port in range(1, 11)})


def test_flush_of_an_operation_with_filters_and_guard(hundred):
    rpc, _ = hundred
    listed = rpc.operate("StartFlowCapture", [{"Protocols": ["17"]}])
    for guard, status, count in ((4, "FAILED", 0), (5, "COMPLETED", 5)):
        done = rpc.operate("StartFlowFlush", [{"SourcePort": "6:10"}], OfOperation=listed.id, MaxFlows=guard)
        assert (done.status, len(done.flows)) == (status, count)
    assert len(rpc.capture()) == 105


def test_flush_of_no_operation(hundred):
    rpc, _ = hundred
    code, message = rpc.error("StartFlowFlush", OfOperation=UNKNOWN)
    assert code == RESOURCE_NOT_FOUND and message.startswith("OfOperation is not known here")
    code, message = rpc.error("StartFlowFlush")
    assert code == INVALID_PARAMS and message.startswith("FlowFilters is required")
    running_one = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=60)["FlowOperationId"]
    code, message = rpc.error("StartFlowFlush", OfOperation=running_one)
    assert code == INVALID_PARAMS and message.startswith("OfOperation has not ended")
    rpc.call("CancelFlowOperation", FlowOperationId=running_one)
    rpc.described(running_one)
    empty = rpc.operate("StartFlowCapture", [{"SourcePort": "999"}])
    assert empty.flows == []
    started = rpc.call("StartFlowFlush", OfOperation=empty.id)["FlowOperationId"]
    assert rpc.described(started)["FlowCount"] == 0
    assert len(rpc.capture()) == 110


@pytest.mark.parametrize("addresses", ["IPV4", "IPV6"])
def test_reset(addresses, start, topology):
    """Both ends' kernels take the RST: reading fails at once, on an idle connection and amid data."""
    with topology.with_ipv6(), start().rpc() as rpc:
        for transferred in (0, 100000):
            with connection(topology, getattr(topology, addresses)) as opened:
                opened.transfer(transferred)
                done = rpc.operate("StartFlowFlush", [{"Protocols": ["6"]}], Reject=True)
                assert (done.status, len(done.flows)) == ("COMPLETED", 1)
                assert sum(worker["Resets"] for worker in done.description["Progress"]) >= 2
                assert sum(worker["FlowsWithoutReset"] for worker in done.description["Progress"]) == 0
                for end in (opened.client, opened.server):
                    with pytest.raises(ConnectionResetError):
                        end.recv(1)
        ports = rpc.status()["Ports"]
        assert sum(port["TxAnswers"] for port in ports) >= 4
        wait_until(lambda: is_conserved(ports_of(rpc.status())), "packets are missing")


def test_reject_of_other_protocols(start, wires):
    """They are removed all the same, nothing is sent for them, and the receipt says for how many."""
    left, right = wires
    with start(**LOOSE).rpc() as rpc:
        left.send([udp(), echo()[0], tcp("S")])
        assert len(right.receive(3)) == 3
        done = rpc.operate("StartFlowFlush", Reject=True)
        assert (done.status, len(done.flows)) == ("COMPLETED", 3)
        worker, = done.description["Progress"]
        assert (worker["Resets"], worker["FlowsWithoutReset"]) == (0, 3)
        assert all(port["TxAnswers"] == 0 for port in rpc.status()["Ports"])
        left.send([udp(sport=7)])
        assert right.receive(1) == [udp(sport=7)]
        done = rpc.operate("StartFlowFlush")
        assert done.description["Progress"][0]["FlowsWithoutReset"] == 0


def test_flush_without_reset(start, topology):
    """The ends are not told, and meet the stream exception policy when they speak."""
    with start().rpc() as rpc, connection(topology, topology.IPV4) as opened:
        assert len(rpc.flush({"Protocols": ["6"]})) == 1
        assert all(port["TxAnswers"] == 0 for port in rpc.status()["Ports"])
        opened.client.sendall(b"anyone there?")
        wait_until(lambda: drops_of(ports_of(rpc.status())["left"]).get("midstream"), "nothing was dropped")


# ---- windows ----

def in_window(rpc, act, **members):
    """A capture with a window of one second, with what act() does within it."""
    started = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=1, **members)["FlowOperationId"]
    # A reply of the daemon after the start: the workers have their requests, and take them at their next poll.
    wait_until(lambda: rpc.status()["Operation"] == started, "it does not run")
    time_of_workers(rpc)
    act()
    done = rpc.described(started)
    assert done["FlowOperationStatus"] == "COMPLETED", done
    return rpc.results(started)


def time_of_workers(rpc):
    """Wait until every worker has polled again."""
    before = [worker["Polls"] for worker in rpc.status()["Workers"]]
    wait_until(lambda: all(worker["Polls"] > polls + 100 for worker, polls in
                           zip(rpc.status()["Workers"], before)), "a worker does not poll")


@pytest.mark.parametrize("cpus", [[0], [0, 1]], ids=["one worker", "two workers"])
def test_window(cpus, start, wires):
    """Every flow that was open in the window, once, with what it moved then beside its totals."""
    left, _ = wires
    with start(worker_cpus=cpus).rpc() as rpc:
        before = [*[udp(sport=1)] * 3, udp(sport=2), *handshake(sport=3), *handshake(sport=4), tcp("R", sport=4)]
        left.send(before)
        wait_received(rpc, left=len(before), right=0)
        during = [*[udp(sport=1)] * 5, udp(B, A, 2000, 1), tcp("R", sport=3), *handshake(sport=5),
                  tcp("R", sport=5), udp(sport=6)]

        def act():
            left.send(during)
            wait_received(rpc, left=len(before) + len(during), right=0)
        listed = in_window(rpc, act, SortBy="WindowPackets")
        found = {flow["SourcePort"]: (flow["PacketCount"], flow["WindowPacketCount"], flow["WindowByteCount"])
                 for flow in listed}
        # UDP has 48 bytes here, TCP 40; 4 was closed before the window.
        assert found == {"1": (9, 6, 288), "2": (1, 0, 0), "3": (4, 1, 40), "5": (4, 4, 160), "6": (1, 1, 48)}
        assert [flow["WindowPacketCount"] for flow in listed] == [6, 4, 1, 1, 0]
        assert {flow["SourcePort"]: flow["State"] for flow in listed}["5"] == "closed"
        assert "WindowPacketCount" not in rpc.capture()[0]


def test_window_and_flush(start, wires):
    """A second operation waits for its turn; the window's flows are those of its own time."""
    left, _ = wires
    with start().rpc() as rpc:
        started = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=30)["FlowOperationId"]
        code, _ = rpc.error("StartFlowFlush", FlowFilters=[{}])
        assert code == THROTTLING
        time_of_workers(rpc)
        left.send([udp(sport=port) for port in range(1, 11)])
        wait_received(rpc, left=10, right=0)
        rpc.call("CancelFlowOperation", FlowOperationId=started)
        assert rpc.described(started)["StatusMessage"] == "Flow operation error - canceled by a client"
        # The workers watch on for what is thrown away; the next operation comes after that.
        assert rpc.described(rpc.call("StartFlowFlush", FlowFilters=[{}], TimeBoxMilliseconds=100)[
            "FlowOperationId"])["FlowOperationStatus"] == "COMPLETED"
        assert rpc.capture() == []
