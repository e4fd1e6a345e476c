# SPDX-License-Identifier: BSD-3-Clause
"""Two firewalls that are sent the same frames, and what comes out of each."""
import collections
import contextlib
import os
import struct

from scapy.layers.inet import UDP

from sequence import OTHER, SIDES, Sequence, mark_of
from waiting import wait_until

IPV6_FRAGMENT = 44
TOGETHER = 25  # steps, whose frames fit into a veth end's ring of 256
HEADER = {4: 20, 6: 40}  # bytes


class Opinion:
    """A firewall between two raw ends; out has what came out of it, by mark and who sent it."""

    def __init__(self, wires):
        self.wires = dict(zip(SIDES, wires))
        self.out = collections.defaultdict(list)

    def send(self, side, frames):
        self.wires[side].send(frames)

    def has(self, step):
        """The frames of a step that came out by now."""
        for side, wire in self.wires.items():
            for frame in wire.received():
                mark = mark_of(frame)
                if mark:
                    self.out[mark, OTHER[side]].append(frame)
        return self.out[step.mark, step.side]

    def fate(self, step):
        """Whether the receiver can have what was sent: passed, dropped, or in part, if in fragments."""
        out = self.out[step.mark, step.side]
        if not out:
            return "dropped"
        bytes_out = set()
        for frame in out:
            bytes_out.update(payload_range(frame))
        return "passed" if bytes_out >= set(range(step.size - HEADER[step.mark[0]])) else "in part"


def payload_range(frame):
    """The bytes of its IP packet's payload that a frame carries."""
    if mark_of(frame)[0] == 4:
        size, flags = struct.unpack_from(">H2xH", frame, 16)
        begin = (flags & 0x1FFF) * 8
        return range(begin, begin + size - HEADER[4])
    size, following = struct.unpack_from(">HB", frame, 18)
    if following != IPV6_FRAGMENT:
        return range(size)
    begin = struct.unpack_from(">H", frame, 14 + HEADER[6] + 2)[0] & 0xFFF8
    return range(begin, begin + size - 8)


class Sentinels(Sequence):
    """Datagrams that pass: what was sent before one has met its fate when it is there."""

    def next(self, side):
        self.send("sentinel", side, UDP(sport=9, dport=9))
        return self.steps.pop()


def send_in_step(opinions, sequences, sentinels):
    """The first step of each sequence to all firewalls, then the second of each, …; each when those
    before it have met their fate. Returns the steps in the order that they were sent in."""
    order = []
    with on_one_cpu():
        for number in range(max(len(sequence.steps) for sequence in sequences)):
            for side in SIDES:
                ready = [sequence.steps[number] for sequence in sequences
                         if number < len(sequence.steps) and sequence.steps[number].side == side]
                for begin in range(0, len(ready), TOGETHER):
                    order += send_together(opinions, side, ready[begin:begin + TOGETHER], sentinels.next(side))
    return order


def send_together(opinions, side, steps, sentinel):
    steps = steps + [sentinel]
    for opinion in opinions:
        opinion.send(side, [frame for step in steps for frame in step.frames])
    for opinion in opinions:
        wait_until(lambda: opinion.has(sentinel), f"a sentinel from {side} did not come")
    return steps


@contextlib.contextmanager
def on_one_cpu():
    """A veth end hands frames over on the CPU of who sends: on one they stay in order."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
