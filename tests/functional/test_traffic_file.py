# SPDX-License-Identifier: BSD-3-Clause
"""The traffic that the benchmarks send is what they say, by a plain reader and Scapy."""
import collections
import subprocess

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

import captures
from paths import ROOT

FLOWS = 120
CONNECTION = ["S", "SA", "A"] + 4 * ["PA", "PA"] + ["RA"]
# kind: frames, flows of UDP and TCP, {length: frames}
FILES = {
    "udp4": (120, 120, 0, {60: 120}),
    "udp6": (120, 120, 0, {62: 120}),
    "imix": (120, 120, 0, {60: 70, 590: 40, 1514: 10}),
    "tcp": (120 * 24, 0, 120, {54: 120 * 2 * 4, 60: 120 * 2 * 8}),
    "mix": (120 * 24, 60, 60, {54: 60 * 2 * 4, 60: 60 * 2 * 8 + 60 * 24}),
}


@pytest.fixture(name="write")
def fixture_write(tmp_path):
    """Write a file; returns its frames."""
    def write(kind, flows):
        path = tmp_path / f"{kind}.pcap"
        subprocess.run(["/usr/bin/python3", "-B", ROOT / "tests" / "bench" / "traffic_file.py", kind, str(flows), path],
                       check=True, stdout=subprocess.DEVNULL)
        return [frame.data for frame in captures.read(path)]
    return write


def flow(packet):
    """The conversation that a packet is of, whatever its direction."""
    network = packet.payload
    transport = network.payload
    return type(transport), frozenset([(network.src, transport.sport), (network.dst, transport.dport)])


@pytest.mark.parametrize("kind", FILES)
def test_frames_and_flows(write, kind):
    count, udp, tcp, lengths = FILES[kind]
    frames = write(kind, FLOWS)
    flows = {flow(Ether(frame)) for frame in frames}
    assert len(frames) == count
    assert collections.Counter(map(len, frames)) == lengths
    assert collections.Counter(protocol for protocol, _ in flows) == collections.Counter({UDP: udp, TCP: tcp})


@pytest.mark.parametrize("kind", FILES)
def test_checksums_and_lengths_are_right(write, kind):
    for frame in write(kind, FLOWS):
        again = Ether(frame)
        for layer, fields in ((IP, ("chksum", "len")), (IPv6, ("plen",)), (UDP, ("chksum", "len")), (TCP, ("chksum",))):
            for field in fields if layer in again else ():
                delattr(again[layer], field)
        assert bytes(again) == frame


@pytest.mark.parametrize("kind", ["tcp", "mix"])
def test_connections_open_and_close(write, kind):
    """Twice by each tuple, and never by the number of the time before."""
    connections = collections.defaultdict(list)
    for packet in map(Ether, write(kind, FLOWS)):
        if TCP in packet:
            connections[flow(packet)].append(packet[TCP])
    for segments in connections.values():
        assert [str(segment.flags) for segment in segments] == 2 * CONNECTION
        assert segments[0].seq != segments[len(CONNECTION)].seq
        for half in (segments[:len(CONNECTION)], segments[len(CONNECTION):]):
            expected = {half[0].sport: half[0].seq, half[1].sport: half[1].seq}
            for segment in half:
                assert segment.seq == expected[segment.sport]
                assert not segment.flags.A or segment.ack == expected[segment.dport]
                expected[segment.sport] += len(segment.payload) + ("S" in segment.flags)


@pytest.mark.parametrize("flows", [1000, 10000, 100000, 1000000])
def test_distinct_flows(write, flows):
    """Addresses and ports as they are in the frame: each packet is of another flow."""
    frames = write("udp4", flows)
    assert len(frames) == flows and {len(frame) for frame in frames} == {60}
    assert len({frame[26:38] for frame in frames}) == flows
