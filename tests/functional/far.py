# SPDX-License-Identifier: BSD-3-Clause
"""A network behind the right end, which is its router:

    left ── firewall ── right, a router ── far

The link to far takes less than the others.
"""
import contextlib

from netns import Namespace

MTU = 1300
ROUTER = {4: "10.77.0.2", 6: "2001:db8:77::2"}
FAR = {4: "10.88.0.2", 6: "2001:db8:88::2"}
NEAR_FAR = {4: "10.88.0.1", 6: "2001:db8:88::1"}


@contextlib.contextmanager
def network_behind(topology):
    """far's namespace, for the time of a with block; left has routes to it."""
    namespace = Namespace("far")
    with contextlib.ExitStack() as stack:
        stack.enter_context(topology.with_ipv6())
        namespace.create()
        stack.callback(namespace.remove)
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
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
