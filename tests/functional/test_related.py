# SPDX-License-Identifier: BSD-3-Clause
"""ICMP that belongs to other flows, between real kernels, where no rule allows ICMP."""
import contextlib
import errno
import socket
import struct

import pytest

from far import FAR, MTU, ROUTER, network_behind
from observed import drops_of, ports_of
from waiting import wait_until

RULES = {"default_action": "drop", "rules": [{"action": "allow", "protocols": ["tcp", "udp"]}]}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


@pytest.fixture
def far(topology):
    with network_behind(topology) as namespace:
        yield namespace


def udp_socket(namespace, version):
    return contextlib.closing(namespace.socket(FAMILY[version], socket.SOCK_DGRAM))


def path_mtu(sender, version):
    level, option = ((socket.IPPROTO_IP, 14) if version == 4 else (socket.IPPROTO_IPV6, 24))
    return sender.getsockopt(level, option)


@pytest.mark.parametrize("version", [4, 6])
def test_path_mtu_discovery(version, start, topology, far):
    """The sender learns the link's MTU from the router, and what then fits arrives."""
    start(**RULES)
    with udp_socket(topology.left, version) as sender, udp_socket(far, version) as receiver:
        receiver.bind((FAR[version], 5000))
        receiver.settimeout(10)
        level, option = ((socket.IPPROTO_IP, 10) if version == 4 else (socket.IPPROTO_IPV6, 23))
        sender.setsockopt(level, option, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
        sender.connect((FAR[version], 5000))
        assert path_mtu(sender, version) == 1500
        sender.send(bytes(1400))
        wait_until(lambda: path_mtu(sender, version) == MTU, lambda: f"MTU {path_mtu(sender, version)}")
        assert sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.EMSGSIZE
        fits = MTU - 8 - (20 if version == 4 else 40)
        sender.send(bytes(fits))
        assert len(receiver.recv(2000)) == fits


@pytest.mark.parametrize("version", [4, 6])
def test_time_exceeded(version, start, topology, far):
    """As traceroute has it: the router tells of itself."""
    start(**RULES)
    with udp_socket(topology.left, version) as sender:
        level, recverr, ttl = ((socket.IPPROTO_IP, 11, 2) if version == 4 else (socket.IPPROTO_IPV6, 25, 16))
        sender.setsockopt(level, recverr, 1)
        sender.setsockopt(level, ttl, 1)
        sender.setblocking(False)
        sender.connect((FAR[version], 33434))
        sender.send(b"probe")

        def told():
            with contextlib.suppress(BlockingIOError):
                return sender.recvmsg(100, 512, socket.MSG_ERRQUEUE)
        _, ancillary, _, _ = wait_until(told, lambda: "no ICMP error came")
        data = ancillary[0][2]
        error, origin, kind, code = struct.unpack_from("=IBBB", data)
        offender = data[20:24] if version == 4 else data[24:40]
        assert (error, kind, code) == (errno.EHOSTUNREACH, 11 if version == 4 else 3, 0)
        assert origin == (2 if version == 4 else 3)
        assert socket.inet_ntop(FAMILY[version], offender) == ROUTER[version]


def test_unreachable_port_refuses(start, topology, far):
    start(**RULES)
    with udp_socket(topology.left, 4) as sender:
        sender.settimeout(10)
        sender.connect((FAR[4], 9))
        sender.send(b"x")
        with pytest.raises(ConnectionRefusedError):
            sender.recv(100)


def test_ping_is_dropped_and_its_answer_too(start, topology, far):
    """No rule allows ICMP."""
    with start(**RULES).rpc() as rpc:
        with contextlib.closing(topology.left.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)) as raw:
            raw.sendto(struct.pack(">BBHHH", 8, 0, 0xF7FE, 1, 0), (FAR[4], 0))
            raw.sendto(struct.pack(">BBHHH", 0, 0, 0xFFFE, 1, 0), (FAR[4], 0))
        wait_until(lambda: drops_of(ports_of(rpc.status())["left"]) ==
                   {"default_action": 1, "icmp_unsolicited": 1},
                   lambda: drops_of(ports_of(rpc.status())["left"]))


def test_neighbor_discovery(start, topology):
    """Two hosts that know nothing of each other find each other through the firewall."""
    start(**RULES)
    with topology.with_ipv6(), udp_socket(topology.left, 6) as sender, \
            udp_socket(topology.right, 6) as receiver:
        for side, namespace in topology.sides.items():
            namespace.ip("-6", "neighbor", "flush", "dev", side + "0", "nud", "permanent")
            assert namespace.ip("-6", "neighbor", "show", topology.IPV6[topology.OTHER[side]]) == ""
        receiver.bind((topology.IPV6["right"], 5000))
        receiver.settimeout(10)
        sender.sendto(b"found", (topology.IPV6["right"], 5000))
        assert receiver.recv(100) == b"found"
        assert topology.MAC["right"] in topology.left.ip("-6", "neighbor", "show", topology.IPV6["right"])
