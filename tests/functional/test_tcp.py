# SPDX-License-Identifier: BSD-3-Clause
"""TCP connections of two real kernels through the daemon, with what an attacker or a crash would send among them."""
import pytest
from scapy.layers.inet import IP, TCP

from exchange import exchange
from frames import A, B, ethernet
from observed import drops_of, wait_received
from traffic import connection, iperf3


def segment(flags, seq, ack=0, source=A, destination=B, sport=1000, dport=2000, size=0, **options):
    return bytes(ethernet() / IP(src=source, dst=destination) /
                 TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, **options) / bytes(size))


def reply(flags, seq, ack, **options):
    return segment(flags, seq, ack, B, A, 2000, 1000, **options)


OPEN = [segment("S", 100), reply("SA", 300, 101), segment("A", 101, 301)]


def test_iperf3_loses_nothing_to_the_window(start, topology):
    """Scaled windows, SACK and whatever else two Linux ends do at speed: no segment is taken for another's."""
    with start().rpc() as rpc:
        with iperf3(topology, topology.IPV4["right"], 3) as (client, _):
            assert client.wait(30) == 0
        for port in rpc.status()["Ports"]:
            assert {reason for reason in drops_of(port) if reason.startswith(("tcp_", "midstream"))} == set()


def test_blind_segments_do_not_end_a_connection(start, wires):
    """RFC 5961: what does not hit the very number is dropped, and the connection goes on."""
    left, _ = wires
    with start().rpc() as rpc:
        exchange(wires, OPEN)
        left.send([segment("R", 99), segment("R", 102), segment("RA", 60000, 301),
                   segment("A", 101 + 200000, 301, size=10), segment("SF", 101), segment("", 101)])
        counted = wait_received(rpc, left=2 + 6, right=1)
        assert drops_of(counted["left"]) == {"tcp_rst": 3, "tcp_window": 1, "tcp_flags": 2}
        exchange(wires, [segment("PA", 101, 301, size=10), reply("A", 301, 111)])
        flow, = rpc.capture()
        assert (flow["State"], flow["PacketCount"]) == ("established", 5)
        exchange(wires, [segment("R", 111)])
        assert rpc.capture() == []


def test_midstream_is_dropped(start, wires):
    left, _ = wires
    with start().rpc() as rpc:
        left.send([segment("PA", 5000, 7000, size=10)])
        assert drops_of(wait_received(rpc, left=1, right=0)["left"]) == {"midstream": 1}
        assert rpc.capture() == []


def test_midstream_is_picked_up(start, wires):
    frame = segment("PA", 5000, 7000, size=10)
    with start(stream_exception="continue").rpc() as rpc:
        exchange(wires, [frame])
        flow, = rpc.capture()
    assert flow["Midstream"] is True and flow["State"] == "new"


def test_midstream_is_rejected(start, wires):
    """RFC 9293 section 3.10.7.1, to both ends."""
    left, right = wires
    with start(stream_exception="reject").rpc() as rpc:
        left.send([segment("PA", 5000, 7000, size=10)])
        for end, numbers in ((left, (7000, 0)), (right, (5000, 7000))):
            answer, = end.receive(1)
            tcp = IP(answer[14:])[TCP]
            assert "R" in tcp.flags and (tcp.seq, tcp.ack) == numbers
        ports = wait_received(rpc, left=1, right=0)
        assert drops_of(ports["left"]) == {"midstream_reject": 1}
        assert [ports[name]["TxAnswers"] for name in ("left", "right")] == [1, 1]
        assert rpc.capture() == []


def test_flushed_connection_comes_back_midstream(start, topology):
    """The stream exception policy drop ends it: the ends find nothing but silence."""
    with start().rpc() as rpc, connection(topology, topology.IPV4) as opened:
        client, server = opened.client, opened.server
        client.sendall(b"before")
        assert server.recv(100) == b"before"
        assert len(rpc.flush({"Protocols": ["6"]})) == 1
        client.sendall(b"after")
        server.settimeout(1)
        with pytest.raises(TimeoutError):
            server.recv(100)
        assert sum(drops_of(port).get("midstream", 0) for port in rpc.status()["Ports"]) > 0
