# SPDX-License-Identifier: BSD-3-Clause
"""Policy documents in force: what flows tell of their rules, and reloads of good and bad documents."""
import csv
import io
import json

import pytest

from daemon import LOOSE, NEVER, Daemon
from documents import Documents, stateless
from frames import A, B, echo, handshake, tcp, tcp_reply, udp
from observed import drops_of, wait_received
from paths import TIDEGATED
from programs import run
from waiting import wait_until

# Beside a policy the timeout of established TCP is the policy's.
IDLE = {name: seconds for name, seconds in NEVER.items() if name != "tcp_established"}

NO_TELNET = 'drop tcp any any -> any 23 (msg:"no telnet"; sid:7; rev:2;)'
WEB = "pass tcp any any -> any 80 (sid:8;)"
NO_WEB = "drop tcp any any -> any 80 (sid:8; rev:2;)"
UDP_PASSES = stateless(5, "aws:pass", Protocols=[17])


@pytest.fixture
def documents(tmp_path):
    return Documents(tmp_path)


def labels(flows):
    """What each flow tells of its rule, by protocol and destination port."""
    return {(flow["Protocol"], flow["DestinationPort"]):
            {name: value for name, value in flow.items() if name.startswith("Rule")} for flow in flows}


def rewrite(daemon, **config):
    """Another configuration, without what the daemon was started with of the keys that exclude each other."""
    excluded = ("rules", "default_action", "policy", "idle_timeouts")
    kept = {name: value for name, value in daemon.config.items() if name not in excluded}
    daemon.config_file.write_text(json.dumps({**kept, **config}, indent=1))


def reload(daemon):
    done = daemon.client("reload")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_flows_tell_their_rule(start, wires, documents):
    daemon = start(policy=documents.write(NO_TELNET, WEB, edge=[UDP_PASSES]), idle_timeouts=IDLE)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([tcp("S", dport=23), tcp("S", dport=80), udp(), *echo()])
        assert right.receive(4) == [tcp("S", dport=80), udp(), *echo()]
        ports = wait_received(rpc, left=5, right=0)
        assert drops_of(ports["left"]) == {"rule": 1}
        assert labels(rpc.capture()) == {
            ("6", "23"): {"RuleSid": 7, "RuleGroup": "egress"},
            ("6", "80"): {"RuleSid": 8, "RuleGroup": "egress"},
            ("17", "2000"): {"RulePriority": 5, "RuleGroup": "edge"},
            ("1", "0"): {}}
    rows = list(csv.DictReader(io.StringIO(daemon.client("flows", "--output", "csv").stdout)))
    assert {(row["protocol"], row["destination_port"]): row["rule"] for row in rows} == {
        ("6", "23"): "sid 7 egress", ("6", "80"): "sid 8 egress", ("17", "2000"): "priority 5 edge",
        ("1", "0"): ""}
    table = daemon.client("flows", "--output", "table").stdout.splitlines()
    assert " RULE " in table[0] and sum(" sid 7 egress " in line for line in table) == 1


def test_status_tells_of_the_documents(start, documents):
    daemon = start(policy=documents.write(NO_TELNET, WEB, edge=[UDP_PASSES]), idle_timeouts=IDLE)
    with daemon.rpc() as rpc:
        policy = rpc.status()["Policy"]
    del policy["LoadedTimestamp"]
    assert policy == {"Generation": 0, "Rules": 3, "StatelessRules": 1, "StatefulRules": 2,
                      "File": str(documents.policy), "LeftOut": 0}
    assert (f"tidegated: policy 0 in force: 1 stateless and 2 stateful rules of {documents.policy}\n"
            in daemon.log.read_text())


def test_stateless_drop_makes_no_flow(start, wires, documents):
    policy = documents.write(WEB, edge=[stateless(1, "aws:drop", Protocols=[17],
                                                  Sources=[{"AddressDefinition": A}])])
    left, right = wires
    with start(policy=policy, idle_timeouts=IDLE).rpc() as rpc:
        left.send([udp(), udp(B, A)])
        assert right.receive(1) == [udp(B, A)]
        assert drops_of(wait_received(rpc, left=2, right=0)["left"]) == {"stateless_rule": 1}
        assert len(rpc.capture()) == 1


def test_reload_of_documents(start, wires, documents):
    """Only a rule group has changed: its rules are in force at once, also for the flow that is there."""
    daemon = start(policy=documents.write(WEB), idle_timeouts=IDLE)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([tcp("S", dport=80)])
        assert right.receive(1) == [tcp("S", dport=80)]
        documents.write(NO_WEB)
        policy = reload(daemon)
        assert (policy["Generation"], policy["Rules"]) == (1, 1)
        assert "NeedsRestart" not in policy["LastReload"]
        log = daemon.log.read_text()
        assert f"policy 1 in force: 0 stateless and 1 stateful rules of {documents.policy}, " in log
        left.send([tcp("S", dport=80), udp()])
        assert right.receive(1) == [udp()]
        assert drops_of(wait_received(rpc, left=3, right=0)["left"]) == {"rule": 1}


def test_reload_of_a_prefix_list(start, wires, documents):
    rule = "drop ip @BLOCKED any -> any any (sid:3;)"
    daemon = start(policy=documents.write(rule), idle_timeouts=IDLE)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([udp()])
        assert right.receive(1) == [udp()]
        documents.write(rule, blocked=["192.0.2.0/24", A])
        reload(daemon)
        left.send([udp(), udp(B, A, 5, 6)])
        assert right.receive(1) == [udp(B, A, 5, 6)]
        wait_received(rpc, left=3, right=0)
        assert labels(rpc.capture()) == {("17", "2000"): {"RuleSid": 3, "RuleGroup": "egress"}, ("17", "6"): {}}


# name: (what is written, what stands in the message behind the folder)
BAD = {
    "a rule that needs the payload": (
        lambda documents: documents.write(NO_WEB, 'drop tcp any any -> any any (content:"x"; sid:9;)'),
        'egress.json:10: RulesSource.RulesString.line 2: keyword "content" is not supported '
        '(rule sid 9 of group "egress")'),
    "a stateless priority out of range": (
        lambda documents: documents.write(NO_WEB, edge=[stateless(0, "aws:drop")]),
        "edge.json:6: RulesSource.StatelessRulesAndCustomActions.StatelessRules[0].Priority: "
        'must be 1 to 65535, not 0 (group "edge")'),
    "half a file": (
        lambda documents: documents.policy.write_text('{"FirewallPolicy":\n {'),
        "policy.json:2: string or '}' expected near end of file"),
    "a prefix with host bits": (
        lambda documents: documents.write("drop ip @BLOCKED any -> any any (sid:1;)",
                                          blocked=["192.0.2.0/24", "# a comment", "192.0.2.1/24"]),
        'blocklist.txt:3: "192.0.2.1/24" has bits set behind its prefix length, the prefix is 192.0.2.0/24 '
        '(group "egress")'),
    "a file that is gone": (lambda documents: documents.edge.unlink(), "edge.json: No such file or directory"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_document_changes_nothing(name, start, wires, documents):
    """Client, status and log have the one line that names document, line, rule and group."""
    spoil, message = BAD[name]
    daemon = start(policy=documents.write(NO_TELNET, WEB), idle_timeouts=IDLE)
    left, right = wires
    with daemon.rpc() as rpc:
        left.send([tcp("S", dport=80)])
        assert right.receive(1) == [tcp("S", dport=80)]
        before = rpc.status()["Policy"]
        spoil(documents)
        done = daemon.client("reload")
        line = f"{documents.folder}/{message}"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"tidegate: reload: {line}\n")
        after = rpc.status()["Policy"]
        assert after.pop("LastReload") == {"Status": "FAILED", "Message": line}
        assert after == before
        assert f"reload: nothing changed: {line}\n" in daemon.log.read_text()
        left.send([tcp("S", dport=80), tcp("S", dport=23)])
        assert right.receive(1) == [tcp("S", dport=80)]
        assert drops_of(wait_received(rpc, left=3, right=0)["left"]) == {"rule": 1}
    checked = run(TIDEGATED, "-c", daemon.config_file, "--check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (1, "", f"tidegated: {line}\n")


def test_check(start, documents):
    daemon = start(policy=documents.write(NO_TELNET), idle_timeouts=IDLE)
    checked = run(TIDEGATED, "-c", daemon.config_file, "--check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, f"{daemon.config_file}: ok\n", "")


def test_from_rules_to_a_policy_and_back(start, wires, documents):
    """The label of the rule changes with the form; the timeout of established TCP is set each time."""
    daemon = start(rules=[{"name": "streams", "action": "allow", "protocols": "tcp"}], **LOOSE)
    left, right = wires
    key = ("6", "2000")
    with daemon.rpc() as rpc:
        for frame in handshake():
            (left if frame != tcp_reply("SA") else right).send([frame])
        wait_received(rpc, left=2, right=1)
        assert labels(rpc.capture()) == {key: {"Rule": "streams"}}

        rewrite(daemon, policy=documents.write("pass tcp any any -> any any (sid:8;)"), idle_timeouts=IDLE)
        policy = reload(daemon)
        assert "DefaultAction" not in policy and "NeedsRestart" not in policy["LastReload"]
        # No packet came since: this is the verdict of the first policy.
        assert labels(rpc.capture()) == {key: {"Rule": "streams"}}
        left.send([tcp("A")])
        wait_received(rpc, left=3, right=1)
        assert labels(rpc.capture()) == {key: {"RuleSid": 8, "RuleGroup": "egress"}}

        rewrite(daemon, default_action="drop", rules=[], idle_timeouts={**NEVER, "tcp_established": 1})
        policy = reload(daemon)
        assert policy["DefaultAction"] == "drop" and "File" not in policy
        assert "NeedsRestart" not in policy["LastReload"]
        wait_until(lambda: rpc.status()["Workers"][0]["FlowsIpv4"] == 0, "the flow does not expire")


def test_left_out(start, wires, documents):
    """What is left out is listed in the log, the first 20 of it, and counted in the status."""
    unsupported = [f"drop http any any -> any any (sid:{sid};)" for sid in range(100, 125)]
    policy = {**documents.write(NO_TELNET, *unsupported), "skip_unsupported": True}
    daemon = start(policy=policy, idle_timeouts=IDLE)

    def lines():
        return [line for line in daemon.log.read_text().splitlines() if "left out" in line]

    assert lines()[:-1] == [f"tidegated: policy: left out: rule sid {sid} of group egress: "
                            f'protocol "http" is not supported' for sid in range(100, 120)]
    assert lines()[-1] == "tidegated: policy: left out: 5 more"
    checked = run(TIDEGATED, "-c", daemon.config_file, "--check")
    assert checked.returncode == 0 and checked.stderr.splitlines() == lines()
    left, right = wires
    with daemon.rpc() as rpc:
        assert rpc.status()["Policy"]["LeftOut"] == 25
        left.send([tcp("S", dport=23), tcp("S", dport=80)])
        assert right.receive(1) == [tcp("S", dport=80)]
        documents.write(NO_TELNET, unsupported[0])
        assert reload(daemon)["LeftOut"] == 1
    assert len(lines()) == 22 and "rule sid 100 of group egress" in lines()[-1]


def test_daemon_does_not_start_with_a_bad_document(topology, documents):
    """The same message as of a reload."""
    policy = documents.write("drop tcp any any -> any 23 (rev:1;)")
    daemon = Daemon(topology.firewall, policy=policy, idle_timeouts=IDLE)
    try:
        done = run(*daemon.namespace.argv(TIDEGATED, "-c", daemon.config_file))
    finally:
        daemon.remove()
    assert (done.returncode, done.stderr) == (
        1, f"tidegated: {documents.egress}:10: RulesSource.RulesString.line 1: has no sid "
           '(group "egress")\n')


def test_a_rejected_packet_stops_no_question(start, wires, documents):
    """Its sender is answered; the question from the other end is another flow, and so judged by another rule."""
    rules = documents.write(f'pass udp {A} any -> any 2000 (sid:1;)', 'reject udp any any -> any any (sid:2;)')
    left, right = wires
    answer = udp(B, A, 2000, 1000)
    with start(policy=rules, idle_timeouts=IDLE).rpc() as rpc:
        right.send([answer])
        assert len(right.receive(1)) == 1
        left.send([udp()])
        assert right.receive(1) == [udp()]
        right.send([answer])
        assert left.receive(1) == [answer]
        ports = wait_received(rpc, left=1, right=2)
        assert [flow["RuleSid"] for flow in rpc.capture()] == [1]
    assert drops_of(ports["right"]) == {"reject": 1}
