#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""DNS-like UDP traffic for the quickstart.

dns.py serve ADDRESS           answers every query for an A record with ANSWER
dns.py query ADDRESS NAME…     asks for each name and prints the answers; fails when one does not come
"""
import socket
import struct
import sys

PORT = 53
ANSWER = "192.0.2.80"
SECONDS = 2


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return labels + b"\0" + struct.pack(">HH", 1, 1)  # type A, class IN


def serve(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, PORT))
        while True:
            query, client = server.recvfrom(512)
            header = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
            record = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(ANSWER)
            server.sendto(header + query[12:] + record, client)


def query(address, names):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(SECONDS)
        client.connect((address, PORT))
        for number, name in enumerate(names):
            client.send(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question(name))
            answer = client.recv(512)
            if answer[:2] != struct.pack(">H", number):
                sys.exit(f"{name}: the answer is another question's")
            print(f"{name} is {socket.inet_ntoa(answer[-4:])}")


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    query(sys.argv[2], sys.argv[3:])
