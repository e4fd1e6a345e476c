# SPDX-License-Identifier: BSD-3-Clause
"""Random TCP connections: what two honest ends send each other, and an attacker among it.

The ends are honest by RFC 9293: each knows what it has sent and acknowledged, and sends no data
above what the other has offered. All that they send arrives, but for what is said to be lost.
"""
from scapy.layers.inet import TCP
from scapy.packet import Raw

from sequence import SIDES, Sequence

NUMBERS = 1 << 32
HOSTILITY = (0, 0, 0.05, 0.2)  # the share of an attacker's segments, of which one holds for a sequence
SIZES = (0, 1, 10, 100, 700)
WINDOWS = (0, 1, 500, 8000, 65535)
SCALES = (None, 0, 2, 7)
NAMES = (("SA", "SYN-ACK"), ("S", "SYN"), ("F", "FIN"), ("", "segment"))  # by flags, the first that fits
# The most that any bound lies behind: Linux's MAXACKWINCONST, and more than any window of the ends.
FAR = 70000 + (65535 << 7)


def above(a, b):
    """Whether a number comes after another: RFC 9293 section 3.4."""
    return 0 < (a - b) % NUMBERS < NUMBERS // 2


class End:
    def __init__(self, rng, side):
        self.side, self.port = side, 40000 if side == "left" else 80
        self.scale = rng.choice(SCALES)
        self.restart(rng.choice([rng.randrange(NUMBERS), NUMBERS - rng.randrange(1, 2000)]))

    def restart(self, begin):
        self.begin = self.next = self.limit = begin % NUMBERS
        self.acked = None  # its highest acknowledgement
        self.window = 0  # the largest that it has offered, bytes
        self.closed = False


class TcpSequence(Sequence):
    """One connection, or several of the same two ports one after the other."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.ends = [End(self.rng, side) for side in SIDES]
        self.rng.shuffle(self.ends)
        self.client, self.server = self.ends
        self.has_timestamps, self.clock = self.rng.random() < 0.5, 1000
        self.honest = []  # (end, fields, size) of what was sent, to be repeated
        opening, hostility = self.rng.choice(OPENINGS), self.rng.choice(HOSTILITY)
        self.peaceful = hostility == 0 and opening is not TcpSequence.midstream
        for _ in self.life(opening):
            while self.rng.random() < hostility:
                kind, attack = self.rng.choice(ATTACKS)
                end = self.rng.choice(self.ends)
                attack(self, kind, end, self.other(end))

    def other(self, end):
        return self.ends[end is self.ends[0]]

    def segment(self, kind, end, flags, seq, ack=0, size=0, **fields):
        fields = {"flags": flags, "seq": seq % NUMBERS, "ack": ack % NUMBERS,
                  "window": self.rng.choice(WINDOWS[1:]), **fields}
        self.send(kind, end.side, TCP(sport=end.port, dport=self.other(end).port, **fields), Raw(bytes(size)))
        return fields

    # What an honest end sends.

    def syn(self, kind, end, flags="S", size=0):
        scale = [] if end.scale is None else [("NOP", None), ("WScale", end.scale)]
        fields = self.segment(kind, end, flags, end.begin, self.acknowledge(end) if "A" in flags else 0, size,
                              options=[("MSS", 1400), ("SAckOK", b""), *scale, *self.timestamp()])
        end.next = (end.begin + 1 + size) % NUMBERS
        self.sent(end, fields, size, fields["window"])

    def talk(self, kind, end, flags="A", size=0, **fields):
        fields = self.segment(kind, end, flags, end.next, self.acknowledge(end), size,
                              options=self.timestamp(), **fields)
        end.next = (end.next + size + ("F" in flags)) % NUMBERS
        end.closed = end.closed or "F" in flags
        self.sent(end, fields, size, self.scaled(end, fields["window"]))

    def probe(self, end):
        """RFC 9293 section 3.8.4: a number that was acknowledged, to be told of the next one."""
        fields = self.segment("keep-alive", end, "A", end.next - 1, self.acknowledge(end),
                              options=self.timestamp())
        self.sent(end, fields, 0, self.scaled(end, fields["window"]))

    def scaled(self, end, window):
        return window << end.scale if all(one.scale is not None for one in self.ends) else window

    def timestamp(self):
        """RFC 7323 section 3, with one clock for both ends."""
        self.clock += self.rng.randrange(100)
        pad = [("NOP", None), ("NOP", None)]
        return [*pad, ("Timestamp", (self.clock, self.clock))] if self.has_timestamps else []

    def acknowledge(self, end):
        """Most times all that has come, sometimes what was acknowledged before."""
        if end.acked is None or self.rng.random() < 0.8:
            end.acked = self.other(end).next
        return end.acked

    def sent(self, end, fields, size, window):
        """Note what the other end may send from now on."""
        other = self.other(end)
        end.window = max(end.window, window)
        limit = (fields["ack"] + max(window, 1)) % NUMBERS  # a window of 0 is probed with one byte
        if "A" in fields["flags"] and above(limit, other.limit):
            other.limit = limit
        self.honest.append((end, fields, size))

    def room(self, end):
        """How much more the other end takes."""
        return 0 if above(end.next, end.limit) else (end.limit - end.next) % NUMBERS

    def life(self, opening):
        """Send one segment after the other; what an attacker sends comes between them."""
        yield from opening(self)
        if opening not in FAILURES:
            for _ in range(self.rng.randrange(2, 12)):
                self.converse(self.rng.choice(self.ends))
                yield
            yield from self.rng.choice(CLOSINGS)(self)
        for _ in range(self.rng.randrange(3)):
            self.repeat()
            yield
        if self.rng.random() < 0.3:
            yield from self.again(opening in FAILURES)

    def converse(self, end):
        move = self.rng.choice(("data", "data", "acknowledgement", "repetition", "loss", "probe"))
        size = min(self.rng.choice(SIZES), self.room(end))
        if end.closed or move == "acknowledgement":
            self.talk("acknowledgement", end, window=self.rng.choice(WINDOWS))
        elif move == "repetition":
            self.repeat()
        elif move == "probe":
            self.probe(end)
        elif move == "loss" and size > 1:
            end.next = (end.next + size // 2) % NUMBERS  # lost before the firewall
            self.talk("data after a loss", end, "PA", size - size // 2)
        else:
            self.talk("data", end, self.rng.choice(("A", "PA", "PAU")), size)

    def repeat(self):
        """A segment again that was sent before, by the network or by its end."""
        end, fields, size = self.rng.choice(self.honest)
        name = next(name for flags, name in NAMES if flags in fields["flags"])
        self.segment(f"{name} again", end, size=size, **fields)

    # How connections begin.

    def handshake(self, size=0):
        self.syn("SYN", self.client, size=size)
        yield
        self.syn("SYN-ACK", self.server, "SA")
        yield
        self.talk("handshake's ACK", self.client)
        yield

    def fast_open(self):
        yield from self.handshake(size=50)

    def repeated_syn(self):
        yield from self.unanswered()
        self.syn("SYN-ACK", self.server, "SA")
        yield
        self.talk("handshake's ACK", self.client)
        yield

    def unanswered(self):
        for kind in ("SYN", "SYN again", "SYN again")[:self.rng.randrange(1, 4)]:
            self.syn(kind, self.client)
            yield

    def crossed(self):
        """RFC 9293 section 3.5, figure 7."""
        for end in (self.client, self.server):
            self.syn("SYN that crosses another", end)
            yield
        for end in (self.client, self.server):
            self.syn("SYN-ACK of crossed SYNs", end, "SA")
            yield

    def refused(self):
        self.syn("SYN", self.client)
        yield
        self.segment("RST that refuses", self.server, "RA", 0, self.client.next)
        yield

    def midstream(self):
        for end in self.ends:
            end.next = (end.next + 5000) % NUMBERS
            self.talk("midstream", end, "PA", 10)
            yield

    # How they end.

    def open_end(self):
        yield from ()

    def half_close(self):
        first = self.rng.choice(self.ends)
        if self.room(first):
            self.talk("FIN", first, "FA")
        else:
            self.talk("acknowledgement", first)
        yield
        self.converse(self.other(first))
        yield

    def close(self):
        first = self.rng.choice(self.ends)
        for end in (first, self.other(first)):
            if not end.closed and self.room(end):
                self.talk("FIN", end, "FA", min(self.rng.choice(SIZES), self.room(end) - 1))
                yield
        for end in (first, self.other(first)):
            end.acked = None
            self.talk("ACK of the FIN", end)
            yield

    def reset(self):
        """At the very number that the other end expects."""
        end = self.rng.choice(self.ends)
        other = self.other(end)
        other.acked = None
        self.talk("acknowledgement", other)
        yield
        self.segment("exact RST", end, self.rng.choice(("R", "RA")), end.next, other.next)
        yield

    def again(self, unanswered):
        """Another connection of the same ports, with higher numbers, of either end; of the one that
        still waits for an answer if there is one."""
        if not unanswered:
            self.rng.shuffle(self.ends)
            self.client, self.server = self.ends
        for end in self.ends:
            end.restart(end.next + self.rng.randrange(FAR, 2 * FAR))
        self.syn("SYN of the next connection", self.client)
        yield
        self.syn("SYN-ACK of the next connection", self.server, "SA")
        yield
        self.talk("ACK of the next connection", self.client)
        yield
        self.talk("data of the next connection", self.client, "PA", min(10, self.room(self.client)))
        yield


FAILURES = (TcpSequence.unanswered, TcpSequence.refused)
OPENINGS = 8 * (TcpSequence.handshake,) + (
    TcpSequence.fast_open, TcpSequence.repeated_syn, TcpSequence.crossed, TcpSequence.midstream) + FAILURES
CLOSINGS = (TcpSequence.open_end, TcpSequence.open_end, TcpSequence.half_close, TcpSequence.close,
            TcpSequence.close, TcpSequence.reset)


def attack(flags, seq, ack=lambda self, end, other: other.next, size=0, **fields):
    """A segment of an attacker; seq and ack are functions of the sequence, the sender and the other
    end."""
    def send(self, kind, end, other):
        number = ack(self, end, other) if "A" in flags else 0
        self.segment(kind, end, flags, seq(self, end, other), number, size, window=500, **fields)
    return send


def next_number(_, end, __):
    return end.next


def shifted(low, high):
    return lambda self, end, _: end.next + self.rng.randrange(low, high)


# (kind, function): a kind may be there several times, in several forms.
ATTACKS = (
    ("data past the window", attack("A", lambda self, end, _: end.limit - 5, size=20)),
    ("data far above the window", attack(
        "A", lambda self, end, _: end.limit + FAR + self.rng.randrange(FAR), size=9)),
    ("data far below the window", attack("A", shifted(-4 * FAR, -3 * FAR), size=9)),
    ("ACK of what was never sent", attack(
        "A", next_number, lambda self, _, other: other.next + self.rng.randrange(1, 5000))),
    ("ACK far behind", attack(
        "A", next_number, lambda self, _, other: other.next - self.rng.randrange(2 * FAR, 3 * FAR))),
    ("RST off by one", attack("R", shifted(1, 2))),
    ("RST off by one", attack("R", shifted(-1, 0))),
    ("RST in the window", attack("RA", shifted(2, 400))),
    ("RST far above the window", attack("R", shifted(3 * FAR, 4 * FAR))),
    ("RST far below the window", attack("R", shifted(-4 * FAR, -3 * FAR))),
    ("SYN among segments", attack("S", shifted(0, 400))),
    ("SYN among segments", attack("S", shifted(3 * FAR, 4 * FAR))),
    ("SYN-ACK from elsewhere", attack("SA", shifted(FAR, 2 * FAR),
                                      lambda self, *_: self.rng.randrange(NUMBERS))),
    ("FIN far above the window", attack("FA", shifted(3 * FAR, 4 * FAR))),
    ("illegal flags", attack("", next_number)),
    ("illegal flags", attack("SF", next_number)),
    ("illegal flags", attack("SR", next_number)),
    ("illegal flags", attack("F", next_number)),
    ("illegal flags", attack("FSRPAU", next_number)),
    ("bad checksum", attack("A", next_number, chksum=0x1234, size=9)),
    ("data offset below 5", attack("A", next_number, dataofs=4, size=9)),
    ("data offset past the end", attack("A", next_number, dataofs=15)),
)
