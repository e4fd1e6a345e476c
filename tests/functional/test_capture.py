# SPDX-License-Identifier: BSD-3-Clause
"""Captures and flushes of real traffic: exactly the flows that are open, with exact counters."""
import ipaddress
import signal

import pytest

import flows
from daemon import LOOSE
from flows import ICMPV6, TCP, UDP
from frames import A, B, echo, fins, handshake, tcp, tcp_reply, udp
from netns import Wire
from observed import observed, wait_received
from traffic import ask, connection, iperf3, ping
from waiting import wait_until


@pytest.fixture
def tap(topology):
    """All frames of the left end, both ways: what its endpoints sent and got, and so the oracle's input."""
    wire = Wire(topology.left, "left0", both_ways=True)
    yield wire
    wire.close()


def captured_is_what_the_wire_saw(rpc, tap, addresses):
    """Compare the flows between these addresses, once all that is on its way has arrived."""
    ends = {ipaddress.ip_address(address) for address in addresses.values()}
    seen = []

    def of_ends(found):
        return {key: counters for key, counters in found.items() if {key.source, key.destination} == ends}

    def equal():
        seen.extend(tap.received())
        return of_ends(observed(rpc.capture())) == of_ends(flows.open_flows(seen))
    wait_until(equal, lambda: (f"captured {of_ends(observed(rpc.capture()))}, "
                               f"on the wire {of_ends(flows.open_flows(seen))}"))
    assert tap.lost() == 0
    return of_ends(flows.open_flows(seen))


def test_ping(start, topology, tap):
    with start().rpc() as rpc:
        ping(topology.left, topology.IPV4["right"], 5)
        found = captured_is_what_the_wire_saw(rpc, tap, topology.IPV4)
        flow, = rpc.capture()
    assert list(found.values()) == [[5, 5 * 84, 5, 5 * 84]]
    assert (flow["SourceAddress"]["AddressDefinition"], flow["DestinationAddress"]["AddressDefinition"],
            flow["SourcePort"], flow["DestinationPort"], flow["Protocol"], flow["State"]) == (
                topology.IPV4["left"], topology.IPV4["right"], "0", "0", "1", "established")


def test_tcp(start, topology, tap):
    """Listed while it is open, with what the endpoints sent; not once both have closed."""
    with start().rpc() as rpc:
        with connection(topology, topology.IPV4) as opened:
            opened.transfer(1 << 20)
            found = captured_is_what_the_wire_saw(rpc, tap, topology.IPV4)
            (key, counters), = found.items()
            assert (key.protocol, key.destination_port) == (TCP, 8080)
            assert counters[1] > 1 << 20 and counters[3] > 1 << 20
            opened.close()
        wait_until(lambda: rpc.capture() == [], "the closed connection is still listed")


def test_half_closed_tcp_is_open(start, topology, tap):
    with start().rpc() as rpc, connection(topology, topology.IPV4) as opened:
        opened.client.shutdown(1)
        assert opened.server.recv(1) == b""
        opened.server.sendall(b"still open this way")
        assert opened.client.recv(100) == b"still open this way"
        captured_is_what_the_wire_saw(rpc, tap, topology.IPV4)
        assert [flow["State"] for flow in rpc.capture()] == ["closing"]


def test_udp_both_ways(start, topology, tap):
    with start().rpc() as rpc:
        ask(topology, topology.IPV4, rounds=10)
        found = captured_is_what_the_wire_saw(rpc, tap, topology.IPV4)
    sizes = range(30, 40)
    assert list(found.values()) == [[10, sum(28 + size for size in sizes),
                                     10, sum(28 + 3 * size for size in sizes)]]


def test_ipv6(start, topology, tap):
    with topology.with_ipv6(), start().rpc() as rpc:
        ping(topology.left, topology.IPV6["right"], 3)
        ask(topology, topology.IPV6)
        with connection(topology, topology.IPV6) as opened:
            opened.transfer(100000)
            found = captured_is_what_the_wire_saw(rpc, tap, topology.IPV6)
    assert {key.protocol for key in found} == {ICMPV6, UDP, TCP}
    assert [counters for key, counters in found.items() if key.protocol == ICMPV6] == [[3, 312, 3, 312]]


def test_running_iperf3(start, topology):
    """Its two connections are listed, with counters that grow, and not any more at the end.

    A connection that was closed before is not listed beside them.
    """
    with start().rpc() as rpc:
        with connection(topology, topology.IPV4) as opened:
            opened.close()
        wait_until(lambda: rpc.capture() == [], "the closed connection is still listed")
        with iperf3(topology, topology.IPV4["right"], seconds=20) as (client, server):
            def bytes_moved():
                found = observed(rpc.capture())
                assert {(key.protocol, key.destination_port) for key in found} <= {(TCP, 5201)}
                assert len(found) <= 2
                return max((counters[1] for counters in found.values()), default=0)
            first = wait_until(bytes_moved, "no flow")
            wait_until(lambda: bytes_moved() > first + (8 << 20), "the counters do not grow")
            assert {flow["State"] for flow in rpc.capture()} == {"established"}
            client.send_signal(signal.SIGINT)
            client.wait()
            server.wait()
        wait_until(lambda: rpc.capture() == [], lambda: f"still listed: {rpc.capture()}")


def test_minimum_age(two_ages):
    """Flows younger than that when the operation starts are left out; one of exactly that age is in."""
    rpc, _ = two_ages

    def ports(age):
        return sorted(flow["SourcePort"] for flow in rpc.capture(MinimumFlowAgeInSeconds=age))
    assert ports(0) == ["1", "2"]
    assert ports(2) == ["1"]
    assert ports(3600) == []


def test_flush_removes_exactly_the_matching(start, wires):
    """And lists what it removed with its last counters; the rest stays as it was."""
    left, _ = wires
    sent = [*handshake(), *echo(), *(udp(sport=port, dport=53) for port in range(1, 11)), udp(B, A, 53, 99)]
    known = flows.open_flows(sent)
    gone = {key: counters for key, counters in known.items() if key.destination_port == 53}
    kept = {key: counters for key, counters in known.items() if key not in gone}
    assert (len(gone), len(kept)) == (10, 3)
    with start(**LOOSE).rpc() as rpc:
        left.send(sent)
        wait_received(rpc, left=len(sent), right=0)
        assert observed(rpc.flush({"DestinationPort": "53"})) == gone
        assert observed(rpc.capture()) == kept
        assert rpc.flush({"DestinationPort": "53"}) == []
        worker, = rpc.status()["Workers"]
        assert worker["FlowsIpv4"] + worker["FlowsIpv6"] == len(kept)


def test_results_stay_as_they_were(start, wires):
    """Whatever becomes of the flows: flushed, or grown."""
    left, _ = wires
    with start().rpc() as rpc:
        left.send([udp(), tcp("S")])
        wait_received(rpc, left=2, right=0)
        operation = rpc.operate("StartFlowCapture")
        left.send([udp()])
        wait_received(rpc, left=3, right=0)
        assert len(rpc.flush({})) == 2
        assert rpc.results(operation.id) == operation.flows
        assert [flow["PacketCount"] for flow in operation.flows] == [1, 1]


def test_flushed_flow_comes_back_as_a_new_one(start, wires):
    left, _ = wires
    with start().rpc() as rpc:
        left.send([udp(), udp(), udp()])
        wait_received(rpc, left=3, right=0)
        rpc.flush({})
        left.send([udp(B, A, 2000, 1000)])
        wait_received(rpc, left=4, right=0)
        flow, = rpc.capture()
    assert (flow["SourceAddress"]["AddressDefinition"], flow["PacketCount"]) == (B, 1)


@pytest.mark.parametrize("end", [
    pytest.param([*fins()], id="both fins"),
    pytest.param([tcp("R")], id="reset by the source"),
    pytest.param([tcp_reply("RA")], id="reset by the destination"),
    pytest.param([*fins(), tcp("A")], id="a straggler after the fins"),
])
def test_closed_connection_is_not_listed(end, start, wires):
    left, _ = wires
    sent = [*handshake(), tcp("PA", size=10), *end, udp()]
    with start(**LOOSE).rpc() as rpc:
        left.send(sent)
        wait_received(rpc, left=len(sent), right=0)
        assert {key.protocol for key in observed(rpc.capture())} == {UDP}
