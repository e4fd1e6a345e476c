# SPDX-License-Identifier: BSD-3-Clause
"""The flow table under pressure, and flows that end by idleness."""
from daemon import NEVER
from frames import A, A6, B, B6, echo, handshake, tcp, tcp_reply, udp
from observed import drops_of, observed, wait_received
from waiting import wait_until

CAPACITY = 64  # the least that can be configured


def conversations(count, start=1):
    """A question and its answer each: unreplied flows would make room."""
    return [data for port in range(start, start + count) for data in (udp(sport=port), udp(B, A, 2000, port))]


def test_full_table_refuses_new_flows_and_recovers(start, wires):
    """The flows that are in go on; new ones are dropped and counted, until there is room again."""
    left, right = wires
    refused = 10
    daemon = start(flows_per_worker=CAPACITY, idle_timeouts={**NEVER, "udp_established": 3})
    with daemon.rpc() as rpc:
        sent = conversations(CAPACITY + refused)
        left.send(sent)
        assert right.receive(2 * CAPACITY) == sent[:2 * CAPACITY]
        left.send(sent[:CAPACITY])
        assert right.receive(CAPACITY) == sent[:CAPACITY]
        ports = wait_received(rpc, left=len(sent) + CAPACITY, right=0)
        assert drops_of(ports["left"]) == {"table_full": 2 * refused}
        worker, = rpc.status()["Workers"]
        assert (worker["FlowCapacity"], worker["FlowsIpv4"], worker["FlowsCreated"],
                worker["FlowsRefused"]) == (CAPACITY, CAPACITY, CAPACITY, 2 * refused)

        wait_until(lambda: "worker 0: flow table takes new flows again, 20 were refused\n" in daemon.log.read_text(),
                   "the log does not say that it is over")
        assert daemon.log.read_text().count("worker 0: flow table full, new flows are refused\n") == 1

        wait_until(lambda: rpc.status()["Workers"][0]["FlowsIpv4"] == 0, "flows do not expire")
        late = conversations(refused, start=2000)
        left.send(late)
        assert right.receive(2 * refused) == late
        assert len(rpc.capture()) == refused
        assert rpc.status()["Workers"][0]["FlowsEnded"] == CAPACITY


def test_unreplied_flows_make_room(start, wires):
    """A flood of made-up tuples passes through the table; the conversations in it lose no packet."""
    left, right = wires
    kept, flood = 20, 1000
    with start(flows_per_worker=CAPACITY).rpc() as rpc:
        known = conversations(kept)
        left.send(known)
        assert right.receive(2 * kept) == known
        for begin in range(0, flood, 50):
            sent = [udp(sport=10000 + begin + number) for number in range(50)] + known
            left.send(sent)
            assert right.receive(len(sent)) == sent
        worker, = rpc.status()["Workers"]
        assert (worker["FlowsIpv4"], worker["FlowsRefused"], worker["FlowsEvicted"]) == (
            CAPACITY, 0, flood + kept - CAPACITY)
        assert sum(flow["PacketCount"] == 2 * (1 + flood // 50) for flow in rpc.capture()) == kept


def test_a_full_table_of_one_ip_version_leaves_the_other_alone(start, wires):
    left, right = wires
    with start(flows_per_worker=CAPACITY).rpc() as rpc:
        left.send(conversations(CAPACITY) + [udp(sport=9999), udp(A6, B6)])
        right.receive(2 * CAPACITY + 1)
        ports = wait_received(rpc, left=2 * CAPACITY + 2, right=0)
        assert drops_of(ports["left"]) == {"table_full": 1}
        assert {key.source.version for key in observed(rpc.capture())} == {4, 6}


def test_idle_flows_expire_by_their_state(start, wires):
    """One-sided UDP goes first; UDP both ways, TCP and ICMP have timeouts of their own."""
    left, _ = wires
    long_lived = [udp(sport=2), udp(B, A, 2000, 2), *handshake(), *echo()]
    with start(idle_timeouts={**NEVER, "udp_new": 1}).rpc() as rpc:
        left.send([udp(sport=1)] + long_lived)
        wait_received(rpc, left=1 + len(long_lived), right=0)
        assert len(rpc.capture()) == 4
        wait_until(lambda: len(rpc.capture()) == 3, "the one-sided flow does not expire", 5)
        assert {(flow["Protocol"], flow["SourcePort"], flow["State"]) for flow in rpc.capture()} == {
            ("17", "2", "established"), ("6", "1000", "established"), ("1", "0", "established")}


def test_packets_keep_a_flow_alive(start, wires):
    """Idle time counts from the last packet of either side, age from the first."""
    left, _ = wires
    with start(idle_timeouts={**NEVER, "udp_new": 2, "udp_established": 2}).rpc() as rpc:
        left.send([udp()])

        def aged():
            left.send([udp(B, A, 2000, 1000)])
            found = rpc.capture()
            return found and found[0]["Age"] >= 4
        wait_until(aged, "the flow ends in spite of its packets")
        flow, = rpc.capture()
        assert flow["IdleMilliseconds"] < 2000
        wait_until(lambda: rpc.capture() == [], "the flow does not expire")


def test_states(start, wires):
    left, _ = wires
    sent = [tcp("S", sport=1),
            *handshake(sport=2),
            *handshake(sport=3), tcp("FA", sport=3),
            tcp("PA", sport=4), tcp_reply("A", sport=4)]
    with start(stream_exception="continue").rpc() as rpc:
        left.send(sent)
        wait_received(rpc, left=len(sent), right=0)
        assert {flow["SourcePort"]: flow["State"] for flow in rpc.capture()} == {
            "1": "new", "2": "established", "3": "closing", "4": "established"}
