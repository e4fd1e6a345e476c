# SPDX-License-Identifier: BSD-3-Clause
"""Two workers on ports of one queue: packets are handed over by flow, and everything stays exact."""
import flows
from cases import CASES
from daemon import LOOSE, NO_CHECKS
from frames import A, B, ICMP, IP, UDP, fins, frame, handshake, tcp, tcp_reply, udp
from observed import drops_of, observed, wait_received

ROUNDS = 10


def conversations():
    """Two hundred of TCP and UDP, each with a number of packets of its own, all at the same time."""
    talks = []
    for number in range(200):
        names = {"source": f"10.3.0.{number % 100}", "sport": 3000 + number}
        if number % 2:
            talk = [*handshake(**names)] + [tcp("PA", size=number, **names), tcp_reply("A", **names)] * 4
            talk += fins(**names) if number % 4 == 1 else []
        else:
            talk = [udp(names["source"], B, names["sport"], 53),
                    udp(B, names["source"], 53, names["sport"], 40 + number)] * 3
        talks.append(talk[:4 + number % ROUNDS])
    longest = max(map(len, talks))
    return [talk[turn] for turn in range(longest) for talk in talks if turn < len(talk)]


def test_two_workers_are_exact(start, wires):
    left, right = wires
    sent = conversations() + [frame for case in CASES.values() for frame in case]
    expected = flows.open_flows(sent)
    with start(worker_cpus=[0, 1], checks=NO_CHECKS, **LOOSE).rpc() as rpc:
        received = []
        for begin in range(0, len(sent), 64):
            left.send(sent[begin:begin + 64])
            received += right.receive(len(sent[begin:begin + 64]))
        assert sorted(received) == sorted(sent)
        ports = wait_received(rpc, left=len(sent), right=0)
        assert drops_of(ports["left"]) == {}
        assert observed(rpc.capture()) == expected
        shares = [worker["FlowsCreated"] for worker in rpc.status()["Workers"]]
    assert len(shares) == 2 and min(shares) > sum(shares) / 4


def test_errors_reach_the_owner_of_the_flow_they_quote(start, wires):
    left, right = wires
    sent = [udp(sport=port) for port in range(1, 101)]
    errors = [frame("192.0.2.9", A, ICMP(type=3, code=1), IP(src=A, dst=B), UDP(sport=port, dport=2000))
              for port in range(1, 101)]
    with start(worker_cpus=[0, 1]).rpc() as rpc:
        left.send(sent)
        right.receive(len(sent))
        right.send(errors)
        assert sorted(left.receive(len(errors))) == sorted(errors)
        ports = wait_received(rpc, left=100, right=100)
        assert drops_of(ports["right"]) == {}
        assert observed(rpc.capture()) == flows.open_flows(sent + errors)
        assert all(worker["FlowsCreated"] > 1 for worker in rpc.status()["Workers"])


def test_packets_of_a_flow_stay_in_order(start, wires):
    left, right = wires
    sent = [udp(size=number) for number in range(1000)]
    start(worker_cpus=[0, 1])
    for begin in range(0, len(sent), 100):
        left.send(sent[begin:begin + 100])
        assert right.receive(100) == sent[begin:begin + 100]


def test_flush_reaches_all_workers(start, wires):
    left, _ = wires
    sent = [udp(sport=port) for port in range(1, 101)] + [tcp("S", A, B, port) for port in range(1, 101)]
    with start(worker_cpus=[0, 1]).rpc() as rpc:
        left.send(sent)
        wait_received(rpc, left=len(sent), right=0)
        assert len(rpc.flush({"Protocols": ["17"]})) == 100
        assert {flow["Protocol"] for flow in rpc.capture()} == {"6"}
        assert len(rpc.capture()) == 100
