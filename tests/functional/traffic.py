# SPDX-License-Identifier: BSD-3-Clause
"""Real connections through the firewall, by the kernels of the two outer namespaces."""
import contextlib
import socket
import struct

from waiting import wait_until

SECONDS = 10
CHUNK = 16384  # small enough that what is on its way never fills a ring


class Connection:
    """A TCP connection from left to right."""

    def __init__(self, topology, addresses, port):
        family = socket.AF_INET6 if ":" in addresses["left"] else socket.AF_INET
        with topology.right.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((addresses["right"], port))
            listener.listen()
            listener.settimeout(SECONDS)
            self.client = topology.left.socket(family, socket.SOCK_STREAM)
            self.client.settimeout(SECONDS)
            self.client.connect((addresses["right"], port))
            self.server, _ = listener.accept()
            self.server.settimeout(SECONDS)

    def transfer(self, size):
        """size bytes each way, in turns."""
        for _ in range(0, size, CHUNK):
            for sender, receiver in ((self.client, self.server), (self.server, self.client)):
                sender.sendall(bytes(CHUNK))
                receive_exactly(receiver, CHUNK)

    def close(self):
        """Both ends say FIN, and have seen the other's."""
        self.client.shutdown(socket.SHUT_WR)
        assert self.server.recv(1) == b""
        self.server.close()
        assert self.client.recv(1) == b""
        self.client.close()

    def abort(self):
        """One RST, and no FIN that is repeated into the next test where a rule drops it."""
        for end in (self.client, self.server):
            if end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()


def receive_exactly(receiver, size):
    while size:
        data = receiver.recv(size)
        assert data, "the connection was closed"
        size -= len(data)


@contextlib.contextmanager
def connection(topology, addresses, port=8080):
    """An open connection for the time of a with block."""
    opened = Connection(topology, addresses, port)
    try:
        yield opened
    finally:
        opened.abort()


def ask(topology, addresses, port=53, rounds=10):
    """Datagrams from left to right, each answered by a longer one."""
    family = socket.AF_INET6 if ":" in addresses["left"] else socket.AF_INET
    with topology.right.socket(family, socket.SOCK_DGRAM) as server, \
            topology.left.socket(family, socket.SOCK_DGRAM) as client:
        server.bind((addresses["right"], port))
        for end in (server, client):
            end.settimeout(SECONDS)
        client.connect((addresses["right"], port))
        for number in range(rounds):
            client.send(bytes(30 + number))
            question, address = server.recvfrom(2048)
            server.sendto(question * 3, address)
            assert len(client.recv(2048)) == 3 * (30 + number)


def ping(namespace, address, count=5, size=56):
    namespace.run("ping", "-n", "-q", "-c", str(count), "-s", str(size), "-i", "0.1", "-W", str(SECONDS), address)


@contextlib.contextmanager
def iperf3(topology, address, seconds):
    """A TCP transfer by iperf3 for the time of a with block."""
    with topology.right.process("iperf3", "--server", "--one-off", stdout=-3) as server, \
            contextlib.ExitStack() as stack:
        wait_until(lambda: is_listening(topology.right, 5201), "iperf3 does not listen")
        client = stack.enter_context(topology.left.process(
            "iperf3", "--client", address, "--time", str(seconds), "--length", "16K", stdout=-3))
        yield client, server


def is_listening(namespace, port):
    return f":{port} " in namespace.run("ss", "-Hltn")
