# SPDX-License-Identifier: BSD-3-Clause
"""Capture files of made-up traffic, to be sent round and round: traffic_file.py KIND FLOWS FILE.

udp4   one UDP packet of each of so many flows, 60 bytes (64 with the frame's checksum)
udp6   likewise of IPv6, 62 bytes, which is the least
imix   likewise of IPv4, of 12 flows 7 with 60 bytes, 4 with 590 and 1 with 1,514
tcp    connections of so many flows from SYN to RST, their packets amid those of the others
mix    half of the flows are TCP's, as above, the others UDP's, with a packet for each of TCP's

All checksums are right. The flows' first packets come from 10.0.0.0 + number, or such an end of 2001:db8::.
"""
import struct
import sys

UDP, TCP = 17, 6
SYN, RST, PSH, ACK = 2, 4, 8, 16
SOURCE = {4: bytes((10, 0, 0, 0)), 6: bytes.fromhex("20010db8000000000000000000000000")}
DESTINATION = {4: bytes((192, 0, 2, 1)), 6: bytes.fromhex("20010db8000100000000000000000001")}
ETHERNET = {4: bytes.fromhex("0200000000010200000000020800"), 6: bytes.fromhex("02000000000102000000000286dd")}
PORT, SERVICE = 1000, {UDP: 53, TCP: 80}
SIZES = {"udp4": (60,), "udp6": (62,), "imix": (60,) * 7 + (590,) * 4 + (1514,)}
# Connections of a tuple in a file: a SYN with the numbers of the one before would be a late copy of its SYN.
CONNECTIONS = 2
EXCHANGES, DATA = 4, bytes(6)


def add_up(data):
    return sum(struct.unpack(f"!{len(data) // 2}H", data))


def complement(total):
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(version, flow):
    return SOURCE[version][:-4] + struct.pack("!I", struct.unpack("!I", SOURCE[version][-4:])[0] + flow)


def frame(version, protocol, source, destination, segment):
    """With the IPv4 checksum; the segment's is left as it is."""
    if version == 6:
        header = struct.pack("!IHBB", 6 << 28, len(segment), protocol, 64) + source + destination
    else:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, protocol, 0) + source + destination
        header = header[:10] + struct.pack("!H", complement(add_up(header))) + header[12:]
    return ETHERNET[version] + header + segment


def pseudo_sum(protocol, source, destination, segment):
    """What the checksum of TCP and UDP is the complement of."""
    return add_up(source + destination) + protocol + len(segment) + add_up(segment + bytes(len(segment) % 2))


def udp_frame(version, size, ends, ports):
    header = {4: 34, 6: 54}[version]
    segment = struct.pack("!HHHH", *ports, size - header, 0) + bytes(size - header - 8)
    checksum = complement(pseudo_sum(UDP, *ends, segment)) or 0xFFFF
    return frame(version, UDP, *ends, segment[:6] + struct.pack("!H", checksum) + segment[8:])


def udp_frames(version, flows, sizes):
    """udp_frame() of each flow, by changing another flow's: a million take seconds."""
    checksum_at, source_at = {4: (40, 26), 6: (60, 34)}[version]
    templates = []
    for size in sizes:
        zero = bytes(len(SOURCE[version]))
        template = bytearray(udp_frame(version, size, (SOURCE[version][:-4] + zero[-4:], DESTINATION[version]),
                                       (PORT, SERVICE[UDP])))
        templates.append((template, ~struct.unpack_from("!H", template, checksum_at)[0] & 0xFFFF,
                          ~struct.unpack_from("!H", template, 24)[0] & 0xFFFF))
    first, = struct.unpack("!I", SOURCE[version][-4:])
    for flow in range(flows):
        template, udp_sum, ip_sum = templates[flow % len(templates)]
        end = first + flow
        added = (end >> 16) + (end & 0xFFFF)
        struct.pack_into("!I", template, source_at, end)
        struct.pack_into("!H", template, checksum_at, complement(udp_sum + added) or 0xFFFF)
        if version == 4:
            struct.pack_into("!H", template, 24, complement(ip_sum + added))
        yield template


def tcp_frame(flow, reply, numbers, flags, data=b""):
    """numbers: sequence number and acknowledgement."""
    ends, ports = (address(4, flow), DESTINATION[4]), (PORT, SERVICE[TCP])
    if reply:
        ends, ports = ends[::-1], ports[::-1]
    segment = struct.pack("!HHIIBBHHH", *ports, *numbers, 5 << 4, flags, 65535, 0, 0) + data
    checksum = complement(pseudo_sum(TCP, *ends, segment))
    return frame(4, TCP, *ends, segment[:16] + struct.pack("!H", checksum) + segment[18:])


def connection(flow, number):
    """The packets of a connection: its handshake, data both ways, and a RST. number: which one of the tuple."""
    here, there = (number << 20) + 1000, (number << 20) + 500000
    yield tcp_frame(flow, False, (here, 0), SYN)
    yield tcp_frame(flow, True, (there, here + 1), SYN | ACK)
    here, there = here + 1, there + 1
    yield tcp_frame(flow, False, (here, there), ACK)
    for _ in range(EXCHANGES):
        yield tcp_frame(flow, False, (here, there), ACK | PSH, DATA)
        here += len(DATA)
        yield tcp_frame(flow, True, (there, here), ACK | PSH, DATA)
        there += len(DATA)
    yield tcp_frame(flow, False, (here, there), RST | ACK)


def tcp_frames(flows, others):
    """The first packets of all connections, the second ones and so on; behind each, a UDP packet of another flow:
    others are as many, the first ones' numbers behind those of TCP."""
    for number in range(CONNECTIONS):
        packets = [connection(flow, number) for flow in range(flows)]
        for step, row in enumerate(zip(*packets)):
            for flow, packet in enumerate(row):
                yield packet
                if flow < others:
                    ends, ports = (address(4, flows + flow), DESTINATION[4]), (PORT, SERVICE[UDP])
                    yield udp_frame(4, 60, *((ends, ports) if step % 2 == 0 else (ends[::-1], ports[::-1])))


def frames(kind, flows):
    if kind in SIZES:
        return udp_frames(6 if kind == "udp6" else 4, flows, SIZES[kind])
    return tcp_frames(flows, 0) if kind == "tcp" else tcp_frames(flows - flows // 2, flows // 2)


def write(kind, flows, path):
    """Returns the number of frames."""
    count = 0
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for data in frames(kind, flows):
            file.write(struct.pack("<IIII", 0, 0, len(data), len(data)))
            file.write(data)
            count += 1
    return count


def main():
    kinds = (*SIZES, "tcp", "mix")
    if len(sys.argv) != 4 or sys.argv[1] not in kinds or not sys.argv[2].isdigit():
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(kinds)} FLOWS FILE")
    print(write(sys.argv[1], int(sys.argv[2]), sys.argv[3]), "frames")


if __name__ == "__main__":
    main()
