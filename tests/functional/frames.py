# SPDX-License-Identifier: BSD-3-Clause
"""Crafted frames, between hosts that no namespace has, so that no kernel answers them."""
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether, GRE
from scapy.layers.sctp import SCTP, SCTPChunkData, SCTPChunkInit
from scapy.packet import Raw

A, B = "198.51.100.1", "203.0.113.2"
A6, B6 = "2001:db8:a::1", "2001:db8:b::2"
MAC_A, MAC_B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def ethernet(*tags):
    """The Ethernet header, with VLAN tags from the outside in."""
    header = Ether(src=MAC_A, dst=MAC_B)
    for number, tag in enumerate(tags):
        header /= Dot1AD(vlan=tag) if number < len(tags) - 1 else Dot1Q(vlan=tag)
    return header


def network(source, destination, **fields):
    return (IPv6 if ":" in source else IP)(src=source, dst=destination, **fields)


def frame(source, destination, *layers, tags=()):
    packet = ethernet(*tags) / network(source, destination)
    for layer in layers:
        packet /= layer
    return bytes(packet)


def bare(protocol, size, source=A, destination=B):
    """An IP packet of a protocol with size zero bytes after the IP header."""
    field = "nh" if ":" in source else "proto"
    return bytes(ethernet() / network(source, destination, **{field: protocol}) / Raw(bytes(size)))


def udp(source=A, destination=B, sport=1000, dport=2000, size=20, tags=()):
    return frame(source, destination, UDP(sport=sport, dport=dport), Raw(bytes(size)), tags=tags)


def tcp(flags, source=A, destination=B, sport=1000, dport=2000, size=0, tags=()):
    """A segment of a connection where both ends begin at 0; its data is always that from the first byte on."""
    numbers = {"seq": 0 if "S" in flags else 1, "ack": 1 if "A" in flags else 0}
    return frame(source, destination, TCP(sport=sport, dport=dport, flags=flags, **numbers), Raw(bytes(size)),
                 tags=tags)


def tcp_reply(flags, source=A, destination=B, sport=1000, dport=2000, **options):
    """The other way, named by the connection's own source and destination."""
    return tcp(flags, destination, source, dport, sport, **options)


def handshake(**names):
    return [tcp("S", **names), tcp_reply("SA", **names), tcp("A", **names)]


def fins(**names):
    return [tcp("FA", **names), tcp_reply("FA", **names), tcp("A", **names)]


def echo(source=A, destination=B, count=1, size=56):
    """count requests with their answers."""
    request, reply = ((ICMPv6EchoRequest, ICMPv6EchoReply) if ":" in source else
                      (lambda **fields: ICMP(type=8, **fields), lambda **fields: ICMP(type=0, **fields)))
    return [frame(*ends, kind(id=7, seq=number), Raw(bytes(size)))
            for number in range(count)
            for ends, kind in (((source, destination), request), ((destination, source), reply))]
