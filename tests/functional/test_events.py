# SPDX-License-Identifier: BSD-3-Clause
"""The event log: what stateful rules alert on, drop and reject, as lines of Suricata's EVE format."""
import datetime
import json
import signal

import pytest

from daemon import LOOSE, NEVER
from frames import A, A6, B, B6, echo, tcp, tcp_reply, udp
from waiting import wait_until

ARN = "arn:aws:network-firewall:eu-test-1:123456789012:stateful-rulegroup/group"
CHUNK = 500  # frames, small enough that they never fill a ring
MANY = 3000


def policy(folder, rules, defaults=(), order="STRICT_ORDER"):
    """Keys of a configuration with one stateful rule group of these lines."""
    firewall = {"StatelessDefaultActions": ["aws:forward_to_sfe"],
                "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
                "StatefulRuleGroupReferences": [{"ResourceArn": ARN}],
                "StatefulEngineOptions": {"RuleOrder": order}}
    if order == "STRICT_ORDER":
        firewall["StatefulRuleGroupReferences"][0]["Priority"] = 1
        firewall["StatefulDefaultActions"] = list(defaults)
    documents = {"policy.json": {"FirewallPolicy": firewall}, "group.json": {
        "RuleGroupResponse": {"RuleGroupArn": ARN, "RuleGroupName": "group", "Type": "STATEFUL"},
        "RuleGroup": {"RulesSource": {"RulesString": "\n".join(rules)},
                      "StatefulRuleOptions": {"RuleOrder": order}}}}
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))
    timeouts = {name: seconds for name, seconds in NEVER.items() if name != "tcp_established"}
    return {"policy": {"file": str(folder / "policy.json"), "rule_groups": [str(folder / "group.json")]},
            "idle_timeouts": timeouts}


def config(folder, rules, rate=100000, **options):
    return {**policy(folder, rules, **options),
            "event_log": {"path": str(folder / "eve.json"), "events_per_second": rate}}


def lines(file):
    """Each line is one JSON object, and ends."""
    text = file.read_text()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def wait_lines(file, count):
    wait_until(lambda: file.read_text().count("\n") >= count, lambda: file.read_text())
    found = lines(file)
    assert len(found) == count
    return found


def flood(left, right, count, first=0):
    """count UDP flows that pass, a datagram each."""
    sent = [udp(sport=1 + number % 60000, dport=2000) for number in range(first, first + count)]
    for begin in range(0, count, CHUNK):
        left.send(sent[begin:begin + CHUNK])
        assert right.receive(len(sent[begin:begin + CHUNK])) == sent[begin:begin + CHUNK]


def time_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def test_fields(start, wires, tmp_path):
    """One line a flow, however many packets; addresses are the packet's."""
    left, right = wires
    rules = ['pass udp any any -> any 123 (sid:1;)',
             'drop tcp any any -> any 23 (msg:"no \\"telnet\\""; sid:1001; rev:2; priority:1;)',
             'alert udp any any -> any 53 (msg:"DNS"; sid:1002; rev:7;)',
             'alert udp any 53 -> any any (msg:"answers"; sid:1003;)',
             'reject udp any any -> any 99 (sid:1004; rev:1;)']
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
    start(**config(tmp_path, rules, order="DEFAULT_ACTION_ORDER"), **LOOSE)
    eve = tmp_path / "eve.json"

    left.send([tcp("S", dport=23)] * 5 + [udp(dport=123), udp(dport=124)])
    right.receive(2)
    dropped, = wait_lines(eve, 1)
    assert before < time_of(dropped["timestamp"]) < datetime.datetime.now(datetime.timezone.utc)
    assert dropped == {
        "timestamp": dropped["timestamp"], "flow_id": dropped["flow_id"], "in_iface": "left",
        "event_type": "alert", "src_ip": A, "src_port": 1000, "dest_ip": B, "dest_port": 23,
        "proto": "TCP", "ip_v": 4,
        "alert": {"action": "blocked", "gid": 1, "signature_id": 1001, "rev": 2,
                  "signature": 'no "telnet"', "category": "", "severity": 1},
        "direction": "to_server",
        "flow": {"pkts_toserver": 1, "pkts_toclient": 0, "bytes_toserver": 40, "bytes_toclient": 0,
                 "start": dropped["timestamp"], "src_ip": A, "src_port": 1000, "dest_ip": B, "dest_port": 23},
        "tcp": {"tcp_flags": "02", "syn": True}, "verdict": {"action": "drop"}}

    left.send([udp(A6, B6, dport=53, tags=[7])] * 3)
    right.receive(3)
    right.send([udp(B6, A6, sport=53, dport=1000, size=100, tags=[7])] * 3)
    left.receive(3)
    question, answer = wait_lines(eve, 3)[1:]
    assert 0 < question["flow_id"] < 2 ** 51
    assert question["flow_id"] == answer["flow_id"] != dropped["flow_id"]
    assert (question["alert"]["signature_id"], answer["alert"]["signature_id"]) == (1002, 1003)
    assert (question["alert"]["severity"], question["alert"]["rev"], answer["alert"]["rev"]) == (3, 7, 0)
    assert question["alert"]["action"] == answer["alert"]["action"] == "allowed"
    assert (question["vlan"], question["ip_v"], question["proto"]) == ([7], 6, "UDP")
    assert (question["in_iface"], question["direction"]) == ("left", "to_server")
    assert (answer["in_iface"], answer["direction"]) == ("right", "to_client")
    assert (answer["src_ip"], answer["src_port"], answer["dest_ip"], answer["dest_port"]) == (B6, 53, A6, 1000)
    assert answer["flow"] == {
        "pkts_toserver": 3, "pkts_toclient": 1, "bytes_toserver": 3 * 68, "bytes_toclient": 148,
        "start": question["timestamp"], "src_ip": A6, "src_port": 1000, "dest_ip": B6, "dest_port": 53}
    assert "verdict" not in question and "tcp" not in question

    left.send([udp(dport=99)])
    rejected = wait_lines(eve, 4)[3]
    assert rejected["alert"]["action"] == "blocked" and rejected["alert"]["signature"] == ""
    assert rejected["verdict"] == {"action": "drop", "reject-target": "to_client", "reject": ["icmp-prohib"]}


def test_alert_before_drop(start, wires, tmp_path):
    """Both are told, of one flow."""
    left, _ = wires
    start(**config(tmp_path, ['alert ip any any -> any any (msg:"seen"; sid:5;)',
                              'drop tcp any any -> any any (msg:"dropped"; sid:6;)']))
    left.send([tcp("S")] * 3)
    seen, dropped = wait_lines(tmp_path / "eve.json", 2)
    assert (seen["alert"]["signature"], seen["alert"]["action"]) == ("seen", "allowed")
    assert (dropped["alert"]["signature"], dropped["alert"]["action"]) == ("dropped", "blocked")
    assert seen["flow_id"] == dropped["flow_id"]


@pytest.mark.parametrize("defaults, sent, signature, action", [
    (["aws:alert_strict", "aws:drop_strict"], echo()[:1], (2, "aws:alert_strict action"), "blocked"),
    (["aws:alert_strict"], echo()[:1], (2, "aws:alert_strict action"), "allowed"),
    (["aws:alert_established", "aws:drop_established"], [tcp("S"), tcp_reply("SA"), tcp("A")],
     (4, "aws:alert_established action"), "blocked"),
])
def test_default_actions(start, wires, tmp_path, defaults, sent, signature, action):
    left, right = wires
    start(**config(tmp_path, ['pass udp any any -> any 53 (sid:1;)'], defaults=defaults), **LOOSE)
    left.send([udp(dport=53)])
    right.receive(1)
    for number, data in enumerate(sent):
        (right if number == 1 else left).send([data])
        if number < len(sent) - 1:
            (left if number == 1 else right).receive(1)
    event, = wait_lines(tmp_path / "eve.json", 1)
    assert (event["alert"]["signature_id"], event["alert"]["signature"]) == signature
    assert event["alert"]["action"] == action
    assert event["verdict"] == {"action": "drop" if action == "blocked" else "alert"}


def test_rate_limit(start, wires, tmp_path):
    """A flood of flows: few lines, the others are counted, and every packet passes."""
    left, right = wires
    daemon = start(**config(tmp_path, ['alert udp any any -> any any (sid:1;)'], rate=20))
    with daemon.rpc() as rpc:
        flood(left, right, MANY)

        def counted():
            log = rpc.status()["EventLog"]
            return (log["EventsWritten"] + log["EventsSuppressed"] + log["EventsLost"] == MANY) and log
        log = wait_until(counted, lambda: str(rpc.status()["EventLog"]))
        daemon.terminate()
    found = lines(tmp_path / "eve.json")
    alerts = [line for line in found if line["event_type"] == "alert"]
    totals = [line["stats"]["detect"] for line in found if line["event_type"] == "stats"]
    assert len(alerts) + len(totals) == len(found)
    assert 20 <= len(alerts) == log["EventsWritten"] < MANY / 2
    assert len({line["flow_id"] for line in alerts}) == len(alerts)
    assert totals[-1] == {"alert": len(alerts), "alerts_suppressed": log["EventsSuppressed"],
                          "alert_queue_overflow": log["EventsLost"]}
    assert sum(totals[-1].values()) == MANY
    times = [time_of(line["timestamp"]) for line in found if line["event_type"] == "stats"]
    assert all(after - before >= datetime.timedelta(seconds=0.9)
               for before, after in zip(times[:-2], times[1:-1], strict=True))


def test_ring_is_emptied_without_a_log(start, wires, tmp_path):
    """More events than a worker's ring holds are thrown away, none for want of room."""
    left, right = wires
    daemon = start(**policy(tmp_path, ['alert udp any any -> any any (sid:1;)']), flows_per_worker=16384)
    with daemon.rpc() as rpc:
        flood(left, right, 6000)
        assert rpc.status()["EventLog"] == {"EventsWritten": 0, "EventsSuppressed": 0, "EventsLost": 0}


def test_full_disk(start, wires, tmp_path):
    """Events are lost, and nothing else."""
    left, right = wires
    options = config(tmp_path, ['alert udp any any -> any any (sid:1;)'])
    options["event_log"]["path"] = "/dev/full"
    daemon = start(**options)
    with daemon.rpc() as rpc:
        flood(left, right, CHUNK)
        wait_until(lambda: rpc.status()["EventLog"]["EventsLost"] >= CHUNK, lambda: str(rpc.status()["EventLog"]))
        assert rpc.status()["EventLog"]["EventsWritten"] == 0
    message = "tidegated: event log /dev/full: events are lost: No space left on device\n"
    assert daemon.log.read_text().count(message) == 1


def test_rotation(start, wires, tmp_path):
    """After SIGHUP the path is another file; events of the rules before the reload keep their names."""
    left, right = wires
    daemon = start(**config(tmp_path, ['alert udp any any -> any any (msg:"first"; sid:1;)']))
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    flood(left, right, 1)
    wait_lines(eve, 1)
    eve.rename(old)
    flood(left, right, 1, first=1)
    wait_lines(old, 2)
    policy(tmp_path, ['alert udp any any -> any any (msg:"second"; sid:2; rev:3;)'])
    with daemon.rpc() as rpc:
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: rpc.status()["Policy"]["Generation"] == 1, lambda: daemon.log.read_text())
    flood(left, right, 1, first=2)
    event, = wait_lines(eve, 1)
    assert [event["alert"][name] for name in ("signature", "signature_id", "rev")] == ["second", 2, 3]
    assert [line["alert"]["signature"] for line in lines(old)] == ["first", "first"]


def test_rules_of_the_configuration(start, wires, tmp_path):
    """They are told by name."""
    left, _ = wires
    start(rules=[{"name": "no telnet", "action": "drop", "protocols": "tcp", "destination_ports": 23}],
          event_log={"path": str(tmp_path / "eve.json")})
    left.send([tcp("S", dport=23)] * 2)
    event, = wait_lines(tmp_path / "eve.json", 1)
    assert [event["alert"][name] for name in ("action", "signature", "signature_id")] == ["blocked", "no telnet", 0]


def test_file_that_cannot_be_opened(start):
    with pytest.raises(AssertionError, match="tidegated: event log /nowhere/eve.json: No such file or directory"):
        start(event_log={"path": "/nowhere/eve.json"})
