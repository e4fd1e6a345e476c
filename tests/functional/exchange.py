# SPDX-License-Identifier: BSD-3-Clause
"""Frames one after the other, each of which has to come out on the other side as it was."""
from scapy.layers.l2 import Ether

from frames import A, A6


def passes(wires, data):
    """Whether a frame from the first of two wires comes out of the other, and nothing else does."""
    sender, receiver = wires
    sender.send([data])
    return receiver.receive(1) == [data]


def exchange(wires, frames):
    """Those of A from the left, the others from the right, each when the one before it came."""
    for data in frames:
        assert passes(wires if Ether(data).payload.src in (A, A6) else wires[::-1], data)
