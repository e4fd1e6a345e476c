# SPDX-License-Identifier: BSD-3-Clause
"""tidegate export: results as a stream, in constant memory; and lines like those of conntrack -L."""
import contextlib
import csv
import io
import json
import re
import struct
import subprocess

import pytest

from daemon import running
from frames import A, B, echo, tcp, tcp_reply, udp
from netns import Wire
from observed import wait_received
from paths import TIDEGATE

SERVER, INCOMPLETE = 1, 4  # exit codes
MANY = 50000
FEW = 5000
UDP_PORT, UDP_CHECKSUM = 14 + 20, 14 + 20 + 6  # where they are in a frame


def many():
    """UDP without a checksum, of source ports from 1 on."""
    frame = bytearray(udp())
    struct.pack_into(">H", frame, UDP_CHECKSUM, 0)
    for port in range(1, MANY + 1):
        struct.pack_into(">H", frame, UDP_PORT, port)
        yield bytes(frame)


SENT = [tcp("S", dport=443), tcp_reply("SA", dport=443), udp(sport=60000, dport=53, tags=(9,)), *echo()]


@pytest.fixture(scope="module")
def daemon(topology):
    frames = [*many(), *SENT]
    with running(topology, flows_per_worker=65536) as started, started.rpc() as rpc:
        with contextlib.closing(Wire(topology.left, "left0")) as left:
            for begin in range(0, len(frames), 250):
                left.send(frames[begin:begin + 250])
                wait_received(rpc, left=min(begin + 250, len(frames)), right=0)
        yield started


def captured(daemon, *arguments):
    """The id of a capture that has ended."""
    done = daemon.client("start-flow-capture", *(arguments or ("--flow-filters", "{}")))
    number = json.loads(done.stdout)["FlowOperationId"]
    with daemon.rpc() as rpc:
        rpc.described(number)
    return number


@pytest.fixture(scope="module")
def everything(daemon):
    return captured(daemon)


def exported(daemon, *arguments):
    done = daemon.client("export", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_formats(daemon, everything):
    """The same flows in each: what list-flow-operation-results has."""
    lines = [json.loads(line) for line in exported(daemon, everything).splitlines()]
    assert len(lines) == MANY + 3
    listed = daemon.client("list-flow-operation-results", "--flow-operation-id", everything)
    assert lines == json.loads(listed.stdout)["Flows"]
    assert exported(daemon, everything, "--format", "ndjson") == exported(daemon, everything)
    assert json.loads(exported(daemon, everything, "--format", "json"))["Flows"] == lines
    wide = list(csv.DictReader(io.StringIO(exported(daemon, everything, "--format", "csv"), newline="")))
    assert [(row["source_port"], row["bytes"]) for row in wide] == [
        (line["SourcePort"], str(line["ByteCount"])) for line in lines]
    flows = [parse(line) for line in exported(daemon, everything, "--format", "conntrack").splitlines()]
    assert [flow["fields"][0].get("sport", "0") for flow in flows] == [line["SourcePort"] for line in lines]


def test_csv_is_that_of_the_rfc(daemon, everything):
    """RFC 4180, section 2: each record ends in CR LF, as many fields in each."""
    done = subprocess.run([TIDEGATE, "--socket", daemon.socket, "export", everything, "--format", "csv"],
                          capture_output=True, timeout=60)
    records = done.stdout.split(b"\r\n")
    assert records.pop() == b"" and len(records) == 1 + MANY + 3
    assert {record.count(b",") for record in records} == {18}
    assert b"\n" not in done.stdout.replace(b"\r\n", b"")


def high_water(daemon, number, form, lines):
    """VmHWM of the client, in KiB, when it has printed all but what the pipe holds."""
    command = [TIDEGATE, "--socket", daemon.socket, "export", number, "--format", form]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as client:
        for _ in range(lines - 1000):
            assert client.stdout.readline()
        with open(f"/proc/{client.pid}/status") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])
        rest = client.stdout.read()
        assert client.wait(20) == 0
    assert rest.count(b"\n") == 1000
    return peak


@pytest.mark.parametrize("form", ["ndjson", "csv", "conntrack"])
def test_constant_memory(form, daemon, everything):
    """Ten times the flows take no more of it; 1 MiB is left to chance. Their text has 20 MB."""
    few = captured(daemon, "--flow-filters", f"SourcePort=1:{FEW},DestinationPort=2000")
    header = form == "csv"
    small = high_water(daemon, few, form, FEW + header)
    large = high_water(daemon, everything, form, MANY + 3 + header)
    assert large < small + 1024


@pytest.mark.parametrize("form", ["ndjson", "csv", "conntrack", "json"])
def test_reader_that_goes_away(form, daemon, everything):
    command = [TIDEGATE, "--socket", daemon.socket, "export", everything, "--format", form]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as client:
        assert client.stdout.readline()
        client.stdout.close()
        assert client.wait(20) == 0
        assert client.stderr.read() == b""


def test_disk_that_is_full(daemon, everything):
    with open("/dev/full", "w") as full:
        done = subprocess.run([TIDEGATE, "--socket", daemon.socket, "export", everything], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        5, "tidegate: export: cannot print the answer: No space left on device\n")


def test_wait(daemon):
    """An operation in progress has no flows yet: without --wait the exit code says so."""
    done = daemon.client("start-flow-capture", "--flow-filters", "DestinationPort=443", "--window-seconds", "1")
    number = json.loads(done.stdout)["FlowOperationId"]
    early = daemon.client("export", number)
    assert (early.returncode, early.stdout) == (INCOMPLETE, "") and "IN_PROGRESS" in early.stderr
    flow, = exported(daemon, number, "--wait").splitlines()
    assert json.loads(flow)["DestinationPort"] == "443"


def test_incomplete_and_failed(daemon):
    limited = captured(daemon, "--flow-filters", "{}", "--limit", "7")
    done = daemon.client("export", limited)
    assert done.returncode == INCOMPLETE and len(done.stdout.splitlines()) == 7
    assert "COMPLETED_WITH_ERRORS" in done.stderr
    guarded = daemon.client("flush", "{}", "--max-flows", "3")
    assert (guarded.returncode, guarded.stdout) == (SERVER, "") and "MaxFlows is 3" in guarded.stderr
    listed = json.loads(daemon.client("list-flow-operations", "--max-results", "1").stdout)
    for wait in ((), ("--wait",)):
        failed = daemon.client("export", listed["FlowOperations"][0]["FlowOperationId"], *wait)
        assert (failed.returncode, failed.stdout) == (SERVER, "") and "FAILED" in failed.stderr


# A line of conntrack -L: protocol, number, time to its end, state; two directions; the rest.
CONNTRACK = re.compile(r"(?P<protocol>\w+) +(?P<number>\d+)(?: (?P<timeout>\d+))?(?: (?P<state>[A-Z_]+))?(?P<rest> src=.*)")


def parse(line):
    """The parts of a line of conntrack -L; fields are those of each direction, in their order."""
    found = CONNTRACK.fullmatch(line.strip())
    assert found, line
    words = found["rest"].split()
    second = [i for i, word in enumerate(words) if word.startswith("src=")][1]
    ends = {"mark", "use", "vlan", "action"}
    fields = [dict(word.split("=", 1) for word in part if "=" in word and word.split("=")[0] not in ends)
              for part in (words[:second], words[second:])]
    return {"protocol": line[:9], "number": found["number"], "state": found["state"], "fields": fields,
            "marks": [(word, i < second) for i, word in enumerate(words) if word.startswith("[")]}


def test_shape_of_conntrack(daemon, topology):
    """The kernel's entries of the same flows, printed by the real tool, have the same parts in the same
    order; ours lack the numbers of ICMP, and theirs counters, which the kernel keeps where asked to."""
    entries = (["-p", "tcp", "--sport", "1000", "--dport", "443", "--state", "ESTABLISHED", "-u", "ASSURED,SEEN_REPLY"],
               ["-p", "udp", "--sport", "60000", "--dport", "53"])
    topology.firewall.sysctl("net.netfilter.nf_conntrack_acct", 1)
    for entry in entries:
        topology.firewall.run("conntrack", "-I", "-s", A, "-d", B, "-t", "60", *entry)
    kernel = {parse(line)["number"]: parse(line) for line in
              topology.firewall.run("conntrack", "-L", "-s", A).splitlines() if " src=" in line}
    lines = exported(daemon, captured(daemon, "--flow-filters", "DestinationPort=443", "DestinationPort=53"),
                     "--format", "conntrack").splitlines()
    ours = {parse(line)["number"]: parse(line) for line in lines}
    for flow in ours.values():
        for half in flow["fields"]:
            assert list(half)[-2:] == ["packets", "bytes"]
    counters = {"packets", "bytes"}
    for table in (kernel, ours):
        for flow in table.values():
            flow["fields"] = [{name: value for name, value in half.items() if name not in counters}
                              for half in flow["fields"]]
            flow["fields"] = [list(half.items()) for half in flow["fields"]]
    assert ours == kernel
    assert [line.endswith(" vlan=9") for line in lines if line.startswith("udp")] == [True]
