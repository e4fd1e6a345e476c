# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's connection tracking in a namespace that forwards: rules, settings, counters."""
import contextlib
import ipaddress
import xml.etree.ElementTree

from flows import Key

LONG = 86400  # seconds that no test lasts
TABLE = "second_opinion"
RULES = (f"add table inet {TABLE}; "
         f"add chain inet {TABLE} forward {{ type filter hook forward priority 0; policy drop; }}; "
         f"add rule inet {TABLE} forward ct state invalid drop; "
         f"add rule inet {TABLE} forward ct state {{ new, established, related }} accept")
TIMEOUTS = ("tcp_timeout_syn_sent", "tcp_timeout_syn_recv", "tcp_timeout_fin_wait", "tcp_timeout_close_wait",
            "tcp_timeout_last_ack", "tcp_timeout_time_wait", "tcp_timeout_close", "tcp_timeout_max_retrans",
            "tcp_timeout_unacknowledged", "udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout")
# Strict, and no timeout comes while a test runs.
SETTINGS = {"tcp_loose": 0, "tcp_be_liberal": 0, "checksum": 1, "acct": 1, **dict.fromkeys(TIMEOUTS, LONG)}


@contextlib.contextmanager
def tracked(namespace):
    """What a namespace forwards is tracked for the time of a with block, from nothing on."""
    namespace.run("nft", RULES)
    try:
        namespace.run("conntrack", "-F")
        for key, value in SETTINGS.items():
            namespace.sysctl(f"net.netfilter.nf_conntrack_{key}", value)
        yield
    finally:
        namespace.run("nft", "delete", "table", "inet", TABLE)


def counters(namespace):
    """{Key: [packets and bytes forward, packets and bytes back]} of all flows; without ports those of
    two addresses and a protocol are summed."""
    found = {}
    for family in ("ipv4", "ipv6"):
        text = namespace.run("conntrack", "-L", "-f", family, "-o", "xml")
        for flow in xml.etree.ElementTree.fromstring(text) if text else ():
            key, counted = parse(flow)
            found[key] = [a + b for a, b in zip(found.get(key, [0] * 4), counted)]
    return found


def parse(flow):
    original, reply = (meta for meta in flow.findall("meta") if meta.get("direction") != "independent")
    network, transport = original.find("layer3"), original.find("layer4")
    key = Key(0, int(transport.get("protonum")), ipaddress.ip_address(network.find("src").text),
              int(transport.findtext("sport", 0)), ipaddress.ip_address(network.find("dst").text),
              int(transport.findtext("dport", 0)))
    return key, [int(meta.find("counters").findtext(name))
                 for meta in (original, reply) for name in ("packets", "bytes")]
