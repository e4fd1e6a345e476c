# SPDX-License-Identifier: BSD-3-Clause
"""Scopes and orders of captures, on eleven flows that stand still; one worker and two."""
import contextlib

import pytest

from daemon import LOOSE, running
from frames import A, B, handshake, tcp, udp
from netns import Wire
from observed import wait_received
from rpc import INVALID_PARAMS

# name: frames of one flow each; bytes are those of the IP packets.
FLOWS = {
    "small": [udp(sport=1, size=10)],  # 38 bytes, one packet
    "answered": [udp(sport=2, size=100), udp(B, A, 2000, 2, 100)],  # 256 bytes, two packets
    "large": [udp(sport=3, size=1000)],  # 1,028 bytes
    "many": [udp(sport=4, size=0)] * 20,  # 560 bytes
    "tcp": handshake(sport=5),  # 120 bytes, three packets
    "half closed": [*handshake(sport=6), tcp("FA", sport=6)],
    "closed": [*handshake(sport=7), tcp("RA", sport=7)],  # listed by no capture without a window
    "denied": [udp(sport=8, dport=666)],
    "tagged": [udp(sport=9, tags=(7,))],
    "double tagged": [udp(sport=10, tags=(7, 8))],
    "ipv6": [udp("2001:db8::1", "2001:db8::2", sport=11)],
}
EVERYTHING = set(FLOWS) - {"closed"}

# members: names of the flows in scope.
SCOPES = [
    ({"MinimumByteCount": 38}, EVERYTHING),
    ({"MinimumByteCount": 560}, {"large", "many"}),
    ({"MinimumByteCount": 561}, {"large"}),
    ({"MinimumPacketCount": 3}, {"many", "tcp", "half closed"}),
    ({"MinimumPacketCount": 20}, {"many"}),
    ({"MinimumPacketCount": 21}, set()),
    ({"States": ["established"]}, {"answered", "tcp"}),
    ({"States": ["closing", "established"]}, {"answered", "tcp", "half closed"}),
    ({"States": ["new"]}, EVERYTHING - {"answered", "tcp", "half closed"}),
    ({"States": ["closed"]}, set()),
    ({"Actions": ["dropped"]}, {"denied"}),
    ({"Actions": ["passed"]}, EVERYTHING - {"denied"}),
    ({"Actions": ["passed", "dropped"]}, EVERYTHING),
    ({"Vlans": [7]}, {"tagged"}),
    ({"Vlans": [8]}, {"double tagged"}),
    ({"Vlans": [0]}, EVERYTHING - {"tagged", "double tagged"}),
    ({"Vlans": [0, 7, 8]}, EVERYTHING),
    ({"Vlans": [4094]}, set()),
    ({"IpVersion": 6}, {"ipv6"}),
    ({"IpVersion": 4}, EVERYTHING - {"ipv6"}),
    ({"MaximumFlowAgeInSeconds": 3600}, EVERYTHING),
    ({"MinimumIdleSeconds": 3600}, set()),
    ({"MinimumFlowAgeInSeconds": 3600}, set()),
    ({"Vlans": [0], "IpVersion": 4, "MinimumByteCount": 100, "States": ["established"]}, {"answered", "tcp"}),
]


def names_of(listed):
    by_port = {str(number): name for number, name in enumerate(FLOWS, 1)}
    return [by_port[flow["SourcePort"]] for flow in listed]


@pytest.fixture(scope="module", params=[[0], [0, 1]], ids=["one worker", "two workers"])
def known(topology, request):
    """A daemon that has seen the flows, for the tests that only look at them."""
    rules = [{"name": "no-666", "action": "drop", "destination_ports": ["666"]}]
    with running(topology, worker_cpus=request.param, rules=rules, **LOOSE) as daemon, daemon.rpc() as rpc:
        sent = [frame for frames in FLOWS.values() for frame in frames]
        with contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send(sent)
        wait_received(rpc, left=len(sent), right=0)
        yield rpc


@pytest.mark.parametrize("members, expected", SCOPES, ids=[str(members) for members, _ in SCOPES])
def test_scope(members, expected, known):
    found = names_of(known.capture(**members))
    assert set(found) == expected and len(found) == len(expected)
    assert sorted(names_of(known.flush({}, DryRun=True, **members))) == sorted(found)


@pytest.mark.parametrize("key, counter", [
    ("Bytes", "ByteCount"), ("Packets", "PacketCount"), ("Age", "Age")])
def test_order(key, counter, known):
    """The largest first; Limit cuts the order off, and that is no error."""
    whole = known.capture(SortBy=key)
    values = [flow[counter] for flow in whole]
    assert values == sorted(values, reverse=True) and set(names_of(whole)) == EVERYTHING
    for limit in (1, 3, len(whole), len(whole) + 1):
        cut = [flow[counter] for flow in known.capture(SortBy=key, Limit=limit)]
        if key == "Age":  # which goes on meanwhile
            assert cut == sorted(cut, reverse=True) and len(cut) == min(limit, len(values))
        else:
            assert cut == values[:limit]
    if key == "Bytes":
        assert names_of(whole)[:4] == ["large", "many", "answered", "half closed"]


def test_request_is_told_again(known):
    """Describe returns what was asked for, with the one default of the public API."""
    asked = {"SortBy": "Bytes", "Limit": 7, "States": ["new"], "Vlans": [0, 7], "TimeBoxMilliseconds": 700}
    described = known.operate("StartFlowCapture", [{"Protocols": ["17"]}], ClientToken="x-1", **asked).description
    assert described["FlowOperation"] == {
        "MinimumFlowAgeInSeconds": 0, "FlowFilters": [{"Protocols": ["17"]}], **asked}
    for worker in described["Progress"]:
        assert worker["Walked"] == worker["Positions"] > 0 and worker["CoveragePercent"] == 100
        assert worker["Slices"] > 0 and worker["LongestSliceMicroseconds"] > 0


@pytest.mark.parametrize("members, message", [
    ({"SortBy": "WindowBytes"}, "SortBy needs WindowSeconds"),
    ({"WindowSeconds": 1, "DeniedByPolicy": True}, "DeniedByPolicy does not go with WindowSeconds"),
    ({"States": ["open"]}, "States[0] must match"),
    ({"States": [7]}, "States[0] must be a string"),
    ({"Actions": ["passed", "rejected"]}, "Actions[1] must match"),
    ({"Vlans": [1, 4095]}, "Vlans[1] must be from 0 to 4094"),
    ({"Transient": 1}, "Transient must be true or false, parameter: [1]"),
    ({"Vlans": ["1"]}, "Vlans[0] must be an integer"),
])
def test_bad_members(members, message, known):
    code, text = known.error("StartFlowCapture", FlowFilters=[{}], **members)
    assert code == INVALID_PARAMS and text.startswith(message), text
