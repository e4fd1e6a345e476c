# SPDX-License-Identifier: BSD-3-Clause
"""Frames of every kind the parser knows: {name: frames}, for replay and for the wire."""
from scapy.layers.inet import IPOption_Router_Alert, fragment
from scapy.layers.inet6 import fragment6

from frames import *

TAGGED = (1, 100, 4095)


def fragments(version, size=3000):
    whole = (IP(src=A, dst=B, id=77) if version == 4 else IPv6(src=A6, dst=B6) / IPv6ExtHdrFragment(id=77))
    whole = whole / UDP(sport=4000, dport=5000) / Raw(bytes(size))
    pieces = fragment(whole, 1400) if version == 4 else fragment6(whole, 1448)
    return [bytes(ethernet() / piece) for piece in pieces]


def portless():
    """Protocols without ports, both ways: IGMP, GRE, ESP, AH, OSPF, one of no name."""
    return [bare(number, 24, *ends)
            for number in (2, 47, 50, 51, 89, 253)
            for pair in ((A, B), (A6, B6))
            for ends in (pair, pair[::-1], pair)]


CASES = {
    "udp both ways": [udp(), udp(), udp(B, A, 2000, 1000, 50)],
    "udp over ipv6": [udp(A6, B6), udp(B6, A6, 2000, 1000, 50)],
    "tcp opened, used and closed": [*handshake(), tcp("PA", size=100), tcp_reply("A"), *fins()],
    "tcp over ipv6": [*handshake(source=A6, destination=B6), tcp("PA", A6, B6, size=700)],
    "tcp closed and opened again": [*handshake(), *fins(), *handshake(), tcp("PA", size=9)],
    "tcp opened again from the other side": [
        *handshake(), tcp("R"), *handshake(source=B, destination=A, sport=2000, dport=1000)],
    "sctp both ways": [frame(A, B, SCTP(sport=9, dport=10), SCTPChunkData(data=b"x" * 8)),
                       frame(B, A, SCTP(sport=10, dport=9), SCTPChunkData(data=b"x" * 8))],
    "icmp echo": echo(count=5),
    "icmpv6 echo": echo(A6, B6, count=5),
    "protocols without ports": portless(),
    "gre with ip inside": [frame(A, B, GRE(), IP(src="10.0.0.1", dst="10.0.0.2"), UDP(), Raw(b"x"))],
    "vlan": [udp(tags=(tag,)) for tag in TAGGED],
    "vlan is part of the flow": [udp(), udp(tags=(5,)), udp(tags=(6,)), udp(tags=(5,))],
    "qinq": [udp(tags=(10, 20)), udp(B, A, 2000, 1000, tags=(10, 20)), tcp("S", A6, B6, tags=(3, 4))],
    "priority tag is no vlan": [udp(tags=(0,)), udp()],
    "ipv4 options": [bytes(ethernet() / IP(src=A, dst=B, options=[IPOption_Router_Alert()]) /
                           UDP(sport=1, dport=2) / Raw(bytes(5)))],
    "ipv6 extension headers": [
        frame(A6, B6, IPv6ExtHdrHopByHop(), IPv6ExtHdrRouting(), IPv6ExtHdrDestOpt(),
              TCP(sport=1, dport=2, flags="S")),
        frame(A6, B6, IPv6ExtHdrDestOpt(), UDP(sport=1, dport=2), Raw(bytes(7)))],
    "ipv4 fragments": fragments(4),
    "ipv6 fragments": fragments(6),
    "ipv6 atomic fragment": [frame(A6, B6, IPv6ExtHdrFragment(id=1), UDP(sport=1, dport=2))],
    "padding is not counted": [udp(size=1) + bytes(17), tcp("S") + bytes(6)],
    "same port and address both ends": [udp(A, A, 7, 7), udp(A, A, 7, 7)],
    "arp and lldp have no flow": [
        bytes(Ether(src=MAC_A, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=A, pdst=B)),
        bytes(Ether(src=MAC_A, dst="01:80:c2:00:00:0e", type=0x88CC) / Raw(bytes(46))),
        udp()],
    "addresses that are each other's prefix": [
        udp("10.0.0.1", "10.0.0.11"), udp("10.0.0.11", "10.0.0.1"), udp("10.0.0.1", "10.0.0.111")],
    "many flows": [udp(f"10.1.{number // 256}.{number % 256}", B, 1 + number) for number in range(1000)],
}
