# SPDX-License-Identifier: BSD-3-Clause
"""Sequences of packets between two hosts, on either side of a firewall, whose fates can be told.

Every packet carries a mark that no other has: the identification of IPv4, the flow label of IPv6. A
sequence has its two hosts for itself, so that what is counted of them is counted of it.
"""
import collections
import itertools
import struct

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

from frames import ethernet

SIDES = ("left", "right")
OTHER = {"left": "right", "right": "left"}
NETWORKS = {4: {"left": "10.1.0.0/16", "right": "10.2.0.0/16"},
            6: {"left": "2001:db8:1::/64", "right": "2001:db8:2::/64"}}

# A packet, or a datagram's fragments, from a side; kind says in words what it is to the sequence.
# size is that of the whole IP packet; mark is a pair with the IP version.
Step = collections.namedtuple("Step", "kind side mark frames size")


def host(version, side, number):
    if version == 4:
        return f"10.{1 + SIDES.index(side)}.{number >> 8}.{number & 255}"
    return f"2001:db8:{1 + SIDES.index(side)}::{number:x}"


class Sequence:
    """What a generator fills: steps, in the order in which they are sent. peaceful: none is there to
    do harm."""

    peaceful = False

    def __init__(self, rng, version, number, marks):
        self.rng, self.version, self.number, self.marks = rng, version, number, marks
        self.hosts = {side: host(version, side, number) for side in SIDES}
        self.steps = []

    def packet(self, side, *layers):
        """An IP packet with a new mark, and the mark."""
        mark = next(self.marks)
        assert mark < 1 << 16, "no marks are left"
        ends = {"src": self.hosts[side], "dst": self.hosts[OTHER[side]]}
        packet = IP(id=mark, **ends) if self.version == 4 else IPv6(fl=mark, **ends)
        for layer in layers:
            packet /= layer
        return packet, (self.version, mark)

    def send(self, kind, side, *layers):
        packet, mark = self.packet(side, *layers)
        self.add(kind, side, mark, [bytes(packet)])

    def add(self, kind, side, mark, packets, size=None):
        header = bytes(ethernet())[:12] + struct.pack(">H", 0x0800 if self.version == 4 else 0x86DD)
        self.steps.append(Step(kind, side, mark, [header + packet for packet in packets],
                               size or len(packets[0])))


def payload(rng, limit=400):
    return Raw(bytes(rng.randrange(limit)))


def mark_of(frame):
    """(version, mark) of a frame, or None when it is not IP."""
    kind = struct.unpack_from(">H", frame, 12)[0]
    if kind == 0x0800:
        return 4, struct.unpack_from(">H", frame, 18)[0]
    if kind == 0x86DD:
        return 6, struct.unpack_from(">I", frame, 14)[0] & 0xFFFFF
    return None


def new_marks():
    return itertools.count(1)
