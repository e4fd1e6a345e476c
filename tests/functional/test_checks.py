# SPDX-License-Identifier: BSD-3-Clause
"""The checks that are on by default, on the wire and in replay: each has a drop reason of its own."""
import collections
import json

import pytest
from scapy.layers.inet import IPOption_LSRR, IPOption_RR, IPOption_SSRR
from scapy.layers.inet6 import ICMPv6MLReport2, ICMPv6ND_NS, RouterAlert

import captures
from frames import *
from observed import drops_of, wait_received
from paths import REPLAY
from programs import run


def ip4(source=A, destination=B, **fields):
    return bytes(ethernet() / IP(src=source, dst=destination, **fields) / UDP(sport=1, dport=2) / Raw(b"xyz"))


def ip6(source, destination, *layers, **fields):
    packet = ethernet() / IPv6(src=source, dst=destination, **fields)
    for layer in layers:
        packet /= layer
    return bytes(packet)


def solicitation(source, hop_limit):
    return ip6(source, "ff02::1:ff00:1", ICMPv6ND_NS(tgt="fe80::1"), hlim=hop_limit)


BAD = {
    "ipv4_checksum": [ip4(chksum=0x1234)],
    "l4_checksum": [frame(A, B, UDP(sport=1, dport=2, chksum=0x1234)), frame(A6, B6, TCP(chksum=0x1234)),
                    frame(A6, B6, UDP(sport=1, dport=2, chksum=0)), frame(A, B, ICMP(chksum=0x1234)),
                    frame(A6, B6, ICMPv6EchoRequest(cksum=0x1234))],
    "ipv4_options": [ip4(options=[option]) for option in
                     (IPOption_LSRR(routers=["10.0.0.9"]), IPOption_SSRR(routers=["10.0.0.9"]),
                      IPOption_RR(routers=["10.0.0.9"]))],
    "routing_header": [frame(A6, B6, IPv6ExtHdrRouting(type=0, addresses=[A6]), UDP())],
    "land": [ip4(A, A), ip6(A6, A6, UDP())],
    "loopback": [ip4("127.0.0.1", B), ip4(A, "127.0.0.1"), ip6("::1", B6, UDP())],
    "martian": [ip4("224.0.0.1", B), ip4("255.255.255.255", B), ip4("0.0.0.7", B), ip6("ff02::1", B6, UDP())],
    "nd_hop_limit": [solicitation("fe80::2", 254)],
    "icmp_unsolicited": [echo()[1], echo(A6, B6)[1]],
    "icmp_unrelated": [frame(B, A, ICMP(type=3, code=3), IP(src=A, dst=B), UDP(sport=7, dport=8))],
}
GOOD = [ip4(), udp(A6, B6), *echo(), *echo(A6, B6), solicitation("fe80::2", 255), solicitation("::", 255),
        ip6("fe80::2", "ff02::16", IPv6ExtHdrHopByHop(options=[RouterAlert()]), ICMPv6MLReport2(), hlim=1),
        frame(A, B, UDP(sport=1, dport=2, chksum=0))]
SENT = [data for frames in BAD.values() for data in frames] + GOOD


def test_on_the_wire(start, wires):
    left, right = wires
    with start().rpc() as rpc:
        left.send(SENT)
        assert right.receive(len(GOOD)) == GOOD
        ports = wait_received(rpc, left=len(SENT), right=0)
        assert drops_of(ports["left"]) == {reason: len(frames) for reason, frames in BAD.items()}


def defaults(folder):
    """The least configuration."""
    ports = [{"name": name, "device": f"net_null{number}"} for number, name in enumerate("ab")]
    path = folder / "config.json"
    path.write_text(json.dumps({"ports": ports}))
    return path


@pytest.mark.parametrize("configured", [True, False])
def test_replay(configured, tmp_path):
    """With a configuration the same, without none is checked."""
    path = captures.write_pcap(tmp_path / "sent.pcap", SENT)
    arguments = []
    if configured:
        arguments = ["--config", defaults(tmp_path)]
    done = run(REPLAY, path, "--verdicts", "--output", "ndjson", *arguments)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    reasons = collections.Counter(row["drop_reason"] for row in rows if row["verdict"] != "pass")
    assert reasons == ({reason: len(frames) for reason, frames in BAD.items()} if configured else {})


def test_replay_of_frames_that_were_cut(tmp_path):
    """What is not in the capture has no checksum to be right or wrong."""
    path = captures.write_pcap(tmp_path / "cut.pcap", [captures.Frame(udp(size=1000)[:64], len(udp(size=1000)), 0)])
    done = run(REPLAY, path, "--verdicts", "--output", "ndjson", "--config", defaults(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["pass"]
