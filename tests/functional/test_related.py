# SPDX-License-Identifier: BSD-3-Clause
"""ICMP that belongs to other flows, between real kernels, where no rule allows ICMP.

    left ── firewall ── right, a router ── far

The link to far takes less than the others.
"""
import contextlib
import errno
import socket
import struct

import pytest

from netns import Namespace
from observed import drops_of, ports_of
from waiting import wait_until

RULES = {"default_action": "drop", "rules": [{"action": "allow", "protocols": ["tcp", "udp"]}]}
MTU = 1300
ROUTER = {4: "10.77.0.2", 6: "2001:db8:77::2"}
FAR = {4: "10.88.0.2", 6: "2001:db8:88::2"}
NEAR_FAR = {4: "10.88.0.1", 6: "2001:db8:88::1"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
IPV6_FORWARDING = "net.ipv6.conf.all.forwarding"


@pytest.fixture
def far(topology):
    """The network behind right; left has routes to it."""
    namespace = Namespace("far")
    with contextlib.ExitStack() as stack:
        stack.enter_context(topology.with_ipv6())
        namespace.create()
        stack.callback(namespace.remove)
        for key in ("net.ipv4.ip_forward", IPV6_FORWARDING):
            topology.right.sysctl(key, 1)
            stack.callback(topology.right.sysctl, key, 0)
        topology.right.ip("link", "add", "far0", "mtu", str(MTU), "type", "veth", "peer", "name", "near0",
                          "netns", namespace.name)
        for place, name, own in ((topology.right, "far0", NEAR_FAR), (namespace, "near0", FAR)):
            place.run("ethtool", "-K", name, "tx", "off", "rx", "off")
            place.sysctl(f"net.ipv6.conf.{name}.disable_ipv6", 0)
            place.ip("address", "add", own[4] + "/24", "dev", name)
            place.ip("address", "add", own[6] + "/64", "dev", name, "nodad")
            place.ip("link", "set", name, "mtu", str(MTU), "up")
        for version in (4, 6):
            namespace.ip(f"-{version}", "route", "add", "default", "via", NEAR_FAR[version])
            topology.left.ip(f"-{version}", "route", "add", FAR[version], "via", ROUTER[version])
        stack.callback(topology.left.ip, "-4", "route", "del", FAR[4])
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
