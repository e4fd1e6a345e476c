# SPDX-License-Identifier: BSD-3-Clause
"""Random UDP, ICMP, ICMP errors about them, and fragments."""
import struct

from scapy.layers.inet import ICMP, UDP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig,
                                ICMPv6TimeExceeded)
from scapy.packet import Raw

from sequence import OTHER, SIDES, Sequence, payload

ETHERNET = 14
QUOTED = 200  # bytes of a packet that an error quotes


class UdpSequence(Sequence):
    """Datagrams of one flow both ways, and ICMP errors about them and about others."""

    ports = {"left": 5000, "right": 53}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        moves = (self.datagram, self.datagram, self.datagram, self.broken, self.error, self.stray_error)
        for _ in range(self.rng.randrange(3, 15)):
            self.rng.choice(moves)()

    def datagram(self, kind="datagram", side=None, **fields):
        side = side or self.rng.choice(SIDES)
        ports = {"sport": self.ports[side], "dport": self.ports[OTHER[side]]}
        self.send(kind, side, UDP(**ports, **fields), payload(self.rng))

    def broken(self):
        kind, fields = self.rng.choice((
            ("bad checksum", {"chksum": 0x1234}), ("UDP length past the end", {"len": 2000}),
            ("UDP length below 8", {"len": 7})))
        self.datagram(kind, **fields)

    def error(self):
        """About a packet that went by, to who sent it."""
        sent = [step for step in self.steps if step.kind == "datagram"]
        if sent:
            step = self.rng.choice(sent)
            self.quote("ICMP error", OTHER[step.side], step.frames[0][ETHERNET:])

    def stray_error(self):
        """About a packet that no one has sent."""
        side = self.rng.choice(SIDES)
        packet, _ = self.packet(OTHER[side], UDP(sport=1, dport=2), Raw(bytes(30)))
        self.quote("ICMP error about no flow", side, bytes(packet))

    def quote(self, kind, side, packet):
        if self.version == 4:
            header = ICMP(type=self.rng.choice((3, 11, 12)))
        else:
            header = self.rng.choice((ICMPv6DestUnreach, ICMPv6TimeExceeded, ICMPv6PacketTooBig))()
        self.send(kind, side, header, Raw(packet[:QUOTED]))


class EchoSequence(Sequence):
    """Echo requests and replies of several identifiers, in an order that need not make sense."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        asked = set()
        for number in range(self.rng.randrange(3, 15)):
            side, identifier = self.rng.choice(SIDES), self.rng.randrange(1, 4)
            if self.rng.random() < 0.5:
                asked.add((side, identifier))
                self.message("echo request", side, 8, identifier, number)
            elif (OTHER[side], identifier) in asked:
                self.message("echo reply", side, 0, identifier, number)
            else:
                self.message("echo reply to nothing", side, 0, identifier, number)

    def message(self, kind, side, icmp, identifier, number):
        if self.version == 4:
            header = ICMP(type=icmp, id=identifier, seq=number)
        else:
            header = (ICMPv6EchoRequest if icmp else ICMPv6EchoReply)(id=identifier, seq=number)
        self.send(kind, side, header, payload(self.rng))


class FragmentSequence(Sequence):
    """UDP datagrams in fragments: whole ones in any order, and ones that make no datagram."""

    ports = {"left": 6000, "right": 6001}
    HEADER = {4: 20, 6: 40}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        for _ in range(self.rng.randrange(2, 6)):
            self.datagram(*self.rng.choice(FRAGMENTATIONS), self.rng.choice(SIDES))

    def datagram(self, kind, change, side):
        """One in at most 6 fragments of up to 1,200 bytes, with what change makes of them."""
        packet, mark = self.packet(side, UDP(sport=self.ports[side], dport=self.ports[OTHER[side]]),
                                   Raw(self.rng.randbytes(self.rng.randrange(600, 3000))))
        whole = bytes(packet)
        data = whole[self.HEADER[self.version]:]
        cuts = (8 * self.rng.randrange(1, len(data) // 8) for _ in range(3))
        bounds = sorted({*range(0, len(data), 1200), *cuts, len(data)})
        pieces = [(begin, data[begin:end], end < len(data)) for begin, end in zip(bounds, bounds[1:])]
        self.add(kind, side, mark, [self.fragment(whole, *piece) for piece in change(self.rng, pieces)],
                 len(whole))

    def fragment(self, whole, begin, data, more):
        header = bytearray(whole[:self.HEADER[self.version]])
        if self.version == 4:
            struct.pack_into(">H", header, 2, 20 + len(data))
            struct.pack_into(">H", header, 6, begin // 8 | more << 13)
            struct.pack_into(">H", header, 10, 0)
            struct.pack_into(">H", header, 10, checksum(header))
            return bytes(header) + data
        struct.pack_into(">H", header, 4, 8 + len(data))
        extension = struct.pack(">BBHI", header[6], 0, begin | more, 1000 + len(self.steps))
        header[6] = 44
        return bytes(header) + extension + data


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def shuffled(rng, pieces):
    return rng.sample(pieces, len(pieces))


def without_one(rng, pieces):
    missing = rng.randrange(len(pieces))
    return shuffled(rng, pieces[:missing] + pieces[missing + 1:])


def repeated(rng, pieces):
    """A copy of one right behind it."""
    position = rng.randrange(len(pieces))
    return pieces[:position + 1] + pieces[position:]


def overlapping(rng, pieces):
    """One more, over the end of a piece and the beginning of the next."""
    at = 8 * ((pieces[0][0] + len(pieces[0][1])) // 8) - 8
    return [pieces[0], (at, rng.randbytes(16), True), *pieces[1:]]


FRAGMENTATIONS = (
    ("fragments", lambda rng, pieces: pieces),
    ("shuffled fragments", shuffled),
    ("fragments, one missing", without_one),
    ("fragments, one twice", repeated),
    ("overlapping fragments", overlapping),
)
