# SPDX-License-Identifier: BSD-3-Clause
"""A bump in the wire: frames pass unchanged, malformed ones are dropped under their reasons."""
import pytest

import flows
from cases import CASES
from daemon import LOOSE, NO_CHECKS, VETH_PORTS
from frames import A, A6, B, B6, tcp, udp
from malformed import MALFORMED
from observed import drops_of, observed, wait_received


@pytest.mark.parametrize("name", CASES)
def test_frames_pass_unchanged_and_are_counted(name, start, wires):
    """Bytes and order at the other end, the open flows, and the ports' counters."""
    left, right = wires
    sent = CASES[name]
    with start(checks=NO_CHECKS, **LOOSE).rpc() as rpc:
        left.send(sent)
        assert right.receive(len(sent)) == sent
        ports = wait_received(rpc, left=len(sent), right=0)
        assert ports["left"]["RxBytes"] == ports["right"]["TxBytes"] == sum(map(len, sent))
        assert observed(rpc.capture()) == flows.open_flows(sent)
    assert left.received() == []


def test_both_directions_at_once(start, wires):
    left, right = wires
    rounds = 500
    with start().rpc() as rpc:
        for number in range(rounds):
            left.send([udp(size=number)])
            right.send([udp(B, A, 2000, 1000, size=number), udp(B6, A6, 2000, 1000)])
        assert len(right.receive(rounds)) == rounds
        assert len(left.receive(2 * rounds)) == 2 * rounds
        ports = wait_received(rpc, left=rounds, right=2 * rounds)
        assert drops_of(ports["left"]) == drops_of(ports["right"]) == {}
        found = observed(rpc.capture())
    size = sum(28 + number for number in range(rounds))
    by_version = {key.source.version: counters for key, counters in found.items()}
    assert by_version == {4: [rounds, size, rounds, size], 6: [rounds, rounds * (48 + 20), 0, 0]}


def test_longest_frames(start, wires):
    """1500 bytes of IP packet, with two VLAN tags before them."""
    left, right = wires
    sent = [udp(size=1472), udp(size=1472 - 8, tags=(1, 2)), udp(A6, B6, size=1452)]
    start()
    left.send(sent)
    assert right.receive(len(sent)) == sent


def test_malformed_frames_are_dropped_under_their_reasons(start, wires):
    """Each so many times as tells it from the others; the good frames between them pass."""
    left, right = wires
    expected = {}
    with start().rpc() as rpc:
        for times, (data, reason) in enumerate(MALFORMED.values(), 1):
            left.send([data] * times + [udp()])
            expected[reason] = expected.get(reason, 0) + times
        bad, good = sum(expected.values()), len(MALFORMED)
        assert right.receive(good) == [udp()] * good
        ports = wait_received(rpc, left=bad + good, right=0)
        assert drops_of(ports["left"]) == expected
        assert drops_of(ports["right"]) == {}
        assert observed(rpc.capture()) == {key: [good, good * 48, 0, 0]
                                           for key in flows.of_frames([udp()])}


def test_drops_are_counted_at_the_port_they_came_in_by(start, wires):
    left, right = wires
    data, reason = MALFORMED["udp length 7"]
    with start().rpc() as rpc:
        left.send([data])
        right.send([data] * 3)
        ports = wait_received(rpc, left=1, right=3)
    assert drops_of(ports["left"]) == {reason: 1}
    assert drops_of(ports["right"]) == {reason: 3}


def test_non_ip_dropped_where_configured(start, wires):
    left, right = wires
    name = "arp and lldp have no flow"
    with start(non_ip="drop").rpc() as rpc:
        left.send(CASES[name])
        assert right.receive(1) == [udp()]
        ports = wait_received(rpc, left=len(CASES[name]), right=0)
    assert drops_of(ports["left"]) == {"non_ip": len(CASES[name]) - 1}


def test_two_pairs_are_apart(start, topology, wires):
    """What comes in on a port leaves by the other of its pair, whatever other pairs there are."""
    left, right = wires
    ports = VETH_PORTS + [{"name": name, "device": f"net_null{number},no-rx=1"}
                          for number, name in enumerate(("other1", "other2"))]
    with start(ports=ports, pairs=[["right", "left"], ["other1", "other2"]]).rpc() as rpc:
        left.send([udp(), tcp("S")])
        assert len(right.receive(2)) == 2
        wait_received(rpc, left=2, right=0, other1=0, other2=0)
