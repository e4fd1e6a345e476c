# SPDX-License-Identifier: BSD-3-Clause
"""tidegate-check-policy on documents written here, in the forms that AWS prints."""
import json

import pytest

from paths import CHECK_POLICY
from programs import run

ARN = "arn:aws:network-firewall:eu-central-1:123456789012:stateful-rulegroup/web"
POLICY = {"FirewallPolicy": {
    "StatelessDefaultActions": ["aws:forward_to_sfe"],
    "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
    "StatefulRuleGroupReferences": [{"ResourceArn": ARN, "Priority": 1}],
    "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}}}


def rule(sid, action, destination, port="ANY", protocol="TCP"):
    return {"Action": action,
            "Header": {"Protocol": protocol, "Source": "ANY", "SourcePort": "ANY", "Direction": "FORWARD",
                       "Destination": destination, "DestinationPort": port},
            "RuleOptions": [{"Keyword": f"sid:{sid}"}]}


def check(directory, rules, *options, policy=POLICY):
    (directory / "policy.json").write_text(json.dumps(policy))
    (directory / "web.json").write_text(json.dumps({
        "RuleGroupResponse": {"RuleGroupArn": ARN, "RuleGroupName": "web", "Type": "STATEFUL", "Capacity": 100},
        "RuleGroup": {"RulesSource": rules, "StatefulRuleOptions": {"RuleOrder": "STRICT_ORDER"}}}))
    return run(CHECK_POLICY, *options, directory / "policy.json", directory / "web.json")


def test_counts(tmp_path):
    done = check(tmp_path, {"StatefulRules": [rule(1, "PASS", "10.0.0.0/8", "443"), rule(2, "DROP", "ANY")]})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("stateless rules: 0, ")
    assert lines[1].startswith("stateful rules: 2, ")
    assert lines[2:] == ["custom action counters: 0", "TCP idle timeout: 350 s"]


def test_shadowed_rule_is_named(tmp_path):
    done = check(tmp_path, {"StatefulRules": [rule(1, "PASS", "10.0.0.0/8"), rule(2, "DROP", "10.1.0.0/16", "80"),
                                              rule(3, "DROP", "11.0.0.0/8")]})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[4:] == [
        "stateful rule sid 2 of group web is never reached: stateful rule sid 1 of group web covers it"]


def test_unsupported_rule_is_refused_or_left_out(tmp_path):
    rules = {"RulesString": 'pass tcp any any -> any 443 (msg:"web"; sid:1; rev:1;)\n'
                            'drop http any any -> any any (msg:"payload"; content:"x"; sid:2; rev:1;)'}
    refused = check(tmp_path, rules)
    assert refused.returncode == 1
    assert refused.stdout == ""
    message, = refused.stderr.splitlines()
    assert "web.json" in message and '"content"' in message and "sid 2" in message

    left_out = check(tmp_path, rules, "--skip-unsupported")
    assert left_out.returncode == 0, left_out.stderr
    lines = left_out.stdout.splitlines()
    assert lines[1].startswith("stateful rules: 1, ")
    line, = [line for line in lines if line.startswith("left out: ")]
    assert line.startswith("left out: rule sid 2 of group web: ") and '"content"' in line


def test_error_names_file_line_and_member(tmp_path):
    done = check(tmp_path, {"StatefulRules": [rule(1, "PERMIT", "ANY")]})
    assert done.returncode == 1
    message, = done.stderr.splitlines()
    assert message.startswith(f"tidegate-check-policy: {tmp_path}/web.json:1: ")
    assert "StatefulRules[0].Action" in message and "PERMIT" in message


@pytest.mark.parametrize("arguments", [(), ("--prefix-list", "nothing", "policy.json"), ("--no-such-option",)])
def test_wrong_call(arguments):
    done = run(CHECK_POLICY, *arguments)
    assert done.returncode == 2
    assert done.stdout == "" and "Usage:" in done.stderr
