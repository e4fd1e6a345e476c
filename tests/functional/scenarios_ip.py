# SPDX-License-Identifier: BSD-3-Clause
"""UDP, ICMP, fragments, VLANs, headers and rules, with the verdict of every frame: see scenarios.py."""
from scapy.layers.inet import IPOption_LSRR
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_Redirect, ICMPv6PacketTooBig,
                                ICMPv6TimeExceeded)

from frames import *
from scenarios import CLOSED, OPEN, PASS, passing, scenario


# ---- UDP ----

@scenario(OPEN, CLOSED)
def questions_and_answers(ends):
    return passing(ends.udp(), ends.udp(back=True), ends.udp(size=0), ends.udp(back=True, size=1400))


@scenario(CLOSED)
def unasked(ends):
    """What no rule allows, until the other end asks; it may ask behind it."""
    return [(ends.udp(back=True), "default_action"), (ends.udp(back=True), "default_action"), (ends.udp(), PASS),
            (ends.udp(back=True), PASS)]


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
            (ends.udp(port=5353), PASS), (ends.udp(port=7777), "rule"), (ends.udp(port=7777), "rule"),
            (ends.udp(port=7777, back=True), PASS),
            (ends.udp(port=69), "stateless_rule"), (ends.tcp("PA", 101, 301, 10, port=7), PASS),
            (ends.tcp("S", 100, port=9), "stateless_rule"), (ends.tcp("PA", 101, 301, port=9), "midstream"),
            (bytes(ethernet() / ARP(psrc=A, pdst=B)), PASS)]
