# SPDX-License-Identifier: BSD-3-Clause
"""Rules on the wire: first match wins, once a flow; what is dropped is counted and seen."""
import pytest

from daemon import LOOSE
from frames import A, A6, B, B6, echo, tcp, tcp_reply, udp
from observed import drops_of, wait_received

NET_A, NET_A6 = "198.51.100.0/24", "2001:db8:a::/48"

# name: (configuration, frames, does each pass, drops by reason)
TABLE = {
    "a port of a protocol": (
        {"rules": [{"action": "drop", "protocols": ["tcp"], "destination_ports": [23]}]},
        [tcp("S", dport=23), tcp("S", dport=22), udp(dport=23), tcp("S", A6, B6, dport=23)],
        [False, True, True, False], {"rule": 2}),
    "first match wins": (
        {"rules": [{"action": "allow", "destination": "203.0.113.2/32"},
                   {"action": "drop", "destination": "203.0.113.0/24"}]},
        [udp(A, "203.0.113.2"), udp(A, "203.0.113.3"), udp(A, "203.0.114.2")],
        [True, False, True], {"rule": 1}),
    "default drop": (
        {"default_action": "drop", "rules": [{"action": "allow", "protocols": [1, 58]}]},
        [*echo(), *echo(A6, B6), udp(), udp(A6, B6)],
        [True] * 4 + [False] * 2, {"default_action": 2}),
    "the answers of an allowed flow pass": (
        {"default_action": "drop",
         "rules": [{"action": "allow", "source": NET_A, "destination_ports": "80"}]},
        [tcp("S", dport=80), tcp_reply("SA", dport=80), tcp("S", B, A, 80, 1)],
        [True, True, False], {"default_action": 1}),
    "a dropped flow has no answers: the other end begins its own": (
        {"rules": [{"action": "drop", "source": NET_A}]},
        [udp(), udp(), udp(B, A, 2000, 1000), udp()], [False, False, True, True], {"rule": 2}),
    "port ranges with their edges": (
        {"rules": [{"action": "drop", "source_ports": ["1990:1994", 65535]}]},
        [udp(sport=port) for port in (1989, 1990, 1994, 1995, 65534, 65535)],
        [True, False, False, True, True, False], {"rule": 3}),
    "ports match no protocol without them": (
        {"rules": [{"action": "drop", "destination_ports": "0:65535"}]},
        [udp(), tcp("S"), *echo()], [False, False, True, True], {"rule": 2}),
    "ipv6 prefix": (
        {"rules": [{"action": "drop", "source": [NET_A6]}]},
        [udp(A6, B6), udp(B6, A6, 5, 6), udp()], [False, True, True], {"rule": 1}),
    "an ipv4 prefix matches no ipv6": (
        {"rules": [{"action": "drop", "source": "0.0.0.0/0"}]},
        [udp(), udp(A6, B6)], [False, True], {"rule": 1}),
    "several addresses and protocols": (
        {"rules": [{"action": "drop", "source": ["10.0.0.0/8", A6 + "/128"], "protocols": ["udp", "132"]}]},
        [udp("10.1.1.1", B), tcp("S", "10.1.1.1", B), udp("11.1.1.1", B), udp(A6, B6)],
        [False, True, True, False], {"rule": 2}),
}


@pytest.mark.parametrize("name", TABLE)
def test_rules(name, start, wires):
    config, sent, passes, drops = TABLE[name]
    left, right = wires
    with start(**config, **LOOSE).rpc() as rpc:
        left.send(sent)
        expected = [data for data, passed in zip(sent, passes, strict=True) if passed]
        assert right.receive(len(expected)) == expected
        ports = wait_received(rpc, left=len(sent), right=0)
    assert drops_of(ports["left"]) == drops


def listed(rpc):
    return [(flow["SourceAddress"]["AddressDefinition"], flow["Action"], flow["PacketCount"])
            for flow in rpc.capture()]


@pytest.mark.parametrize("rules", [
    [{"action": "allow", "source": NET_A, "destination_ports": [2000]}],
    [{"action": "drop", "destination_ports": [1000]}, {"action": "allow", "source": NET_A}]])
def test_a_packet_that_nobody_asked_for_stops_no_question(start, wires, rules):
    """It is dropped and listed; the question passes all the same, at once, and so does its answer."""
    left, right = wires
    answer = udp(B, A, 2000, 1000)
    with start(rules=rules, default_action="drop").rpc() as rpc:
        right.send([answer, answer])
        wait_received(rpc, left=0, right=2)
        assert listed(rpc) == [(B, "dropped", 2)]
        left.send([udp()])
        assert right.receive(1) == [udp()]
        right.send([answer])
        assert left.receive(1) == [answer]
        assert listed(rpc) == [(A, "passed", 2)]
        ports = wait_received(rpc, left=1, right=3)
    assert drops_of(ports["right"]) == {"rule" if rules[0]["action"] == "drop" else "default_action": 2}


def test_flows_tell_their_rule(start, wires):
    """A dropped flow is a flow too: it is listed with its action and the rule that decided."""
    left, _ = wires
    rules = [{"action": "allow", "protocols": ["tcp"]},
             {"name": "no datagrams", "action": "drop", "protocols": ["udp"]}]
    with start(rules=rules).rpc() as rpc:
        left.send([udp(), udp(), tcp("S"), *echo()])
        wait_received(rpc, left=5, right=0)
        found = {flow["Protocol"]: (flow["Action"], flow.get("Rule"), flow["PacketCount"])
                 for flow in rpc.capture()}
    assert found == {"17": ("dropped", "no datagrams", 2), "6": ("passed", "rule 1", 1),
                     "1": ("passed", None, 2)}
