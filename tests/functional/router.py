# SPDX-License-Identifier: BSD-3-Clause
"""A kernel that tracks the connections that it forwards, between two raw ends.

    tgt-PID-hosts: left0 ── left :tgt-PID-router: right ── right0 :tgt-PID-hosts

All hosts of a side are behind one neighbour, which is not there, and which no one looks for.
"""
import contextlib

import conntrack
from frames import MAC_A, MAC_B
from netns import Namespace, Wire
from sequence import NETWORKS, SIDES

GATEWAY = {4: "10.0.0.1", 6: "2001:db8::1"}


@contextlib.contextmanager
def tracking_router():
    """The router's namespace and its wires, left and right, for the time of a with block."""
    router, hosts = Namespace("router"), Namespace("hosts")
    with contextlib.ExitStack() as stack:
        for namespace in (hosts, router):
            namespace.create()
            stack.callback(namespace.remove)
        router.sysctl("net.ipv4.ip_forward", 1)
        router.sysctl("net.ipv6.conf.all.forwarding", 1)
        router.sysctl("net.ipv4.conf.all.rp_filter", 0)
        for side in SIDES:
            join(router, hosts, side)
        stack.enter_context(conntrack.tracked(router))
        yield router, [stack.enter_context(contextlib.closing(Wire(hosts, side + "0"))) for side in SIDES]


def join(router, hosts, side):
    """Lay the veth pair of a side, and the routes to its hosts."""
    outer = side + "0"
    hosts.ip("link", "add", outer, "address", MAC_A, "type", "veth",
             "peer", "name", side, "address", MAC_B, "netns", router.name)
    for place, name in ((hosts, outer), (router, side)):
        place.run("ethtool", "-K", name, "rx", "off", "tx", "off", "gro", "off")
    router.ip("link", "set", side, "addrgenmode", "none")
    router.sysctl(f"net.ipv6.conf.{side}.disable_ipv6", 0)
    router.sysctl(f"net.ipv4.conf.{side}.rp_filter", 0)
    hosts.ip("link", "set", outer, "up")
    router.ip("link", "set", side, "up")
    for version, gateway in GATEWAY.items():
        router.ip(f"-{version}", "neighbor", "add", gateway, "lladdr", MAC_A, "dev", side, "nud", "permanent")
        router.ip(f"-{version}", "route", "add", NETWORKS[version][side], "via", gateway, "dev", side, "onlink")
