# SPDX-License-Identifier: BSD-3-Clause
"""Counters of real connections against those of a kernel that forwards them behind the firewall."""
import types

import pytest

import conntrack
from far import FAR, network_behind
from flows import TCP, UDP
from observed import drops_of, is_conserved, observed, ports_of
from traffic import ask, connection, ping
from waiting import wait_until

SIZE = 1 << 20  # bytes each way


def counted_alike(rpc, router):
    """{Key: counters} of TCP and UDP, once both have counted what is on its way."""
    def counts():
        ours = {key: counters for key, counters in observed(rpc.capture()).items() if key.protocol in (TCP, UDP)}
        return ours, conntrack.counters(router)

    def agreed():
        ours, theirs = counts()
        return ours == theirs and ours
    return wait_until(agreed, lambda: "tidegate: {}, the kernel: {}".format(*counts()))


@pytest.mark.parametrize("version", [4, 6])
def test_packets_and_bytes_each_way(version, start, topology):
    addresses = {"left": (topology.IPV4 if version == 4 else topology.IPV6)["left"], "right": FAR[version]}
    with network_behind(topology) as far, start().rpc() as rpc:
        # Neighbours are found before: a SYN that waits for one comes again, which the kernel does
        # not count.
        ping(topology.left, FAR[version], 1)
        ends = types.SimpleNamespace(left=topology.left, right=far)
        with conntrack.tracked(topology.right), connection(ends, addresses) as opened:
            opened.transfer(SIZE)
            ask(ends, addresses, rounds=50)
            flows = {key.protocol: counters for key, counters in counted_alike(rpc, topology.right).items()}
            opened.close()
        ports = wait_until(lambda: is_conserved(ports_of(rpc.status())) and ports_of(rpc.status()),
                           lambda: f"{rpc.status()}")
        assert [drops_of(port) for port in ports.values()] == [{}, {}]
    # traffic.ask(): 30 bytes and more, three times as many back, and the headers of IP and UDP.
    headers = 50 * (28 if version == 4 else 48)
    questions = sum(range(30, 80))
    assert flows.pop(UDP) == [50, questions + headers, 50, 3 * questions + headers]
    (_, forward, _, reverse), = flows.values()
    assert min(forward, reverse) > SIZE
