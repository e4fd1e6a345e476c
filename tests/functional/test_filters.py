# SPDX-License-Identifier: BSD-3-Clause
"""Filters, pages and limits of captures, on twelve flows that stand still."""
import contextlib
import ipaddress

import pytest

import flows
from daemon import running
from frames import GRE, Raw, SCTP, SCTPChunkInit, echo, frame, tcp, tcp_reply, udp
from netns import Wire
from observed import observed, wait_received


def address(text):
    return {"AddressDefinition": text}


# Twelve flows: what the filters below choose from.
KNOWN = [
    udp("10.1.0.1", "10.2.0.1", 5353, 53),
    udp("10.1.0.2", "10.2.0.1", 5353, 53),
    tcp("S", "10.1.0.1", "10.2.0.1", 40000, 443), tcp_reply("SA", "10.1.0.1", "10.2.0.1", 40000, 443),
    tcp("S", "10.2.0.1", "10.1.0.9", 443, 1994),
    *echo("10.1.0.1", "10.2.0.1"),
    frame("10.1.0.1", "10.2.0.1", SCTP(sport=1990, dport=1991), SCTPChunkInit(init_tag=1)),
    udp("172.16.0.1", "172.16.0.2", 0, 65535),
    udp("2001:db8:a::1", "2001:db8:b::2", 5353, 53),
    tcp("S", "2001:db8:a:1::1", "2001:db8:b::2", 40000, 443),
    *echo("2001:db8:a::1", "2001:db8:b::2"),
    udp("10.1.0.1", "10.2.0.1", 5353, 53, tags=(9,)),
    frame("10.1.0.1", "10.2.0.1", GRE(), Raw(bytes(20))),
]

# name: (filters, how many of the flows are in scope, counted by hand)
FILTERS = {
    "everything": ([{}], 12),
    "source address": ([{"SourceAddress": address("10.1.0.1")}], 6),
    "a source is who sent the first packet": ([{"SourceAddress": address("10.2.0.1")}], 1),
    "source prefix": ([{"SourceAddress": address("10.1.0.0/24")}], 7),
    "destination prefix": ([{"DestinationAddress": address("10.0.0.0/8")}], 8),
    "all of ipv4": ([{"SourceAddress": address("0.0.0.0/0")}], 9),
    "all of ipv6": ([{"SourceAddress": address("::/0")}], 3),
    "ipv6 address": ([{"SourceAddress": address("2001:db8:a::1")}], 2),
    "ipv6 address, written long": ([{"SourceAddress": address("2001:0DB8:a:0:0:0:0:1/128")}], 2),
    "ipv6 prefix": ([{"SourceAddress": address("2001:db8:a::/48")}], 3),
    "no such address": ([{"SourceAddress": address("192.0.2.1")}], 0),
    "destination port": ([{"DestinationPort": "53"}], 4),
    "source port": ([{"SourcePort": "443"}], 1),
    "port range": ([{"DestinationPort": "443:1991"}], 3),
    "range of one": ([{"SourcePort": "1990:1990"}], 1),
    "lowest and highest port": ([{"SourcePort": "0", "DestinationPort": "65535"}], 1),
    "all ports are no match for what has none": ([{"SourcePort": "0:65535"}], 9),
    "any port is": ([{"SourcePort": "ANY", "DestinationPort": "ANY"}], 12),
    "port 0 is not that of what has none": ([{"DestinationPort": "0"}], 0),
    "protocol": ([{"Protocols": ["6"]}], 3),
    "several protocols": ([{"Protocols": ["1", "58", "132"]}], 3),
    "no protocol is any": ([{"Protocols": []}], 12),
    "all members of a filter have to match": (
        [{"SourceAddress": address("10.1.0.0/16"), "DestinationAddress": address("10.2.0.1"),
          "SourcePort": "5353", "DestinationPort": "53", "Protocols": ["17"]}], 3),
    "and contradict each other": ([{"Protocols": ["1"], "DestinationPort": "53"}], 0),
    "any of several filters": (
        [{"Protocols": ["47"]}, {"DestinationPort": "443"}, {"Protocols": ["6"]}], 4),
    "twenty filters": ([{"SourcePort": str(port)} for port in range(1975, 1995)], 1),
}


def accepts(member, key):
    """Whether a filter accepts a flow: the words of flow-api.md, as plainly as can be."""
    def address_is(name, value):
        return name not in member or value in ipaddress.ip_network(member[name]["AddressDefinition"])

    def port_is(name, value):
        text = member.get(name, "ANY")
        low, _, high = text.partition(":")
        return text == "ANY" or (key.protocol in (6, 17, 132) and int(low) <= value <= int(high or low))

    return (address_is("SourceAddress", key.source) and port_is("SourcePort", key.source_port) and
            address_is("DestinationAddress", key.destination) and
            port_is("DestinationPort", key.destination_port) and
            (not member.get("Protocols") or str(key.protocol) in member["Protocols"]))


def in_scope(filters):
    return {key: counters for key, counters in flows.open_flows(KNOWN).items()
            if any(accepts(member, key) for member in filters)}


@pytest.fixture(scope="module")
def known(topology):
    """A daemon that has seen the known flows, for the tests that only look at them."""
    with running(topology, worker_cpus=[0, 1]) as daemon, daemon.rpc() as rpc:
        with contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send(KNOWN)
        wait_received(rpc, left=len(KNOWN), right=0)
        yield rpc


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name, known):
    filters, count = FILTERS[name]
    expected = in_scope(filters)
    assert len(expected) == count
    assert observed(known.capture(*filters)) == expected


@pytest.mark.parametrize("page", [1, 5, 11, 12, 13])
def test_pages_hold_each_flow_once(page, known):
    """Results come in the same order at every reading, however they are cut."""
    operation = known.operate("StartFlowCapture").id
    whole = known.results(operation)
    assert known.results(operation, page) == whole
    assert observed(whole) == flows.open_flows(KNOWN)


def test_capture_says_how_it_went(known):
    """ext: every worker walked its whole table."""
    done = known.operate("StartFlowCapture")
    assert (done.status, done.message) == ("COMPLETED", None)
    assert done.description["FlowCount"] == len(done.flows) == 12
    assert 0 <= done.description["ElapsedMilliseconds"] < 5000


def test_limit_is_said(known):
    """ext Limit: what came is kept, and the status says that there was more."""
    done = known.operate("StartFlowCapture", Limit=5)
    assert (done.status, len(done.flows)) == ("COMPLETED_WITH_ERRORS", 5)
    assert done.message.startswith("Flow operation error") and "7 flows" in done.message
