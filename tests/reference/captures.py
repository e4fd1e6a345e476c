# SPDX-License-Identifier: BSD-3-Clause
"""Capture files, plainly: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng)."""
import collections
import struct

ETHERNET = 1

# length is that of the frame on the wire, data what the capture kept of it, time in nanoseconds.
Frame = collections.namedtuple("Frame", "data length time")

PCAP_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1),
}
SECTION_HEADER, INTERFACE, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 3, 6


def read(path):
    """All Ethernet frames of a capture file, in its order."""
    with open(path, "rb") as file:
        data = file.read()
    return list(read_pcap(data) if data[:4] in PCAP_MAGIC else read_pcapng(data))


def read_pcap(data):
    order, unit = PCAP_MAGIC[data[:4]]
    assert struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF == ETHERNET
    offset = 24
    while offset < len(data):
        seconds, fraction, captured, length = struct.unpack_from(order + "IIII", data, offset)
        offset += 16
        yield Frame(data[offset:offset + captured], length, seconds * 10**9 + fraction * unit)
        offset += captured


def read_pcapng(data):
    order, interfaces, offset = "<", [], 0
    while offset < len(data):
        kind, = struct.unpack_from(order + "I", data, offset)
        if kind == SECTION_HEADER:
            order = "<" if data[offset + 8:offset + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        total, = struct.unpack_from(order + "I", data, offset + 4)
        body = data[offset + 8:offset + total - 4]
        if kind == INTERFACE:
            link, _, snap = struct.unpack_from(order + "HHI", body)
            interfaces.append((link, snap, clock_ticks(order, body[8:])))
        elif kind == ENHANCED_PACKET:
            number, high, low, captured, length = struct.unpack_from(order + "IIIII", body)
            link, _, ticks = interfaces[number]
            if link == ETHERNET:
                yield Frame(body[20:20 + captured], length, (high << 32 | low) * 10**9 // ticks)
        elif kind == SIMPLE_PACKET:
            length, = struct.unpack_from(order + "I", body)
            link, snap, _ = interfaces[0]
            if link == ETHERNET:
                yield Frame(body[4:4 + min(length, snap or length)], length, 0)
        offset += total


def clock_ticks(order, options):
    """Ticks a second of an interface: option if_tsresol (9), microseconds without it."""
    offset = 0
    while offset + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, offset)
        if code == 0:
            break
        if code == 9:
            value = options[offset + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10 ** value
        offset += 4 + (size + 3) // 4 * 4
    return 10**6


def write_pcap(path, frames, order="<", nanoseconds=False, link=ETHERNET):
    """frames: bytes, or Frame; bytes get times a millisecond apart."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    unit = 1 if nanoseconds else 1000
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
        for frame in as_frames(frames):
            file.write(struct.pack(order + "IIII", frame.time // 10**9, frame.time % 10**9 // unit,
                                   len(frame.data), frame.length) + frame.data)
    return path


def write_pcapng(path, frames, order="<", link=ETHERNET, simple=False):
    """One section, one interface with nanosecond times; simple writes Simple Packet Blocks."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + size + body + size

    resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
    with open(path, "wb") as file:
        file.write(block(SECTION_HEADER, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(INTERFACE, struct.pack(order + "HHI", link, 0, 262144) + resolution))
        for frame in as_frames(frames):
            if simple:
                file.write(block(SIMPLE_PACKET, struct.pack(order + "I", frame.length) + frame.data))
            else:
                file.write(block(ENHANCED_PACKET, struct.pack(
                    order + "IIIII", 0, frame.time >> 32, frame.time & 0xFFFFFFFF,
                    len(frame.data), frame.length) + frame.data))
    return path


def as_frames(frames):
    start = 1700000000 * 10**9
    for number, frame in enumerate(frames):
        if isinstance(frame, Frame):
            yield frame
        else:
            yield Frame(bytes(frame), len(frame), start + number * 10**6)
