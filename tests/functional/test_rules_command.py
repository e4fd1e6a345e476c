# SPDX-License-Identifier: BSD-3-Clause
"""tidegate rules, explain, flush and check-policy on the real daemon: hits of known packets, verdicts that the
wire confirms."""
import csv
import io
import json
import os
import shutil
import time

import pytest

from daemon import NEVER
from documents import Documents, stateless
from frames import A, A6, B, B6, echo, handshake, tcp, udp
from observed import drops_of, ports_of, wait_received
from paths import CHECK_POLICY, TIDEGATE
from programs import run
from rpc import INVALID_PARAMS
from schema import check_result
from waiting import wait_until

# Beside a policy the timeout of established TCP is the policy's.
IDLE = {name: seconds for name, seconds in NEVER.items() if name != "tcp_established"}

SERVER, USAGE = 1, 2  # exit codes

# A packet's bytes are those of its IP packet: the frame without the 14 of Ethernet.
ETHERNET = 14

NO_TELNET = 'reject tcp any any -> any 23 (msg:"no telnet"; sid:7; rev:2;)'
SEEN = 'alert tcp any any -> any any (msg:"seen"; sid:6; flow:to_server,not_established;)'
WEB = "pass tcp any any -> any [80,8080] (sid:8;)"
NO_WEB = "drop tcp any any -> any 80 (sid:4;)"
FLAGS = [{"Flags": [flag], "Masks": [flag]} for flag in ("URG", "ECE", "CWR")]


class StrictDocuments(Documents):
    """The stateful rules in the order in which they are written, not by their actions."""

    def write(self, *rules, **options):
        key = super().write(*rules, **options)
        policy, egress = json.loads(self.policy.read_text()), json.loads(self.egress.read_text())
        policy["FirewallPolicy"]["StatefulEngineOptions"]["RuleOrder"] = "STRICT_ORDER"
        policy["FirewallPolicy"]["StatefulRuleGroupReferences"][0]["Priority"] = 1
        egress["StatefulRuleOptions"] = {"RuleOrder": "STRICT_ORDER"}
        self.policy.write_text(json.dumps(policy))
        self.egress.write_text(json.dumps(egress))
        return key


@pytest.fixture
def documents(tmp_path):
    return StrictDocuments(tmp_path)


def ran(daemon, *arguments):
    done = daemon.client(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


ACTIONS = {"rules": "ListRules", "explain": "ExplainPacket"}


def parsed(daemon, command, *arguments):
    """What is printed as JSON; it is the daemon's answer, but where the client puts pages together."""
    answer = json.loads(ran(daemon, command, *arguments))
    if command in ACTIONS and "--all" not in arguments:
        check_result(ACTIONS[command], answer)
    return answer


def size(*frames):
    return sum(len(frame) - ETHERNET for frame in frames)


def hits(rows):
    """{sid, priority, name or kind: (packets, bytes)}; who has been hit says when, within the last minute."""
    found = {}
    for row in rows:
        name = row.get("RuleSid", row.get("RulePriority", row.get("Rule", row.get("RuleKind"))))
        found[name] = (row["PacketCount"], row["ByteCount"])
        assert ("LastHitTimestamp" in row) == (row["PacketCount"] > 0)
        assert -60 < row.get("LastHitTimestamp", time.time()) - time.time() < 1
    assert len(found) == len(rows)
    return found


def verdict(answer):
    decided = answer["DecidedBy"]
    return (answer["Verdict"], decided.get("RuleSid", decided.get("RulePriority", decided.get("DefaultAction"))))


def test_hits_of_pings(start, topology):
    """5 pings of 56 bytes are 5 packets of 84 bytes each way; a flow's rule counts both."""
    rules = [{"name": "no udp", "action": "drop", "protocols": "udp"},
             {"name": "ping", "action": "allow", "protocols": "icmp"}]
    daemon = start(rules=rules, default_action="drop")
    topology.left.run("ping", "-c", "5", "-i", "0.01", "-s", "56", topology.IPV4["right"])
    answer = parsed(daemon, "rules")
    assert hits(answer["Rules"]) == {"no udp": (0, 0), "ping": (10, 840)}
    assert hits(answer["DefaultActions"]) == {"stateful": (0, 0)}
    assert answer["DefaultActions"][0]["Action"] == "drop"
    assert [(row["RuleKind"], row["Action"]) for row in answer["Rules"]] == [("stateful", "drop"),
                                                                             ("stateful", "allow")]
    assert (answer["Generation"], answer["Metrics"]) == (0, [])


def test_hits_of_documents(start, wires, documents):
    """Stateless rules count packets, deciding ones their flows' packets from then on, alerts one each."""
    edge = [stateless(3, "aws:drop", TCPFlags=FLAGS), stateless(5, "aws:pass", Protocols=[17])]
    daemon = start(policy=documents.write(SEEN, WEB, edge=edge), idle_timeouts=IDLE)
    left, right = wires
    web = handshake(dport=80)
    dropped = [tcp("SU", dport=80), tcp("SE", dport=80), tcp("AC", dport=81), tcp("SEC", sport=7)]
    with daemon.rpc() as rpc:
        left.send([web[0]])
        right.receive(1)
        right.send([web[1]])
        left.receive(1)
        left.send([web[2], *dropped, udp(), udp(), udp(A6, B6), *echo(count=2)])
        right.receive(8)
        wait_received(rpc, left=13, right=1)
        answer = rpc.call("ListRules")
    assert hits(answer["Rules"]) == {
        3: (4, size(*dropped)), 5: (3, size(udp(), udp(), udp(A6, B6))),
        6: (1, size(web[0])), 8: (3, size(*web))}
    # Stateless: all of TCP and ICMP that no rule took; stateful: ICMP.
    assert hits(answer["DefaultActions"]) == {
        "stateless": (7, size(*web, *echo(count=2))), "stateful": (4, size(*echo(count=2)))}
    table = ran(daemon, "rules", "--output", "table").splitlines()
    assert table[0].split() == ["RULE", "KIND", "GROUP", "PRIORITY", "SID", "ACTION", "MESSAGE", "PACKETS", "BYTES",
                                "LAST", "HIT"]
    assert len(table) == 9 and table[5] == ""
    rows = list(csv.DictReader(io.StringIO(ran(daemon, "rules", "--output", "csv"))))
    assert [(row["rule_priority"], row["rule_sid"], row["packets"]) for row in rows] == [
        ("3", "", "4"), ("5", "", "3"), ("", "6", "1"), ("", "8", "3")]


def test_pages_end_with_the_policy(start, documents):
    daemon = start(policy=documents.write(SEEN, NO_TELNET, WEB), idle_timeouts=IDLE)
    page = parsed(daemon, "rules", "--max-results", "2")
    assert [row["RuleSid"] for row in page["Rules"]] == [6, 7]
    rest = parsed(daemon, "rules", "--max-results", "2", "--next-token", page["NextToken"])
    assert [row["RuleSid"] for row in rest["Rules"]] == [8] and "NextToken" not in rest
    assert ran(daemon, "reload") != ""
    done = daemon.client("rules", "--next-token", page["NextToken"])
    assert done.returncode == SERVER and "NextToken" in done.stderr
    assert parsed(daemon, "rules")["Generation"] == 1


# name: (arguments, decided, reasons of the rules before, such a packet, does it pass)
EXPLAINED = {
    "a stateless drop": ([A, "1000", B, "2000", "tcp", "--tcp-flags", "SYN,URG"], ("dropped", 3), {},
                         tcp("SU"), False),
    "a stateless pass": ([A, "1000", B, "2000", "udp"], ("passed", 5), {"TCP flags": 1}, udp(), True),
    "a rejected port": ([A, "1000", B, "23", "6"], ("rejected", 7),
                        {"TCP flags": 1, "protocol": 1, "matches but alerts only": 1}, tcp("S", dport=23), False),
    "a passed port": ([A6, "1000", B6, "8080", "tcp"], ("passed", 8),
                      {"TCP flags": 1, "protocol": 1, "matches but alerts only": 1, "destination port": 1},
                      tcp("S", A6, B6, dport=8080), True),
    "no rule": ([A, "-", B, "-", "icmp"], ("passed", "pass"),
                {"TCP flags": 1, "protocol": 2, "destination port": 2}, echo()[0], True),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_explain_and_the_wire_agree(name, start, wires, documents):
    arguments, decided, reasons, sent, passes = EXPLAINED[name]
    edge = [stateless(3, "aws:drop", TCPFlags=FLAGS), stateless(5, "aws:pass", Protocols=[17])]
    daemon = start(policy=documents.write(SEEN, NO_TELNET, WEB, edge=edge), idle_timeouts=IDLE)
    answer = parsed(daemon, "explain", *arguments)
    assert verdict(answer) == decided
    assert (answer["Reasons"], answer["EarlierCount"], answer["Truncated"]) == (reasons, sum(reasons.values()), False)
    assert len(answer["Earlier"]) == answer["EarlierCount"]
    assert [alert["RuleSid"] for alert in answer["Alerts"]] == [6] * reasons.get("matches but alerts only", 0)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([sent])
        if passes:
            assert right.receive(1) == [sent]
        drops = wait_until(lambda: passes or drops_of(ports_of(rpc.status())["left"]), "nothing was dropped")
        assert passes or sum(drops.values()) == 1
        found = {row.get("RuleSid", row.get("RulePriority")) for row in rpc.call("ListRules")["Rules"]
                 if row["PacketCount"] > 0 and row["Action"] != "alert"}
    assert found == ({decided[1]} if isinstance(decided[1], int) else set())


def test_custom_actions_and_defaults(start, wires, documents):
    """Each custom action counts on its own, and the group's beside the policy's; a fragment has its own default."""
    def custom(name):
        return [{"ActionName": name, "ActionDefinition": {
            "PublishMetricAction": {"Dimensions": [{"Value": name.lower()}]}}}]
    key = documents.write(edge=[stateless(5, "aws:pass", "Udp", Protocols=[17])])
    policy, edge = json.loads(documents.policy.read_text()), json.loads(documents.edge.read_text())
    policy["FirewallPolicy"] |= {"StatelessDefaultActions": ["aws:drop", "Rest"],
                                 "StatelessFragmentDefaultActions": ["aws:drop"],
                                 "StatelessCustomActions": custom("Rest")}
    edge["RulesSource"]["StatelessRulesAndCustomActions"]["CustomActions"] = custom("Udp")
    documents.policy.write_text(json.dumps(policy))
    documents.edge.write_text(json.dumps(edge))
    daemon = start(policy=key, idle_timeouts=IDLE)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([udp(), udp(sport=7), tcp("S")])
        assert right.receive(2) == [udp(), udp(sport=7)]
        wait_received(rpc, left=3, right=0)
        metrics = rpc.call("ListRules")["Metrics"]
    for row in metrics:
        assert -60 < row.pop("LastHitTimestamp") - time.time() < 1
    assert sorted(metrics, key=lambda row: row["ActionName"]) == [
        {"ActionName": "Rest", "Dimension": "rest", "PacketCount": 1, "ByteCount": size(tcp("S"))},
        {"ActionName": "Udp", "Dimension": "udp", "RuleGroup": "edge", "PacketCount": 2,
         "ByteCount": size(udp(), udp())}]
    answer = parsed(daemon, "explain", A, "1000", B, "2000", "tcp")
    assert (answer["Verdict"], answer["DecidedBy"]) == (
        "dropped", {"RuleKind": "stateless", "DefaultAction": "aws:drop, Rest"})
    answer = parsed(daemon, "explain", A, "1000", B, "2000", "tcp", "--fragment")
    assert (answer["Verdict"], answer["DecidedBy"]) == (
        "dropped", {"RuleKind": "stateless", "FragmentDefaultAction": "aws:drop"})


def test_explain_table(start, documents):
    daemon = start(policy=documents.write(SEEN, NO_TELNET, WEB), idle_timeouts=IDLE)
    lines = ran(daemon, "explain", "--output", "table", A, "1000", B, "8080", "tcp").splitlines()
    assert [line.split() for line in lines] == [
        ["VERDICT", "passed"], ["DECIDED", "BY", "stateful"], ["GROUP", "egress"], ["SID", "8"], ["ACTION", "pass"],
        ["RULES", "BEFORE", "IT", "2"], [],
        ["ALERTS", "GROUP", "SID", "ACTION", "MESSAGE"], ["stateful", "egress", "6", "alert", "seen"], [],
        ["BEFORE", "IT", "GROUP", "SID", "ACTION", "MESSAGE", "REASON"],
        ["stateful", "egress", "7", "reject", "no", "telnet", "destination", "port"],
        ["stateful", "egress", "6", "alert", "seen", "matches", "but", "alerts", "only"], [],
        ["REASON", "RULES"], ["destination", "port", "1"], ["matches", "but", "alerts", "only", "1"]]


def test_explain_lists_the_last_or_all(start):
    """3,000 rules before the one that decides: the last 20 of them, or all in pages."""
    rules = [{"name": f"r{number}", "action": "drop", "protocols": "tcp", "destination_ports": 1000 + number}
             for number in range(3001)]
    daemon = start(rules=rules)
    packet = (A, "1", B, "4000", "tcp")
    answer = parsed(daemon, "explain", *packet)
    assert answer["DecidedBy"] == {"RuleKind": "stateful", "Rule": "r3000", "Action": "drop"}
    assert (answer["EarlierCount"], answer["Reasons"]) == (3000, {"destination port": 3000})
    assert [row["Rule"] for row in answer["Earlier"]] == [f"r{number}" for number in range(2999, 2979, -1)]
    assert answer["Truncated"] is True
    answer = parsed(daemon, "explain", "--all", *packet)
    assert [row["Rule"] for row in answer["Earlier"]] == [f"r{number}" for number in range(2999, -1, -1)]
    assert answer["Truncated"] is False and "NextToken" not in answer


@pytest.mark.parametrize("arguments, code, word", [
    (["explain", A, "1", B, "65536", "tcp"], SERVER, "DestinationPort must be a port from 0 to 65535"),
    (["explain", A, "1", B, "-", "tcp"], SERVER, "DestinationPort is required"),
    (["explain", A, "1", B6, "2", "tcp"], SERVER, "must have the IP version of SourceAddress"),
    (["explain", "198.51.100.0/24", "1", B, "2", "tcp"], SERVER, "must be an address"),
    (["explain", A, "1", B, "2", "tcp", "--tcp-flags", "SYN,BAD"], SERVER, "TCPFlags[1]"),
    (["explain", A, "1", B, "2", "quic"], USAGE, "unknown protocol 'quic'"),
    (["flush"], USAGE, "--denied"),
])
def test_errors(arguments, code, word, start):
    done = start().client(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert word in done.stderr and done.stderr.startswith("tidegate: ")


def test_flush_of_a_filter(start, wires):
    left, right = wires
    daemon = start()
    left.send([udp(dport=53), udp(dport=54)])
    right.receive(2)
    assert [flow["DestinationPort"] for flow in parsed(daemon, "flush", "dport=53")["Flows"]] == ["53"]
    assert [flow["DestinationPort"] for flow in parsed(daemon, "flows")["Flows"]] == ["54"]


def test_flush_denied(start, wires, documents):
    """After a reload: what it no longer allows goes, at once and alone, and cannot come back."""
    daemon = start(policy=documents.write(WEB, "pass udp any any -> any any (sid:9;)"), idle_timeouts=IDLE,
                   on_policy_change="reevaluate")
    left, right = wires
    sent = [tcp("S", dport=80), udp(dport=53), tcp("S", dport=8080), *echo()]
    left.send(sent)
    right.receive(len(sent))
    assert parsed(daemon, "flush", "--denied")["Flows"] == []
    documents.write(NO_WEB, WEB, "drop udp any any -> any 53 (sid:9;)")
    ran(daemon, "reload")
    assert [flow["DestinationPort"] for flow in parsed(daemon, "flush", "--denied", "proto=udp")["Flows"]] == ["53"]
    answer = parsed(daemon, "flush", "--denied")
    assert [flow["DestinationPort"] for flow in answer["Flows"]] == ["80"]
    kept = {(flow["Protocol"], flow["DestinationPort"]) for flow in parsed(daemon, "flows")["Flows"]}
    assert kept == {("6", "8080"), ("1", "0")}
    with daemon.rpc() as rpc:
        described = rpc.call("DescribeFlowOperation", FlowOperationId=answer["FlowOperationId"])
        assert described["FlowOperation"] == {"MinimumFlowAgeInSeconds": 0, "FlowFilters": [{}], "DeniedByPolicy": True}
        left.send([tcp("S", dport=80)])
        ports = wait_until(lambda: drops_of(ports_of(rpc.status())["left"]), "nothing was dropped")
        assert ports == {"rule": 1}
        code, message = rpc.error("StartFlowFlush", FlowFilters=[{}], DeniedByPolicy="yes")
        assert code == INVALID_PARAMS and message.startswith("DeniedByPolicy must be true or false, parameter: [yes]")


def test_check_policy(tmp_path, documents):
    """It runs the program beside it, or of the PATH, with its arguments, output and exit code."""
    written = documents.write(SEEN, WEB)
    arguments = ["--prefix-list", f"blocklist={documents.blocklist}", written["file"], *written["rule_groups"]]
    expected = run(CHECK_POLICY, *arguments)
    assert expected.returncode == 0
    path = {**os.environ, "PATH": f"{CHECK_POLICY.parent}:{os.environ['PATH']}"}
    done = run(TIDEGATE, "check-policy", *arguments, env=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected.stdout, "")
    installed = tmp_path / "bin"
    installed.mkdir()
    for program in (TIDEGATE, CHECK_POLICY):
        shutil.copy(program, installed)
    done = run(installed / "tidegate", "check-policy", *arguments, env={"PATH": "/nowhere"})
    assert (done.returncode, done.stdout) == (0, expected.stdout)
    done = run(installed / "tidegate", "check-policy", "--no-such-option")
    assert done.returncode == 2 and "Usage: tidegate-check-policy" in done.stderr
    (installed / "tidegate-check-policy").unlink()
    done = run(installed / "tidegate", "check-policy", env={"PATH": "/nowhere"})
    assert done.returncode == 5
    assert done.stderr == "tidegate: check-policy: cannot run tidegate-check-policy: No such file or directory\n"
