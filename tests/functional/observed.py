# SPDX-License-Identifier: BSD-3-Clause
"""What the daemon tells, in the form of the reference: keys and counters of flows, counters of ports."""
import ipaddress

from flows import ICMP, ICMPV6, Key, totals
from waiting import wait_until

COUNTERS = ("ForwardPacketCount", "ForwardByteCount", "ReversePacketCount", "ReverseByteCount")


def key_of(flow):
    return Key(flow.get("Vlan", 0), int(flow["Protocol"]),
               ipaddress.ip_address(flow["SourceAddress"]["AddressDefinition"]), int(flow["SourcePort"]),
               ipaddress.ip_address(flow["DestinationAddress"]["AddressDefinition"]),
               int(flow["DestinationPort"]))


def counters_of(flow):
    counters = [flow[name] for name in COUNTERS]
    assert flow["PacketCount"] == counters[0] + counters[2]
    assert flow["ByteCount"] == counters[1] + counters[3]
    return counters


def observed(flows):
    """{Key: counters} of an operation's flows; each may be there once, but for ICMP, whose identifiers
    are not told: those of two addresses are summed."""
    found = [(key_of(flow), counters_of(flow)) for flow in flows]
    with_ports = [key for key, _ in found if key.protocol not in (ICMP, ICMPV6)]
    assert len(set(with_ports)) == len(with_ports), "a flow is listed twice"
    return totals(found)


def ports_of(status):
    return {port["Name"]: port for port in status["Ports"]}


def wait_received(rpc, **counts):
    """Wait until ports have received exactly so many packets, and sent on or dropped them all.

    Returns {name: status} of all ports.
    """
    def arrived():
        ports = ports_of(rpc.status())
        settled = all(ports[name]["RxPackets"] >= count for name, count in counts.items())
        return settled and is_conserved(ports) and ports
    ports = wait_until(arrived, lambda: f"{counts} expected, {ports_of(rpc.status())}")
    assert {name: ports[name]["RxPackets"] for name in counts} == counts
    return ports


def is_conserved(ports):
    """What came in by one port, and answers made for the other, left by the other, less the drops, both ways."""
    return all(ports[one]["RxPackets"] + ports[other]["TxAnswers"]
               == ports[other]["TxPackets"] + sum(ports[one]["Drops"].values())
               for one, other in (("left", "right"), ("right", "left")))


def drops_of(port):
    """{reason: packets} of the reasons that have any."""
    return {reason: count for reason, count in port["Drops"].items() if count}
