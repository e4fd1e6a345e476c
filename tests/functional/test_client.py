# SPDX-License-Identifier: BSD-3-Clause
"""The tidegate command on the real daemon: commands, filters, formats, exit codes."""
import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import textwrap
import uuid

import pytest

import flows
from daemon import ARN, ENDPOINT, ZONE, running
from frames import A, A6, B, B6, echo, tcp, tcp_reply, udp
from netns import Wire
from observed import observed, wait_received
from paths import ROOT, TIDEGATE
from programs import run

SERVER, USAGE, CONNECTION, INCOMPLETE = 1, 2, 3, 4  # exit codes
MANY = 2500  # more flows than the client asks for at a time
SENT = ([udp(sport=port) for port in range(1, MANY + 1)] +
        [tcp("S", dport=443), tcp_reply("SA", dport=443), udp(A6, B6, dport=53), *echo(),
         udp(tags=(9,), sport=7)])
KNOWN = flows.open_flows(SENT)
TO_443 = {key: counters for key, counters in KNOWN.items() if key.destination_port == 443}


@pytest.fixture(scope="module")
def daemon(topology):
    with running(topology) as started, started.rpc() as rpc:
        with contextlib.closing(Wire(topology.left, "left0")) as left:
            for begin in range(0, len(SENT), 100):
                left.send(SENT[begin:begin + 100])
                wait_received(rpc, left=min(begin + 100, len(SENT)), right=0)
        yield started


def ran(daemon, *arguments):
    """The output of a command that has to succeed, with nothing on stderr."""
    done = daemon.client(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def failed(daemon, code, *arguments):
    """The message of a command that has to fail: on stderr, and nothing but it."""
    done = daemon.client(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("tidegate: ")
    return done.stderr


def parsed(daemon, *arguments):
    return json.loads(ran(daemon, *arguments))


def finished(daemon, command, *arguments):
    """Start an operation; returns its description once it has ended."""
    started = parsed(daemon, command, *arguments)
    with daemon.rpc() as rpc:
        rpc.described(started["FlowOperationId"])
    return parsed(daemon, "describe-flow-operation", "--flow-operation-id", started["FlowOperationId"])


def test_flows_json_is_the_default_on_a_pipe(daemon):
    """All pages in one object, as the aws command prints lists."""
    answer = parsed(daemon, "flows")
    assert observed(answer["Flows"]) == KNOWN
    assert (answer["FirewallArn"], answer["FlowOperationStatus"]) == (ARN, "COMPLETED")
    assert "NextToken" not in answer
    assert parsed(daemon, "flows", "--output", "json")["Flows"] is not None


def test_flows_ndjson(daemon):
    lines = [json.loads(line) for line in ran(daemon, "flows", "--output", "ndjson").splitlines()]
    assert observed(lines) == KNOWN


def test_flows_csv(daemon):
    """With the columns of tidegate-replay among its own."""
    rows = list(csv.DictReader(io.StringIO(ran(daemon, "flows", "--output", "csv"))))
    counters = [[int(row[name]) for name in flows.COLUMNS[7:]] for row in rows]
    keys = [flows.csv_key({**row, "vlan": row["vlan"] or "0"}) for row in rows]
    assert dict(zip(keys, counters)) == KNOWN
    assert len(rows) == len(KNOWN)


def test_flows_table(daemon):
    """A header and a line a flow, in columns that line up."""
    header, *lines = ran(daemon, "flows", "--output", "table", "DestinationPort=443").splitlines()
    assert len(lines) == 1
    cells = dict(zip(header.split(), lines[0].split(), strict=True))
    shown = {"PROTO": "tcp", "SOURCE": A, "SPORT": "1000", "DESTINATION": B, "DPORT": "443",
             "STATE": "established", "ACTION": "passed", "PACKETS": "2", "BYTES": "80"}
    assert {name: cells[name] for name in shown} == shown
    assert lines[0].index(B) == header.index("DESTINATION")


def test_flows_table_without_flows(daemon):
    assert ran(daemon, "flows", "--output", "table", "Protocols=200").strip() == "no flows"


def test_table_is_the_default_on_a_terminal(daemon):
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0) as terminal:
        done = subprocess.run([TIDEGATE, "--socket", daemon.socket, "flows", "DestinationPort=443"],
                              stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.PIPE, timeout=60,
                              env={**os.environ, "TERM": "xterm", "COLUMNS": "200"})
        os.close(follower)
        shown = terminal.read(65536).decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "DESTINATION" in shown and A in shown


# name: (arguments, which flows)
FILTERS = {
    "shorthand": (["DestinationPort=443"], lambda key: key.destination_port == 443),
    "nested shorthand": (
        ["SourceAddress={AddressDefinition=2001:db8:a::/64},DestinationPort=53,Protocols=17"],
        lambda key: key.source.version == 6),
    "several filters are alternatives": (["DestinationPort=443", "Protocols=1"],
                                         lambda key: key.destination_port == 443 or key.protocol == 1),
    "short names": (["src=2001:db8:a::/64,dport=53,proto=udp"], lambda key: key.source.version == 6),
    "a list in brackets": (["Protocols=[1,6]"], lambda key: key.protocol in (1, 6)),
    "a list of commas": (["Protocols=1,6"], lambda key: key.protocol in (1, 6)),
    "a JSON object": (['{"Protocols": ["6"]}'], lambda key: key.protocol == 6),
    "a JSON array": (['[{"Protocols": ["6"]}, {"Protocols": ["1"]}]'], lambda key: key.protocol in (1, 6)),
    "a port range": (["SourcePort=10:19"], lambda key: 10 <= key.source_port <= 19),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name, daemon):
    """The same on flows and on start-flow-capture --flow-filters."""
    arguments, accepts = FILTERS[name]
    expected = {key: counters for key, counters in KNOWN.items() if accepts(key)}
    assert 0 < len(expected) < len(KNOWN)
    assert observed(parsed(daemon, "flows", *arguments)["Flows"]) == expected
    done = finished(daemon, "start-flow-capture", "--flow-filters", *arguments)
    assert done["FlowCount"] == len(expected)


def test_filter_from_a_file(daemon, tmp_path):
    path = tmp_path / "filters.json"
    path.write_text('[{"DestinationPort": "443"}]')
    assert observed(parsed(daemon, "flows", f"file://{path}")["Flows"]) == TO_443


def test_documented_call(daemon):
    """The example of the public documentation, and of issue 2's list of commands."""
    described = finished(daemon, "start-flow-capture", "--flow-filters",
                         "SourceAddress={AddressDefinition=10.0.0.0/8},DestinationPort=443,Protocols=6")
    assert described["FlowOperation"]["FlowFilters"] == [
        {"SourceAddress": {"AddressDefinition": "10.0.0.0/8"}, "DestinationPort": "443",
         "Protocols": ["6"]}]


def test_all_options_of_a_start(daemon):
    described = finished(daemon, "start-flow-capture", "--firewall-arn", ARN, "--availability-zone", ZONE,
                         "--vpc-endpoint-id", ENDPOINT, "--minimum-flow-age-in-seconds", "86400",
                         "--flow-filters", "Protocols=17")
    assert described["FlowOperation"] == {"MinimumFlowAgeInSeconds": 86400,
                                          "FlowFilters": [{"Protocols": ["17"]}]}
    assert (described["FlowOperationStatus"], described["FlowCount"]) == ("COMPLETED", 0)


def test_cli_input_json(daemon):
    described = finished(daemon, "start-flow-capture", "--cli-input-json",
                         json.dumps({"FirewallArn": ARN, "FlowFilters": [{"DestinationPort": "443"}]}))
    assert described["FlowCount"] == 1


def test_results_follow_their_tokens(daemon):
    number = finished(daemon, "start-flow-capture", "--flow-filters", "{}")["FlowOperationId"]
    command = ["list-flow-operation-results", "--flow-operation-id", number]
    whole = parsed(daemon, *command)
    assert observed(whole["Flows"]) == KNOWN
    page = parsed(daemon, *command, "--max-results", "7")
    assert page["Flows"] == whole["Flows"][:7]
    following = parsed(daemon, *command, "--max-results", "7", "--next-token", page["NextToken"])
    assert following["Flows"] == whole["Flows"][7:14]


def test_list_of_operations(daemon):
    made = [finished(daemon, command, "--flow-filters", "Protocols=200")["FlowOperationId"]
            for command in ("start-flow-capture", "start-flow-flush")]
    def listed(*arguments):
        return parsed(daemon, "list-flow-operations", *arguments)["FlowOperations"]
    assert [entry["FlowOperationId"] for entry in listed()][:2] == made[::-1]
    captures = listed("--flow-operation-type", "FLOW_CAPTURE")
    assert captures[0]["FlowOperationId"] == made[0]
    assert {entry["FlowOperationType"] for entry in captures} == {"FLOW_CAPTURE"}


def test_flush(daemon, wires):
    left, _ = wires
    flushed = finished(daemon, "start-flow-flush", "--flow-filters", "SourcePort=2000")
    results = parsed(daemon, "list-flow-operation-results", "--flow-operation-id",
                     flushed["FlowOperationId"])
    removed = observed(results["Flows"])
    assert [key.source_port for key in removed] == [2000]
    assert parsed(daemon, "flows", "SourcePort=2000")["Flows"] == []
    left.send([udp(sport=2000)])
    with daemon.rpc() as rpc:
        wait_received(rpc, left=len(SENT) + 1, right=0)
    assert observed(parsed(daemon, "flows", "SourcePort=2000")["Flows"]) == removed


def test_status(daemon):
    with daemon.rpc() as rpc:
        told = rpc.status()
    shown = parsed(daemon, "status")
    assert shown["Ports"] == told["Ports"]
    table = ran(daemon, "status", "--output", "table", "--workers")
    received = told["Ports"][0]["RxPackets"]
    assert re.search(rf"^left +right +net_af_xdp +\S+ +up .* {received} ", table, re.MULTILINE)
    assert str(len(KNOWN) - 1) in table  # IPv4 flows of the worker


@pytest.mark.parametrize("output", ["table", "json", "ndjson", "csv"])
@pytest.mark.parametrize("command", ["status", "list-flow-operations", "flows"])
def test_every_format_of_every_command(command, output, daemon):
    assert ran(daemon, command, "--output", output) != ""


def test_socket_from_the_environment(daemon):
    done = run(TIDEGATE, "flows", "DestinationPort=443",
               env={**os.environ, "TIDEGATE_SOCKET": str(daemon.socket)})
    assert observed(json.loads(done.stdout)["Flows"]) == TO_443


# name: (arguments, a word of the message)
USAGE_ERRORS = {
    "no command": ([], "command"),
    "unknown command": (["flow"], "flow"),
    "unknown option": (["flows", "--no-such"], "--no-such"),
    "option of another command": (["status", "--limit", "3"], "--limit"),
    "option without its value": (["flows", "--output"], "--output"),
    "unknown format": (["flows", "--output", "xml"], "xml"),
    "argument to spare": (["status", "now"], "now"),
    "no filters": (["start-flow-capture"], "--flow-filters"),
    "no operation": (["describe-flow-operation"], "--flow-operation-id"),
    "number that is none": (["flows", "--limit", "many"], "many"),
    "unknown member of a filter": (["flows", "Colour=red"], "Colour"),
    "shorthand without a value": (["flows", "DestinationPort"], "DestinationPort"),
    "shorthand with a brace too few": (
        ["flows", "SourceAddress={AddressDefinition=10.0.0.0/8"], "SourceAddress"),
    "broken JSON": (["flows", '{"Protocols": '], "JSON"),
    "file that is not there": (["flows", "file:///nowhere/filters.json"], "/nowhere/filters.json"),
}


@pytest.mark.parametrize("name", USAGE_ERRORS)
def test_usage_error(name, daemon):
    arguments, word = USAGE_ERRORS[name]
    assert word in failed(daemon, USAGE, *arguments)


def test_usage_error_needs_no_daemon(tmp_path):
    assert run(TIDEGATE, "--socket", tmp_path / "none", "flow").returncode == USAGE


def test_no_daemon(tmp_path):
    path = tmp_path / "none.sock"
    done = run(TIDEGATE, "--socket", path, "status")
    assert (done.returncode, done.stdout) == (CONNECTION, "")
    assert str(path) in done.stderr and len(done.stderr.splitlines()) == 1


# name: (arguments, a word of the message)
SERVER_ERRORS = {
    "value out of range": (["flows", "DestinationPort=65536"], "parameter: [65536]"),
    "host bits": (["flows", "SourceAddress={AddressDefinition=10.0.0.1/8}"], "10.0.0.0/8"),
    "another firewall": (["start-flow-capture", "--flow-filters", "{}", "--firewall-arn", "arn:aws:other"],
                         "arn:aws:other"),
    "unknown operation": (["describe-flow-operation", "--flow-operation-id", str(uuid.UUID(int=1))],
                          str(uuid.UUID(int=1))),
    "made-up token": (["list-flow-operations", "--next-token", "made+up"], "NextToken"),
}


@pytest.mark.parametrize("name", SERVER_ERRORS)
def test_server_error(name, daemon):
    arguments, word = SERVER_ERRORS[name]
    assert word in failed(daemon, SERVER, *arguments)


def test_incomplete_result(daemon):
    """What came is printed; the exit code and stderr say that it is not all."""
    done = daemon.client("flows", "--limit", "10")
    assert done.returncode == INCOMPLETE
    assert len(json.loads(done.stdout)["Flows"]) == 10
    assert str(len(KNOWN) - 10) in done.stderr


def test_output_that_nobody_reads(daemon):
    """As with | head: it ends, quietly."""
    command = [TIDEGATE, "--socket", daemon.socket, "flows", "--output", "ndjson"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as client:
        client.stdout.readline()
        client.stdout.close()
        assert client.stderr.read() == b""
        client.wait(30)


def test_help():
    done = run(TIDEGATE, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("flows", "flush", "status", "rules", "explain", "start-flow-capture", "start-flow-flush",
                    "describe-flow-operation", "list-flow-operations", "list-flow-operation-results"):
        assert re.search(rf"^ +{command} ", done.stdout, re.MULTILINE)
        one = run(TIDEGATE, command, "--help")
        assert one.returncode == 0 and command in one.stdout


def test_example_of_the_documentation(daemon):
    """The Python client of docs/control-socket.md runs as it stands there."""
    text = (ROOT / "docs" / "control-socket.md").read_text()
    lines = text[text.index("    import json, socket, time"):].splitlines()
    code = textwrap.dedent("\n".join(lines))
    code = code.replace("/run/tidegate/control.sock", str(daemon.socket)).replace(
        "MinimumFlowAgeInSeconds=60", "MinimumFlowAgeInSeconds=0")
    done = run(sys.executable, "-c", code)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"80 {A} {B}\n"
