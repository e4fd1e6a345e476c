# SPDX-License-Identifier: BSD-3-Clause
"""Conversations with what is to become of every frame, by hand from the RFCs.

A scenario is a function of the two ends; it returns steps (frame, reason) or (frame, reason, seconds): the drop
reason is "" where the frame goes on, seconds are those since the first frame (without: right after the one
before). Each scenario has ends of its own, so that scenarios may go by at the same time. They are in
scenarios_tcp.py and scenarios_ip.py.
"""
from scapy.layers.inet import fragment
from scapy.layers.inet6 import fragment6

from documents import stateless
from frames import *

PASS = ""
ETHERNET = 14
FLAGS = ["FIN", "SYN", "RST", "ACK"]

STATEFUL = ["drop tcp any any -> any 23 (sid:1;)", "reject tcp any any -> any 25 (sid:2;)",
            "drop udp any any -> any 7777 (sid:3;)", "pass tcp any any -> any 80 (sid:4;)",
            "alert udp any any -> any 5353 (sid:5;)"]
STATELESS = [
    stateless(1, "aws:drop", Protocols=[17], DestinationPorts=[{"FromPort": 69, "ToPort": 69}]),
    stateless(2, "aws:pass", Protocols=[6], DestinationPorts=[{"FromPort": 7, "ToPort": 7}]),
    stateless(3, "aws:drop", Protocols=[6], DestinationPorts=[{"FromPort": 9, "ToPort": 9}],
              TCPFlags=[{"Flags": ["SYN"], "Masks": FLAGS}]),
]

# Configurations: everything but what the documents deny, and nothing but what the rules allow.
OPEN, CLOSED, CONTINUE, REJECT = "open", "closed", "continue", "reject"
CONFIGS = {
    OPEN: {},
    CLOSED: {"default_action": "drop", "rules": [
        {"action": "allow", "protocols": ["tcp", "udp"], "source": source}
        for source in ("198.51.100.0/24", "2001:db8:a::/48")]},
    CONTINUE: {"stream_exception": "continue"},
    REJECT: {"stream_exception": "reject"},
}

# {configuration: {name: steps}}
SCENARIOS = {name: {} for name in CONFIGS}


class Ends:
    """Two ends by a number, and frames between them; back: from the second one."""

    def __init__(self, number, version=4):
        self.number, self.version = number, version
        self.a, self.b = ((f"198.51.100.{number}", f"203.0.113.{number}") if version == 4 else
                          (f"2001:db8:a::{number:x}", f"2001:db8:b::{number:x}"))
        self.router = "192.0.2.1" if version == 4 else "2001:db8:c::1"

    def ip(self, back=False, **fields):
        return network(*(self.b, self.a) if back else (self.a, self.b), **fields)

    def frame(self, *layers, back=False, tags=(), **fields):
        packet = ethernet(*tags) / self.ip(back, **fields)
        for layer in layers:
            packet /= layer
        return bytes(packet)

    def tcp(self, flags, seq, ack=0, size=0, back=False, port=8080, tags=(), **fields):
        sport, dport = (port, 1000) if back else (1000, port)
        return self.frame(TCP(**{"sport": sport, "dport": dport, "flags": flags, "seq": seq, "ack": ack,
                                 "window": 1000, **fields}), Raw(bytes(size)), back=back, tags=tags)

    def udp(self, back=False, port=4000, size=20, tags=(), before=(), **fields):
        sport, dport = (port, 1000) if back else (1000, port)
        return self.frame(*before, UDP(sport=sport, dport=dport, **fields), Raw(bytes(size)), back=back, tags=tags)

    def opened(self, **fields):
        """The handshake: the first end's next number is 101, the second's 301; each may send 1,000 bytes."""
        return [(self.tcp("S", 100, **fields), PASS), (self.tcp("SA", 300, 101, back=True, **fields), PASS),
                (self.tcp("A", 101, 301, **fields), PASS)]

    def pieces(self, number, size=3000, port=4000, tags=()):
        """A UDP datagram in fragments."""
        head = self.ip(id=number) if self.version == 4 else self.ip() / IPv6ExtHdrFragment(id=number)
        whole = head / UDP(sport=1000, dport=port) / Raw(bytes(size))
        cut = fragment(whole, 1200) if self.version == 4 else fragment6(whole, 1280)
        return [bytes(ethernet(*tags) / piece) for piece in cut]

    def piece(self, number, begin, size, more, protocol=17):
        """A later fragment of size bytes."""
        if self.version == 4:
            return self.frame(Raw(bytes(size)), id=number, frag=begin // 8, flags="MF" if more else 0,
                              proto=protocol)
        return self.frame(IPv6ExtHdrFragment(id=number, offset=begin // 8, m=int(more), nh=protocol),
                          Raw(bytes(size)))

    def error(self, message, quoted, to=None, tags=()):
        """From a router in between, about what an end has sent, to that end."""
        quote = Raw(quoted[ETHERNET + 4 * len(tags):])
        return bytes(ethernet(*tags) / network(self.router, to or self.a) / message / quote)


numbers = iter(range(1, 200))


def scenario(*configs, versions=(4, 6)):
    """Note the function's steps under its name, for each IP version."""
    def note(steps):
        for config in configs or (OPEN,):
            for version in versions:
                name = f"{steps.__name__}, IPv{version}"
                assert name not in SCENARIOS[config]
                SCENARIOS[config][name] = steps(Ends(next(numbers), version))
        return steps
    return note


def passing(*frames):
    return [(frame, PASS) for frame in frames]
