# SPDX-License-Identifier: BSD-3-Clause
"""Malformed frames and the drop reason of each: {name: (frame, reason)}.

The length limits are those of RFC 791 (IPv4), 8200 (IPv6), 9293 (TCP), 768 (UDP), 9260 (SCTP), 792
(ICMP) and 4443 (ICMPv6). A frame is a right one with one thing wrong, so that the header in
question is the first that does not hold.
"""
import struct

from frames import *

ETHERNET = 14
IPV4, IPV6 = ETHERNET + 20, ETHERNET + 40


def put(data, offset, layout, value):
    """The frame with a field replaced."""
    size = struct.calcsize(layout)
    return data[:offset] + struct.pack(layout, value) + data[offset + size:]


V4, V6 = udp(), udp(A6, B6)
T4 = tcp("S", size=10)

MALFORMED = {
    "vlan tag cut": (bytes(ethernet(5))[:16], "ethernet_truncated"),
    "three vlan tags": (udp(tags=(1, 2, 3)), "vlan_depth"),
    "ipv4 header cut": (V4[:IPV4 - 1], "ipv4_truncated"),
    "ipv4 type, version 6": (put(V4, ETHERNET, "B", 0x65), "ipv4_version"),
    "ipv4 header of 16 bytes": (put(V4, ETHERNET, "B", 0x44), "ipv4_header_length"),
    "ipv4 header longer than the packet": (put(bare(17, 8), ETHERNET, "B", 0x4F), "ipv4_total_length"),
    "ipv4 total length below the header": (put(V4, ETHERNET + 2, ">H", 19), "ipv4_total_length"),
    "ipv4 total length 0": (put(V4, ETHERNET + 2, ">H", 0), "ipv4_total_length"),
    "ipv4 total length past the frame": (V4[:-1], "ipv4_total_length"),
    "ipv6 header cut": (V6[:IPV6 - 1], "ipv6_truncated"),
    "ipv6 type, version 4": (put(V6, ETHERNET, "B", 0x45), "ipv6_version"),
    "ipv6 payload past the frame": (V6[:-1], "ipv6_payload_length"),
    "ipv6 hop-by-hop cut": (bare(0, 7, A6, B6), "ipv6_extension_truncated"),
    "ipv6 hop-by-hop longer than the packet": (
        put(bare(0, 16, A6, B6), IPV6 + 1, "B", 2),
        "ipv6_extension_truncated"),
    "ipv6 fragment header cut": (bare(44, 4, A6, B6), "ipv6_extension_truncated"),
    "nine extension headers": (
        frame(A6, B6, *[IPv6ExtHdrDestOpt() for _ in range(9)], UDP()), "ipv6_extension_count"),
    "tcp header cut": (bare(6, 19), "tcp_truncated"),
    "tcp header cut, ipv6": (bare(6, 0, A6, B6), "tcp_truncated"),
    "tcp data offset 4": (put(T4, IPV4 + 12, "B", 0x40), "tcp_data_offset"),
    "tcp data offset past the end": (put(T4, IPV4 + 12, "B", 0xF0), "tcp_data_offset"),
    "tcp options cut, padding behind": (put(tcp("S"), IPV4 + 12, "B", 0x60) + bytes(6), "tcp_data_offset"),
    "udp header cut": (bare(17, 7), "udp_truncated"),
    "udp length 7": (put(V4, IPV4 + 4, ">H", 7), "udp_length"),
    "udp length past the end": (put(V4, IPV4 + 4, ">H", 29), "udp_length"),
    "udp length past the end, ipv6": (put(V6, IPV6 + 4, ">H", 29), "udp_length"),
    "sctp header cut": (bare(132, 11), "sctp_truncated"),
    "icmp header cut": (bare(1, 7), "icmp_truncated"),
    "icmpv6 header cut": (bare(58, 3, A6, B6), "icmpv6_truncated"),
}
