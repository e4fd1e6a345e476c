# SPDX-License-Identifier: BSD-3-Clause
"""The aws command, unchanged, against the door: what it lists and describes of the documents in force."""
import json

import pytest

from daemon import ARN, NEVER, ZONE, running
from documents import ARN as ACCOUNT, BLOCKLIST, Documents, stateless
from door import KEYS, firewall_and_door
from test_http_aws import answer, aws

pytestmark = pytest.mark.aws_command
RULES = ["drop tcp any any -> any 23 (sid:7;)", "pass tcp any any -> any 80 (sid:8;)"]
EDGE = [stateless(3, "aws:pass", Protocols=[17, 6])]
GROUPS = [{"Name": "edge", "Arn": f"{ACCOUNT}:stateless-rulegroup/edge"},
          {"Name": "egress", "Arn": f"{ACCOUNT}:stateful-rulegroup/egress"}]


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return Documents(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def both(topology, documents):
    config = {"policy": documents.write(*RULES, edge=EDGE),
              "idle_timeouts": {name: value for name, value in NEVER.items() if name != "tcp_established"}}
    with firewall_and_door(running, topology, config, keys=KEYS) as opened:
        yield opened


@pytest.fixture(scope="module")
def door(both):
    return both[1]


def test_lists(door):
    assert answer(door, "list-firewalls") == {"Firewalls": [{"FirewallName": "tests", "FirewallArn": ARN}]}
    assert answer(door, "list-firewall-policies") == {
        "FirewallPolicies": [{"Name": "policy", "Arn": f"{ACCOUNT}:firewall-policy/policy"}]}
    assert answer(door, "list-rule-groups", "--page-size", "1") == {"RuleGroups": GROUPS}
    first = answer(door, "list-rule-groups", "--max-items", "1")
    assert first["RuleGroups"] == GROUPS[:1]
    assert answer(door, "list-rule-groups", "--starting-token", first["NextToken"])["RuleGroups"] == GROUPS[1:]


def test_rule_groups(door):
    edge = answer(door, "describe-rule-group", "--rule-group-name", "edge", "--type", "STATELESS")
    assert edge["RuleGroup"]["RulesSource"]["StatelessRulesAndCustomActions"]["StatelessRules"] == EDGE
    assert edge["RuleGroupResponse"]["ConsumedCapacity"] == 2
    egress = answer(door, "describe-rule-group", "--rule-group-arn", GROUPS[1]["Arn"])
    assert egress["RuleGroup"] == {"RulesSource": {"RulesString": "\n".join(RULES)},
                                   "ReferenceSets": {"IPSetReferences": {"BLOCKED": {"ReferenceArn": BLOCKLIST}}}}
    text = aws(door, "describe-rule-group", "--rule-group-arn", GROUPS[1]["Arn"], "--output", "text", "--query",
               "RuleGroupResponse.[RuleGroupName,Type,RuleGroupStatus]", role="read")
    assert text.stdout.split() == ["egress", "STATEFUL", "ACTIVE"]


def test_policy_and_firewall(door, documents):
    policy = answer(door, "describe-firewall-policy", "--firewall-policy-name", "policy")
    assert policy["FirewallPolicy"] == json.loads(documents.policy.read_text())["FirewallPolicy"]
    firewall = answer(door, "describe-firewall", "--firewall-name", "tests")
    assert firewall["Firewall"]["FirewallPolicyArn"] == policy["FirewallPolicyResponse"]["FirewallPolicyArn"]
    state = firewall["FirewallStatus"]["SyncStates"][ZONE]
    assert state["Attachment"]["Status"] == "READY"
    assert state["Config"]["policy"] == {"SyncStatus": "IN_SYNC", "UpdateToken": policy["UpdateToken"]}
    assert set(state["Config"]) == {"policy", "edge", "egress"}


def test_what_was_printed_loads(both, documents):
    """describe-… prints files that the daemon takes: the groups, and a policy that refers to them, then tell the same."""
    daemon, door = both
    edge = aws(door, "describe-rule-group", "--rule-group-arn", GROUPS[0]["Arn"]).stdout
    policy = aws(door, "describe-firewall-policy", "--firewall-policy-name", "policy").stdout
    documents.edge.write_text(edge)
    documents.policy.write_text(policy)
    done = daemon.client("reload")
    assert (done.returncode, done.stderr) == (0, "")
    assert aws(door, "describe-rule-group", "--rule-group-arn", GROUPS[0]["Arn"]).stdout == edge
    assert aws(door, "describe-firewall-policy", "--firewall-policy-name", "policy").stdout == policy


def test_errors(door):
    done = aws(door, "describe-rule-group", "--rule-group-name", "else", "--type", "STATEFUL")
    assert done.returncode != 0 and "(ResourceNotFoundException)" in done.stderr
    done = aws(door, "describe-firewall")
    assert done.returncode != 0 and "(InvalidRequestException)" in done.stderr
