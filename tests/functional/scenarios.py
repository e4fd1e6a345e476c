# SPDX-License-Identifier: BSD-3-Clause
"""Conversations with what is to become of every frame, by hand from the RFCs.

A scenario is a function of the two ends; it returns steps (frame, reason) or (frame, reason, seconds): the drop
reason is "" where the frame goes on, seconds are those since the first frame (without: right after the one
before). Each scenario has ends of its own, so that scenarios may go by at the same time.
"""
from scapy.layers.inet import IPOption_LSRR, fragment
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_Redirect, ICMPv6PacketTooBig,
                                ICMPv6TimeExceeded, fragment6)

from documents import stateless
from frames import *

PASS = ""
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
        version = 4 if "." in self.a else 6
        return bytes(ethernet(*tags) / network(self.router, to or self.a) / message / type(self.ip())(
            quoted[14 + 4 * len(tags):])) if version else None


numbers = iter(range(1, 200))


def scenario(*configs, versions=(4, 6)):
    """Note the function's steps under its name, for each IP version."""
    def note(steps):
        for config in configs or (OPEN,):
            for version in versions:
                name = f"{steps.__name__}, IPv{version}"
                SCENARIOS[config][name] = steps(Ends(next(numbers), version))
        return steps
    return note


def passing(*frames):
    return [(frame, PASS) for frame in frames]


# ---- TCP ----

@scenario(OPEN, CLOSED)
def open_talk_close(ends):
    """RFC 9293 figures 6 and 12; what is late in TIME_WAIT goes on."""
    return ends.opened() + passing(
        ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True), ends.tcp("PA", 301, 111, 500, back=True),
        ends.tcp("A", 111, 801), ends.tcp("FA", 111, 801), ends.tcp("A", 801, 112, back=True),
        ends.tcp("FA", 801, 112, back=True), ends.tcp("A", 112, 802), ends.tcp("FA", 801, 112, back=True),
        ends.tcp("A", 112, 802))


@scenario()
def half_closed(ends):
    """RFC 9293 section 3.6: who has sent a FIN still receives, and sends nothing new."""
    return ends.opened() + [
        (ends.tcp("FA", 101, 301), PASS), (ends.tcp("PA", 301, 102, 400, back=True), PASS),
        (ends.tcp("A", 102, 701), PASS), (ends.tcp("PA", 102, 701, 10), "tcp_window"),
        (ends.tcp("FA", 701, 102, back=True), PASS), (ends.tcp("A", 102, 702), PASS)]


@scenario()
def simultaneous_open(ends):
    """RFC 9293 figure 8."""
    return passing(ends.tcp("S", 100), ends.tcp("S", 300, back=True), ends.tcp("SA", 300, 101, back=True),
                   ends.tcp("SA", 100, 301), ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True))


@scenario()
def exact_reset(ends):
    """RFC 5961 section 3.2: at the next number expected it ends the connection, and a SYN begins another."""
    return ends.opened() + passing(ends.tcp("R", 301, back=True), ends.tcp("S", 5000),
                                   ends.tcp("SA", 9000, 5001, back=True), ends.tcp("A", 5001, 9001))


@scenario()
def blind_resets(ends):
    """RFC 5961 section 3.2: in the window is not enough."""
    return ends.opened() + [
        (ends.tcp("R", 302, back=True), "tcp_rst"), (ends.tcp("R", 300, back=True), "tcp_rst"),
        (ends.tcp("R", 900, back=True), "tcp_rst"), (ends.tcp("RA", 102, 301), "tcp_rst"),
        (ends.tcp("PA", 101, 301, 10), PASS), (ends.tcp("A", 301, 111, back=True), PASS)]


@scenario()
def refused(ends):
    """RFC 9293 section 3.10.7.3: in SYN-SENT a reset has to acknowledge the SYN."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("R", 0, back=True), "tcp_rst"),
            (ends.tcp("RA", 0, 5000, back=True), "tcp_rst"), (ends.tcp("RA", 0, 101, back=True), PASS)]


@scenario()
def out_of_window(ends):
    """RFC 9293 section 3.4: 1,000 bytes from the last acknowledgement on, and no byte that was not sent."""
    return ends.opened() + [
        (ends.tcp("PA", 101, 301, 1000), PASS), (ends.tcp("PA", 1101, 301, 1), "tcp_window"),
        (ends.tcp("A", 301, 1102, back=True), "tcp_window"), (ends.tcp("A", 301, 1101, back=True), PASS),
        (ends.tcp("PA", 1101, 301, 1), PASS), (ends.tcp("PA", 101, 301, 1000), PASS),
        (ends.tcp("PA", 100000, 301, 1), "tcp_window"), (ends.tcp("PA", 101, 302, 1), "tcp_window")]


@scenario()
def syn_on_a_connection(ends):
    """RFC 5961 section 4.2: the SYN and the challenge to it go on, and the connection with them."""
    return ends.opened() + passing(ends.tcp("S", 70000), ends.tcp("A", 301, 101, back=True),
                                   ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True))


@scenario()
def old_answer(ends):
    """RFC 9293 section 3.10.7.3: a SYN-ACK that acknowledges something else is none of this connection."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("SA", 7, 99, back=True), "tcp_state"),
            (ends.tcp("SA", 300, 101, back=True), PASS), (ends.tcp("A", 101, 301), PASS),
            (ends.tcp("PA", 301, 101, 10, back=True), PASS)]


@scenario()
def one_sided(ends):
    """Without an answer nothing but SYNs can come."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("A", 101, 301), "tcp_state"),
            (ends.tcp("PA", 101, 301, 10), "tcp_state"), (ends.tcp("S", 100), PASS)]


@scenario()
def reused_tuple(ends):
    """RFC 1122 section 4.2.2.13: in TIME_WAIT, with a number beyond the last one."""
    return ends.opened() + passing(
        ends.tcp("FA", 101, 301), ends.tcp("FA", 301, 102, back=True), ends.tcp("A", 102, 302),
        ends.tcp("S", 5000), ends.tcp("SA", 9000, 5001, back=True), ends.tcp("A", 5001, 9001),
        ends.tcp("PA", 5001, 9001, 10))


@scenario()
def contradicting_flags(ends):
    """RFC 9293 section 3.1: what no end sends, before the connection and in it."""
    bad = [(ends.tcp(flags, 101, 301), "tcp_flags") for flags in ("SF", "SR", "", "F", "FPU", "SAF", "RF")]
    return bad + ends.opened() + bad + passing(ends.tcp("PA", 101, 301, 10))


@scenario()
def without_a_beginning(ends):
    """The stream exception policy is drop by default."""
    return [(ends.tcp(flags, 300, 101, back=True), "midstream") for flags in ("A", "PA", "SA", "R", "FA")]


@scenario(CONTINUE)
def picked_up(ends):
    return [(ends.tcp("PA", 101, 301, 10), PASS), (ends.tcp("A", 301, 111, back=True), PASS),
            (ends.tcp("R", 5, back=True), "tcp_rst"), (ends.tcp("", 1), "tcp_flags"),
            (ends.tcp("PA", 301, 111, 1400, back=True), PASS)]


@scenario(REJECT)
def refused_midstream(ends):
    return [(ends.tcp("PA", 101, 301, 10), "midstream_reject"), *ends.opened(port=81)]


@scenario()
def bad_headers(ends):
    """RFC 9293 section 3.1; a wrong checksum changes nothing."""
    return ends.opened() + [
        (ends.tcp("A", 101, 301, dataofs=4), "tcp_data_offset"),
        (ends.tcp("A", 101, 301, dataofs=6), "tcp_data_offset"),
        (ends.tcp("R", 101, chksum=0x1234), "l4_checksum"), (ends.tcp("PA", 101, 301, 10), PASS)]


@scenario()
def tcp_timeouts(ends):
    """The defaults: 120 s for the answer, 60 s for the last ACK, 350 s idle."""
    syn, answer, ack = (frame for frame, _ in ends.opened())
    return [(syn, PASS, 0), (answer, PASS, 119.9), (ack, PASS, 179.8), (ends.tcp("PA", 101, 301, 9), PASS, 529.7),
            (ends.tcp("A", 301, 110, back=True), "midstream", 879.8)]


@scenario()
def late_answer(ends):
    syn, answer, _ = (frame for frame, _ in ends.opened())
    return [(syn, PASS, 0), (answer, "midstream", 120.1)]


# ---- UDP ----

@scenario(OPEN, CLOSED)
def questions_and_answers(ends):
    return passing(ends.udp(), ends.udp(back=True), ends.udp(size=0), ends.udp(back=True, size=1400))


@scenario(CLOSED)
def unasked(ends):
    """What no rule allows, until the other end asks."""
    return [(ends.udp(back=True, port=4001), "default_action"), (ends.udp(), PASS), (ends.udp(back=True), PASS)]


@scenario(CLOSED)
def udp_timeouts(ends):
    """The defaults: 30 s for the answer, then 120 s idle."""
    return [(ends.udp(), PASS, 0), (ends.udp(back=True), PASS, 29.9), (ends.udp(back=True), PASS, 149.8),
            (ends.udp(back=True), "default_action", 269.9)]


@scenario(CLOSED)
def late_datagram(ends):
    return [(ends.udp(), PASS, 0), (ends.udp(back=True), "default_action", 30.1)]


# ---- ICMP ----

@scenario(CLOSED)
def errors_about_a_flow(ends):
    """No rule allows ICMP: what quotes a flow's packet goes on, to who sent that."""
    asked, unknown = ends.udp(), ends.udp(port=4001)
    unreachable, expired, too_big = (
        (ICMP(type=3, code=3), ICMP(type=11), ICMP(type=3, code=4, nexthopmtu=1300)) if ends.version == 4 else
        (ICMPv6DestUnreach(code=4), ICMPv6TimeExceeded(), ICMPv6PacketTooBig(mtu=1300)))
    return [(ends.error(unreachable, asked), "icmp_unrelated"), (asked, PASS),
            *passing(*(ends.error(message, asked) for message in (unreachable, expired, too_big))),
            (ends.error(unreachable, unknown), "icmp_unrelated"),
            (ends.error(unreachable, asked, to=ends.b), "icmp_unrelated"), (ends.udp(back=True), PASS)]


@scenario(CLOSED)
def path_mtu(ends):
    """RFC 1191, RFC 8201, in the midst of a connection, which goes on."""
    data = ends.tcp("PA", 101, 301, 900)
    message = ICMP(type=3, code=4, nexthopmtu=600) if ends.version == 4 else ICMPv6PacketTooBig(mtu=1280)
    return ends.opened() + passing(data, ends.error(message, data), ends.tcp("PA", 101, 301, 400))


@scenario(CLOSED, versions=[4])
def redirect(ends):
    asked = ends.udp()
    return [(asked, PASS), (ends.error(ICMP(type=5, code=1, gw=ends.router), asked), "default_action")]


@scenario(CLOSED, versions=[6])
def on_the_link(ends):
    """RFC 4861: the hop limit is 255; a redirect needs a rule."""
    target, own = f"fe80::{ends.number:x}", "fe80::1"

    def discovery(message, hop_limit=255):
        return bytes(ethernet() / IPv6(src=own, dst=target, hlim=hop_limit) / message)
    return [(discovery(ICMPv6ND_NS(tgt=target)), PASS), (discovery(ICMPv6ND_NA(tgt=own)), PASS),
            (discovery(ICMPv6ND_NS(tgt=target), 254), "nd_hop_limit"),
            (discovery(ICMPv6ND_Redirect(tgt=own, dst=ends.a)), "default_action")]


@scenario()
def echoes(ends):
    request, reply = (ICMPv6EchoRequest, ICMPv6EchoReply) if ends.version == 6 else (
        lambda **fields: ICMP(type=8, **fields), lambda **fields: ICMP(type=0, **fields))
    return [(ends.frame(reply(id=7, seq=1), back=True), "icmp_unsolicited"),
            (ends.frame(request(id=7, seq=1)), PASS), (ends.frame(reply(id=7, seq=1), back=True), PASS),
            (ends.frame(reply(id=8, seq=1), back=True), "icmp_unsolicited"),
            (ends.frame(reply(id=7, seq=1)), "icmp_unsolicited")]


# ---- fragments ----

@scenario(OPEN, CLOSED)
def fragments(ends):
    """In order, reversed, and a datagram within another."""
    one, other = ends.pieces(3), ends.pieces(4)
    return passing(*ends.pieces(1), *ends.pieces(2)[::-1], other[1], one[2], one[0], other[2], one[1], other[0])


@scenario()
def overlaps(ends):
    """RFC 5722: the whole datagram, here and where all waits for the first one."""
    first, second, *rest = ends.pieces(1)
    late, *others = ends.pieces(2)
    return [(first, PASS), (ends.piece(1, 8, 16, True), "fragment_overlap"), (second, "fragment_overlap"),
            *((piece, "fragment_overlap") for piece in rest),
            (others[0], "fragment_overlap"), (ends.piece(2, 1200, 16, True), "fragment_overlap"),
            (late, "fragment_overlap")]


@scenario()
def copies(ends):
    first, *rest = ends.pieces(1)
    return [(first, PASS), *[(first, "fragment_duplicate")] * 10, *passing(*rest)]


@scenario()
def orphans(ends):
    """A second's wait for the first one."""
    late, other, missing = ends.pieces(1), ends.pieces(2), ends.pieces(3)
    return [(late[1], PASS, 0), (other[1], "fragment_orphan", 0.001), (late[0], PASS, 0.9), (late[2], PASS, 0.95),
            (other[0], PASS, 1.1), (other[2], PASS, 1.1), (missing[2], "fragment_orphan", 2)]


@scenario()
def fragments_against_the_rules(ends):
    """RFC 1858 and 3128: no port is known but the first one's, and it holds for all."""
    denied, tiny = ends.pieces(1, port=7777), ends.piece(2, 0, 8, True, 6)
    return [(denied[1], "rule"), (denied[0], "rule"), (denied[2], "rule"),
            (tiny, "tcp_truncated"), (ends.piece(2, 8, 64, False, 6), "tcp_truncated"),
            (ends.piece(3, 65528, 64, False), "fragment_too_long"), (ends.piece(4, 8, 65, True), "fragment_length")]


@scenario(versions=[6])
def atomic_fragments(ends):
    """RFC 6946: whole packets, whatever else has their identification."""
    first, *rest = ends.pieces(1)
    return passing(first, ends.udp(before=[IPv6ExtHdrFragment(id=1)]), ends.udp(before=[IPv6ExtHdrFragment(id=1)]),
                   *rest)


# ---- VLANs, extension headers, options ----

@scenario()
def vlans(ends):
    """One tuple on two VLANs, with one tag and with two."""
    return [step for here, there in (((5,), (6,)), ((10, 5), (20, 5)))
            for step in [(ends.tcp("S", 100, tags=here), PASS),
                         (ends.tcp("SA", 300, 101, back=True, tags=there), "midstream"),
                         (ends.tcp("SA", 300, 101, back=True, tags=here), PASS),
                         (ends.tcp("S", 100, tags=here + (7, 8)[:3 - len(here)]), "vlan_depth"),
                         (ends.tcp("A", 101, 301, tags=here), PASS)]]


@scenario()
def fragments_on_vlans(ends):
    one, other = ends.pieces(1, tags=(5,)), ends.pieces(1, tags=(6,))
    return [*passing(one[0], other[0], one[1], other[1], one[2]), (one[2], "fragment_duplicate"), (other[2], PASS)]


@scenario(versions=[6])
def extension_headers(ends):
    """RFC 8200 section 4, RFC 5095; at most eight."""
    options, hop = IPv6ExtHdrDestOpt(), IPv6ExtHdrHopByHop()
    denied = ends.frame(options, TCP(sport=1000, dport=23, flags="S"))
    return [(ends.udp(before=[hop, options]), PASS), (ends.udp(back=True), PASS), (denied, "rule"),
            (ends.udp(before=[IPv6ExtHdrRouting(type=0, addresses=[ends.a])]), "routing_header"),
            (ends.udp(before=[options.copy() for _ in range(8)]), PASS),
            (ends.udp(before=[options.copy() for _ in range(9)]), "ipv6_extension_count"),
            (ends.udp(before=[IPv6ExtHdrFragment(id=1), IPv6ExtHdrFragment(id=1)]), "ipv6_extension_count"),
            (bare(60, 7, ends.a, ends.b), "ipv6_extension_truncated")]


@scenario(versions=[4])
def header_options(ends):
    """RFC 7126: source routes are dropped."""
    return [(ends.frame(UDP(sport=1000, dport=4000), options=[IPOption_LSRR(routers=["192.0.2.9"])]), "ipv4_options"),
            (ends.frame(UDP(sport=1000, dport=4000), chksum=0x1234), "ipv4_checksum"), (ends.udp(), PASS)]


# ---- rules of every kind ----

@scenario()
def rules(ends):
    return [(ends.tcp("S", 100, port=23), "rule"), (ends.tcp("S", 100, port=23), "rule"),
            (ends.tcp("S", 100, port=25), "reject"), (ends.tcp("S", 100, port=80), PASS),
            (ends.udp(port=5353), PASS), (ends.udp(port=7777), "rule"), (ends.udp(port=7777, back=True), "rule"),
            (ends.udp(port=69), "stateless_rule"), (ends.tcp("PA", 101, 301, 10, port=7), PASS),
            (ends.tcp("S", 100, port=9), "stateless_rule"), (ends.tcp("PA", 101, 301, port=9), "midstream"),
            (bytes(ethernet() / ARP(psrc=A, pdst=B)), PASS)]
