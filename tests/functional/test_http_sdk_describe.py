# SPDX-License-Identifier: BSD-3-Clause
"""The AWS SDK for JavaScript, unchanged, against the door: what it lists and describes of the documents in force."""
import pytest

from daemon import ARN
from sdk import sdk
from test_http_describe import GROUPS, READER, TOLD_POLICY, both, door, folder, good, group, metadata

FIXTURES = (both, door, folder)  # found here by their names


@pytest.fixture(scope="module")
def client(door):
    with sdk(door.port, READER) as opened:
        yield opened


def test_sdk(door, client):
    for name, kind, document, *_ in GROUPS:
        told = client.call("DescribeRuleGroup", RuleGroupName=name, Type=kind)
        assert {key: value for key, value in told.items() if key != "$metadata"} == group(door, name, kind)
        assert told["RuleGroup"] == document
    told = client.call("DescribeFirewallPolicy", FirewallPolicyName="main")
    assert told["FirewallPolicy"] == TOLD_POLICY
    firewall = client.call("DescribeFirewall", FirewallArn=ARN)
    assert firewall["Firewall"]["FirewallPolicyArn"] == told["FirewallPolicyResponse"]["FirewallPolicyArn"]
    assert firewall["FirewallStatus"] == good(door, "DescribeFirewall", FirewallArn=ARN)["FirewallStatus"]


def test_sdk_paginators(client):
    pages = client.call("paginateListRuleGroups", MaxResults=3)
    assert [len(page["RuleGroups"]) for page in pages] == [3, 1]
    assert [entry for page in pages for entry in page["RuleGroups"]] == metadata("STATELESS", "STATEFUL")
    firewalls, = client.call("paginateListFirewalls")
    assert firewalls["Firewalls"] == [{"FirewallName": "tests", "FirewallArn": ARN}]
    assert len(client.call("paginateListFirewallPolicies")) == 1


@pytest.mark.parametrize("action, params, name", [
    ("DescribeRuleGroup", {"RuleGroupName": "else", "Type": "STATEFUL"}, "ResourceNotFoundException"),
    ("DescribeRuleGroup", {"RuleGroupName": "egress"}, "InvalidRequestException"),
    ("DescribeFirewall", {"FirewallName": "else"}, "ResourceNotFoundException"),
    ("ListFirewallPolicies", {"NextToken": "x"}, "InvalidRequestException")])
def test_sdk_errors(client, action, params, name):
    error = client.error(action, **params)
    assert (error.name, error.own, error.service, error.status) == (name, True, True, 400)
