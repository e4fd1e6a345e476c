# SPDX-License-Identifier: BSD-3-Clause
"""Fragments on the wire and in replay: in order and out of order, held back, dropped."""
import csv
import io
import random

import pytest
from scapy.layers.inet import fragment
from scapy.layers.inet6 import fragment6

import captures
import flows
from frames import *
from observed import drops_of, observed, wait_received
from paths import REPLAY
from programs import run
from traffic import ping

MILLISECOND = 10**6


def pieces(version, number, size=3000, sport=4000):
    """The fragments of a UDP datagram, in order; number is its identification."""
    whole = (IP(src=A, dst=B, id=number) if version == 4 else
             IPv6(src=A6, dst=B6) / IPv6ExtHdrFragment(id=number))
    whole = whole / UDP(sport=sport, dport=5000) / Raw(bytes(size))
    cut = fragment(whole, 1200) if version == 4 else fragment6(whole, 1280)
    return [bytes(ethernet() / piece) for piece in cut]


def verdicts(path):
    done = run(REPLAY, path, "--verdicts")
    assert (done.returncode, done.stderr) == (0, "")
    return [(int(row["number"]), row["drop_reason"]) for row in csv.DictReader(io.StringIO(done.stdout))]


def replayed(path):
    done = run(REPLAY, path)
    assert (done.returncode, done.stderr) == (0, "")
    return flows.totals([(key, counters) for _, key, counters in
                         flows.read_csv(io.StringIO(done.stdout))])


@pytest.mark.parametrize("workers", [[1], [0, 1]], ids=["one worker", "two workers"])
def test_large_pings(workers, start, topology):
    """The kernels' own fragments, both ways."""
    with start(worker_cpus=workers).rpc() as rpc, topology.with_ipv6():
        for addresses in (topology.IPV4, topology.IPV6):
            for sender, receiver in ((topology.left, "right"), (topology.right, "left")):
                ping(sender, addresses[receiver], 3, size=4000)
        ports = {port["Name"]: drops_of(port) for port in rpc.status()["Ports"]}
    assert ports == {"left": {}, "right": {}}


@pytest.mark.parametrize("workers", [[1], [0, 1]], ids=["one worker", "two workers"])
def test_shuffled_datagrams(workers, start, wires):
    """All fragments go on, of each datagram the first one before the others; each datagram's flow has them
    all, beside a packet that was not cut."""
    left, right = wires
    datagrams = [pieces(version, number, 2000 + 100 * number, 4000 + number)
                 for version in (4, 6) for number in range(20)]
    whole = [udp(*ends, 4000 + number, 5000) for ends in ((A, B), (A6, B6)) for number in range(20)]
    sent = whole + [piece for datagram in datagrams for piece in datagram]
    shuffled = list(sent)
    random.Random(4).shuffle(shuffled)
    with start(worker_cpus=workers).rpc() as rpc:
        received = []
        for begin in range(0, len(shuffled), 32):
            left.send(shuffled[begin:begin + 32])
            received += right.received()
        received += right.receive(len(sent) - len(received))
        assert sorted(received) == sorted(sent)
        for datagram in datagrams:
            assert min(map(received.index, datagram)) == received.index(datagram[0])
        assert drops_of(wait_received(rpc, left=len(sent), right=0)["left"]) == {}
        assert observed(rpc.capture()) == flows.open_flows(sent)


@pytest.mark.parametrize("workers", [[1], [0, 1]], ids=["one worker", "two workers"])
def test_drops(workers, start, wires):
    """What waits in vain, overlaps, is there twice or malformed is counted where it came in."""
    left, right = wires
    orphans = [piece for number in range(10) for piece in pieces(4, number)[1:] + pieces(6, number)[1:]]
    first, second, *_ = pieces(4, 100)
    overlap = bytes(ethernet() / IP(src=A, dst=B, id=100, proto=17, frag=1, flags="MF") / Raw(bytes(64)))
    tiny = bytes(ethernet() / IP(src=A, dst=B, id=101, proto=6, flags="MF") / Raw(bytes(8)))
    after = bytes(ethernet() / IP(src=A, dst=B, id=101, proto=6, frag=1) / Raw(bytes(64)))
    long = bytes(ethernet() / IP(src=A, dst=B, id=102, proto=17, frag=8189) / Raw(bytes(64)))
    odd = bytes(ethernet() / IP(src=A, dst=B, id=103, proto=17, frag=1, flags="MF") / Raw(bytes(65)))
    bad = [first, first, overlap, second, tiny, after, long, odd]
    with start(worker_cpus=workers).rpc() as rpc:
        left.send(orphans + bad)
        ports = wait_received(rpc, left=len(orphans + bad), right=0)
        assert right.receive(1) == [first]
    assert drops_of(ports["left"]) == {
        "fragment_orphan": len(orphans), "fragment_duplicate": 1, "fragment_overlap": 2,
        "tcp_truncated": 2, "fragment_too_long": 1, "fragment_length": 1}


@pytest.mark.parametrize("version", [4, 6])
def test_replay_counts_fragments_before_their_first(version, tmp_path):
    sent = pieces(version, 1) + pieces(version, 2, 5000)
    backwards = captures.write_pcap(tmp_path / "backwards.pcap", sent[::-1])
    assert replayed(backwards) == flows.of_frames(sent)
    assert verdicts(backwards) == [(number + 1, "") for number in range(len(sent))]


def test_replay_by_the_capture_s_time(tmp_path):
    """A second's wait, and no more, tells a verdict; what waits at the end is dropped. The lines are in the
    frames' order, whatever waited."""
    one, other = pieces(4, 1), pieces(6, 2)
    frames = [(one[2], 0), (other[1], 1), (udp(), 2), (one[0], 900), (one[1], 1001), (other[0], 1500),
              (other[2], 1501), (pieces(4, 3)[1], 1502), (udp(), 1503)]
    timed = [captures.Frame(data, len(data), time * MILLISECOND) for data, time in frames]
    path = captures.write_pcap(tmp_path / "timed.pcap", timed, "<", True)
    orphans = (2, 8)
    assert verdicts(path) == [(number, "fragment_orphan" if number in orphans else "")
                              for number in range(1, len(frames) + 1)]
