# SPDX-License-Identifier: BSD-3-Clause
"""The flows of a capture, computed as plainly as can be: the oracle of the functional tests.

A flow is keyed by VLAN (innermost tag, 0 without), protocol, addresses and ports; its source is who
sent the first packet. Bytes are those of the IP packet as its header gives them: IPv4 total length,
IPv6 40 + payload length. Later fragments belong to the flow of their datagram's first one, which
comes before them. AH and ESP are protocols without ports, in IPv6 as in IPv4.
"""
import collections
import csv
import ipaddress
import struct

ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132
VLAN_TYPES = (0x8100, 0x88A8, 0x9100)
EXTENSIONS = (0, 43, 44, 60, 135, 139, 140)
FRAGMENT = 44
FIN, SYN, RST, ACK = 1, 2, 4, 16

Key = collections.namedtuple("Key", "vlan protocol source source_port destination destination_port")
# fragment: None, or what joins the fragments of a datagram; later: this is not the first fragment.
Packet = collections.namedtuple("Packet", "key size tcp_flags fragment later")

COLUMNS = ("capture", "vlan", "protocol", "source", "source_port", "destination", "destination_port",
           "forward_packets", "forward_bytes", "reverse_packets", "reverse_bytes")


def word(data, offset):
    return struct.unpack_from(">H", data, offset)[0]


def parse(data):
    """A frame's Packet, or None when it is not IP."""
    vlan, offset = 0, 14
    kind = word(data, 12)
    while kind in VLAN_TYPES:
        vlan = word(data, offset) & 0xFFF
        kind = word(data, offset + 2)
        offset += 4
    if kind == 0x0800:
        return parse_ipv4(vlan, data[offset:])
    if kind == 0x86DD:
        return parse_ipv6(vlan, data[offset:])
    return None


def parse_ipv4(vlan, data):
    fragment = word(data, 6)
    joined = data[4:6] if fragment & 0x3FFF else None
    return packet(vlan, data[9], data[12:16], data[16:20], data[(data[0] & 15) * 4:], word(data, 2),
                  joined, fragment & 0x1FFF != 0)


def parse_ipv6(vlan, data):
    protocol, offset, joined, later = data[6], 40, None, False
    while protocol in EXTENSIONS and not later:
        following = data[offset]
        if protocol == FRAGMENT:
            joined = data[offset + 4:offset + 8]
            later = word(data, offset + 2) & 0xFFF8 != 0
            offset += 8
        else:
            offset += (data[offset + 1] + 1) * 8
        protocol = following
    return packet(vlan, protocol, data[8:24], data[24:40], data[offset:], 40 + word(data, 4), joined,
                  later)


def packet(vlan, protocol, source, destination, payload, size, fragment, later):
    ports, flags = (0, 0), 0
    if protocol in (TCP, UDP, SCTP) and not later:
        ports = struct.unpack_from(">HH", payload)
        flags = payload[13] if protocol == TCP else 0
    key = Key(vlan, protocol, ipaddress.ip_address(source), ports[0],
              ipaddress.ip_address(destination), ports[1])
    return Packet(key, size, flags, fragment, later)


def reverse(key):
    return Key(key.vlan, key.protocol, key.destination, key.destination_port, key.source,
               key.source_port)


class Flow:
    """Counters of one flow: [packets, bytes] forward and reverse; for TCP, who has sent a FIN."""

    def __init__(self):
        self.counters = [0, 0, 0, 0]
        self.fins = set()
        self.closed = False

    def add(self, direction, size, flags):
        self.counters[2 * direction] += 1
        self.counters[2 * direction + 1] += size
        if flags & FIN:
            self.fins.add(direction)
        if flags & RST or len(self.fins) == 2:
            self.closed = True


class Table:
    """Flows by key, in the order of their first packets; ended has those that a later SYN replaced."""

    def __init__(self):
        self.flows = {}
        self.ended = []
        self.first_fragments = {}

    def add(self, data):
        """Count one frame; returns its flow's key, or None when the frame is not IP."""
        found = parse(data)
        if found is None:
            return None
        key = self.joined(found)
        direction = 1 if key not in self.flows and reverse(key) in self.flows else 0
        name = reverse(key) if direction else key
        opening = found.tcp_flags & (SYN | ACK | RST | FIN) == SYN
        if name in self.flows and self.flows[name].closed and opening:
            self.ended.append((name, self.flows.pop(name)))
            name, direction = key, 0
        self.flows.setdefault(name, Flow()).add(direction, found.size, found.tcp_flags)
        return name

    def joined(self, found):
        """The packet's key, a later fragment's with the ports of the first one."""
        if found.fragment is None or found.key.protocol not in (TCP, UDP, SCTP):
            return found.key
        datagram = (found.key.vlan, found.key.protocol, found.key.source, found.key.destination,
                    found.fragment)
        if not found.later:
            self.first_fragments[datagram] = found.key
        return self.first_fragments[datagram]


def table_of(frames):
    table = Table()
    for frame in frames:
        table.add(frame)
    return table


def totals(flows):
    """{Key: counters} of (Key, counters) pairs; those of one tuple are summed, whichever way round."""
    sums = {}
    for key, counters in flows:
        if reverse(key) in sums:
            key, counters = reverse(key), counters[2:] + counters[:2]
        sums[key] = [a + b for a, b in zip(sums.get(key, [0, 0, 0, 0]), counters)]
    return sums


def of_frames(frames):
    """{Key: counters} of frames, each flow whole: what tidegate-replay lists, summed."""
    table = table_of(frames)
    return totals([(key, flow.counters) for key, flow in table.ended + list(table.flows.items())])


def open_flows(frames):
    """{Key: counters} of the flows still open after the last frame: what a capture lists."""
    return {key: flow.counters for key, flow in table_of(frames).flows.items() if not flow.closed}


def either_way(sums):
    """With ICMP and ICMPv6 named by the lower address first: which of several flows of two addresses
    began first is not to be seen."""
    return totals([(reverse(key), counters[2:] + counters[:2])
                   if key.protocol in (ICMP, ICMPV6) and key.source > key.destination else (key, counters)
                   for key, counters in sums.items()])


def without_ports(sums):
    """The form of flows.csv: ports of TCP and UDP alone."""
    return totals([(key if key.protocol in (TCP, UDP) else
                    key._replace(source_port=0, destination_port=0), counters)
                   for key, counters in sums.items()])


def read_csv(file):
    """[(capture, Key, counters)] of a csv of the columns above."""
    reader = csv.DictReader(file)
    assert tuple(reader.fieldnames) == COLUMNS, reader.fieldnames
    return [(row["capture"], csv_key(row), [int(row[name]) for name in COLUMNS[7:]])
            for row in reader]


def csv_key(row):
    return Key(int(row["vlan"]), int(row["protocol"]), ipaddress.ip_address(row["source"]),
               int(row["source_port"] or 0), ipaddress.ip_address(row["destination"]),
               int(row["destination_port"] or 0))
