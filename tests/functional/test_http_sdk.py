# SPDX-License-Identifier: BSD-3-Clause
"""The AWS SDK for JavaScript, unchanged, against the door: operations, pages, errors, requests tried again."""
import contextlib
import socket
import struct
import threading

import pytest

from daemon import ARN, ZONE, running
from door import KEYS, TARGET, firewall_and_door
from frames import udp
from netns import Wire
from observed import wait_received
from sdk import sdk
from waiting import wait_until

FLOWS = 10000
SPORT = 34  # offset of the source port in an IPv4 frame


def many_flows():
    """Frames of UDP flows from FLOWS ports, without checksum, which UDP over IPv4 need not have."""
    template = bytearray(udp())
    template[SPORT + 6:SPORT + 8] = bytes(2)
    for port in range(1, FLOWS + 1):
        struct.pack_into("!H", template, SPORT, port)
        yield bytes(template)


@pytest.fixture(scope="module")
def both(topology):
    """(daemon, door) with 10,000 flows."""
    with firewall_and_door(running, topology, {"flows_per_worker": 16384}, keys=KEYS,
                           limits={"requests_per_second": 10000}) as opened:
        daemon, _ = opened
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            frames = list(many_flows())
            for at in range(0, FLOWS, 250):
                left.send(frames[at:at + 250])
                wait_received(rpc, left=at + 250, right=0)
        yield opened


@pytest.fixture(scope="module")
def client(both):
    with sdk(both[1].port, KEYS["admin"]) as opened:
        yield opened


def ended(client, operation):
    def described():
        answer = client.call("DescribeFlowOperation", FirewallArn=ARN, FlowOperationId=operation)
        return answer["FlowOperationStatus"] != "IN_PROGRESS" and answer
    return wait_until(described, f"operation {operation} is still running")


def test_capture_of_10000_flows_by_the_paginator(client):
    started = client.call("StartFlowCapture", FirewallArn=ARN, FlowFilters=[{}])
    operation = started["FlowOperationId"]
    assert started["FirewallArn"] == ARN
    described = ended(client, operation)
    assert described["FlowOperationStatus"] == "COMPLETED" and described["AvailabilityZone"] == ZONE
    pages = client.call("paginateListFlowOperationResults", FirewallArn=ARN, FlowOperationId=operation, MaxResults=100)
    assert [len(page["Flows"]) for page in pages] == [100] * (FLOWS // 100)
    flows = [flow for page in pages for flow in page["Flows"]]
    assert sorted(int(flow["SourcePort"]) for flow in flows) == list(range(1, FLOWS + 1))
    assert {(flow["PacketCount"], flow["ByteCount"], flow["Protocol"]) for flow in flows} == {(1, 48, "17")}
    listed = client.call("paginateListFlowOperations", FirewallArn=ARN, MaxResults=1)
    assert operation in [entry["FlowOperationId"] for page in listed for entry in page["FlowOperations"]]


def test_flush(both, client):
    operation = client.call("StartFlowFlush", FirewallArn=ARN, FlowFilters=[
        {"SourcePort": "1:10", "Protocols": ["17"], "SourceAddress": {"AddressDefinition": "198.51.100.0/24"}}],
        MinimumFlowAgeInSeconds=0)["FlowOperationId"]
    assert ended(client, operation)["FlowOperationType"] == "FLOW_FLUSH"
    page = client.call("ListFlowOperationResults", FirewallArn=ARN, FlowOperationId=operation)
    assert sorted(int(flow["SourcePort"]) for flow in page["Flows"]) == list(range(1, 11))


@pytest.mark.parametrize("method, params, name", [
    ("StartFlowCapture", {"FirewallArn": ARN, "FlowFilters": []}, "InvalidRequestException"),
    ("ListFlowOperations", {"FirewallArn": ARN, "MaxResults": 101}, "InvalidRequestException"),
    ("DescribeFlowOperation", {"FirewallArn": ARN, "FlowOperationId": "00000000-0000-0000-0000-000000000000"},
     "ResourceNotFoundException"),
])
def test_errors_are_the_sdks_own(both, client, method, params, name):
    error = client.error(method, **params)
    assert (error.name, error.own, error.service, error.status) == (name, True, True, 400)
    assert error.message and error.request in both[1].log_text()


def test_throttling(both, client):
    daemon, door = both
    with daemon.rpc() as rpc:
        window = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=60)["FlowOperationId"]
        error = client.error("StartFlowCapture", FirewallArn=ARN, FlowFilters=[{}])
        assert (error.name, error.own, error.attempts) == ("ThrottlingException", True, 3)
        rpc.call("CancelFlowOperation", FlowOperationId=window)
        rpc.described(window)


def test_other_actions(client):
    error = client.error("ListTLSInspectionConfigurations")
    assert (error.name, error.service, error.status) == ("UnknownOperationException", True, 404)


@pytest.mark.parametrize("key, name", [
    (("AKIDELSE", KEYS["admin"][1]), "UnrecognizedClientException"),
    ((KEYS["admin"][0], KEYS["read"][1]), "InvalidSignatureException"),
    (KEYS["read"], "AccessDeniedException")])
def test_access_errors(both, key, name):
    with sdk(both[1].port, key) as other:
        error = other.error("StartFlowCapture", FirewallArn=ARN, FlowFilters=[{}])
        assert (error.name, error.service, error.status) == (name, True, 403)


class LosesAnswers(threading.Thread):
    """A proxy that hands requests on, and swallows the first answer to a start: it resets the connection instead."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.swallowed = port, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                with client, socket.create_connection(("127.0.0.1", self.target)) as door:
                    self.exchange(client, door)

    def exchange(self, client, door):
        """One request and its answer a connection, each as long as Content-Length says."""
        request = whole_message(client)
        door.sendall(request)
        answer = whole_message(door)
        if TARGET.encode() + b"StartFlow" in request and self.swallowed == 0:
            self.swallowed += 1
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            client.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


def whole_message(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < sum(length):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def test_a_start_tried_again_starts_nothing_new(both):
    daemon, door = both
    proxy = LosesAnswers(door.port)
    proxy.start()
    with daemon.rpc() as rpc, contextlib.closing(proxy.server), sdk(proxy.port, KEYS["operate"]) as client:
        def operations():
            return [entry["FlowOperationId"] for entry in rpc.call("ListFlowOperations")["FlowOperations"]]
        before = operations()
        answer = client.call("StartFlowCapture", FirewallArn=ARN, FlowFilters=[{"SourcePort": "7"}])
        assert answer["$metadata"]["attempts"] == 2 and proxy.swallowed == 1
        assert operations() == [answer["FlowOperationId"], *before]
        rpc.described(answer["FlowOperationId"])
