# SPDX-License-Identifier: BSD-3-Clause
"""The actions that list and describe, over HTTP against the public API model: documents as loaded."""
import json
import uuid

import pytest

from api_model import READS, Model
from daemon import ARN, ENDPOINT, ZONE, NEVER, running
from documents import stateless
from door import KEYS, error_of, firewall_and_door
from paths import API_MODEL

MODEL = Model(API_MODEL)
READER = KEYS["read"]
ACCOUNT = ARN.removesuffix("firewall/tests")
NO_VPC = "vpc-00000000000000000"
NAMELESS = uuid.UUID(int=0)
IDLE = {name: seconds for name, seconds in NEVER.items() if name != "tcp_established"}

# In the forms in which documents come: as create-rule-group takes it, as describe-rule-group prints it, of
# CloudFormation, and bare. {file name: document}
EDGE_RULES = [stateless(1, "aws:drop", Protocols=[6, 17], Sources=[{"AddressDefinition": "192.0.2.0/24"},
                                                                   {"AddressDefinition": "2001:db8::/32"}],
                        DestinationPorts=[{"FromPort": port, "ToPort": port} for port in (23, 25, 445)]),
              stateless(2, "aws:forward_to_sfe")]
EDGE = {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": EDGE_RULES}}}
EGRESS = {"RuleVariables": {"PortSets": {"WEB": {"Definition": ["443"]}}},
          "RulesSource": {"RulesString": '# Größe "x"\npass tcp any any -> any $WEB (sid:1;)\n\n'
                                         'drop ip any any <> any any (sid:2;)'}}
MAIL = {"RulesSource": {"StatefulRules": [{
    "Action": "REJECT", "Header": {"Protocol": "TCP", "Source": "ANY", "SourcePort": "ANY", "Direction": "FORWARD",
                                   "Destination": "ANY", "DestinationPort": "25"},
    "RuleOptions": [{"Keyword": "sid", "Settings": ["7"]}]}]}}
BARE = {"RulesSource": {"RulesString": "alert tcp any any -> any 80 (sid:9;)"}}
FILES = {
    "edge": {"RuleGroupName": "edge", "Type": "STATELESS", "Capacity": 100, "Description": "what nobody may",
             "RuleGroup": EDGE},
    "egress": {"UpdateToken": str(NAMELESS), "RuleGroup": EGRESS, "RuleGroupResponse": {
        "RuleGroupArn": ACCOUNT + "stateful-rulegroup/egress", "RuleGroupName": "egress", "RuleGroupId": str(NAMELESS),
        "Type": "STATEFUL", "Capacity": 30}},
    "relay": {"Type": "AWS::NetworkFirewall::RuleGroup", "Properties": {
        "RuleGroupName": "edge", "Type": "STATEFUL", "Capacity": 5, "RuleGroup": MAIL}},
    "bare_one": BARE,
}
GROUPS = [("edge", "STATELESS", EDGE, 100, 12 + 1, "what nobody may"), ("egress", "STATEFUL", EGRESS, 30, 2, None),
          ("edge", "STATEFUL", MAIL, 5, 1, None), ("bare-one", "STATEFUL", BARE, 1, 1, None)]
POLICY = {"StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:drop"],
          "StatelessRuleGroupReferences": [{"ResourceArn": ACCOUNT + "stateless-rulegroup/edge", "Priority": 10}],
          "StatefulRuleGroupReferences": [{"ResourceArn": ACCOUNT + "stateful-rulegroup/egress"},
                                          {"ResourceArn": {"Fn::GetAtt": ["relay", "RuleGroupArn"]}},
                                          {"ResourceArn": {"Ref": "bare_one"}}]}
TOLD_POLICY = {**POLICY, "StatefulRuleGroupReferences": [
    {"ResourceArn": ACCOUNT + "stateful-rulegroup/" + name} for name in ("egress", "edge", "bare-one")]}


def arn(name, kind):
    return f"{ACCOUNT}{kind.lower()}-rulegroup/{name}"


def write(folder, policy=None, indent=None, **files):
    """Write the documents, with others in their place, and return the key `policy`."""
    documents = {**FILES, **files, "main": policy or {"FirewallPolicy": POLICY, "Description": "all of it"}}
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=indent))
    return {"file": str(folder / "main.json"), "rule_groups": [str(folder / f"{name}.json") for name in FILES]}


def good(door, action, key=READER, **params):
    """The answer's body, which has to fit the model."""
    answer = door.call(action, params, key)
    assert answer.status == 200, answer
    assert MODEL.problems(MODEL.output(action), answer.body) == []
    assert MODEL.strangers(MODEL.output(action), answer.body) == []
    return answer.body


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def both(topology, folder):
    """(daemon, door): a daemon that has the documents."""
    config = {"policy": write(folder), "idle_timeouts": IDLE}
    with firewall_and_door(running, topology, config, keys=KEYS, limits={"requests_per_second": 1000}) as opened:
        yield opened


@pytest.fixture(scope="module")
def door(both):
    return both[1]


def group(door, name, kind):
    return good(door, "DescribeRuleGroup", RuleGroupName=name, Type=kind)


def policy(door):
    return good(door, "DescribeFirewallPolicy", FirewallPolicyName="main")


def tokens(door):
    """{name: UpdateToken} of the policy and the rule groups."""
    return {"main": policy(door)["UpdateToken"],
            **{(name, kind): group(door, name, kind)["UpdateToken"] for name, kind, *_ in GROUPS}}


# ---- descriptions ----

@pytest.mark.parametrize("name, kind, document, capacity, consumed, description", GROUPS)
def test_rule_group(both, name, kind, document, capacity, consumed, description):
    daemon, door = both
    told = group(door, name, kind)
    assert told["RuleGroup"] == document
    expected = {"RuleGroupName": name, "RuleGroupArn": arn(name, kind), "Type": kind, "Capacity": capacity,
                "RuleGroupId": str(uuid.uuid5(NAMELESS, arn(name, kind))), "ConsumedCapacity": consumed,
                "RuleGroupStatus": "ACTIVE", "NumberOfAssociations": 1}
    assert told["RuleGroupResponse"] == expected | ({"Description": description} if description else {})
    assert good(door, "DescribeRuleGroup", RuleGroupArn=arn(name, kind)) == told
    assert good(door, "DescribeRuleGroup", RuleGroupArn=arn(name, kind), RuleGroupName=name, Type=kind) == told
    with daemon.rpc() as rpc:
        assert rpc.call("DescribeRuleGroup", RuleGroupName=name, Type=kind, AnalyzeRuleGroup=False) == told


def test_policy(both):
    daemon, door = both
    told = policy(door)
    own = ACCOUNT + "firewall-policy/main"
    assert told["FirewallPolicy"] == TOLD_POLICY
    assert told["FirewallPolicyResponse"] == {
        "FirewallPolicyName": "main", "FirewallPolicyArn": own, "FirewallPolicyId": str(uuid.uuid5(NAMELESS, own)),
        "FirewallPolicyStatus": "ACTIVE", "ConsumedStatelessRuleCapacity": 13, "ConsumedStatefulRuleCapacity": 4,
        "NumberOfAssociations": 1, "Description": "all of it"}
    assert good(door, "DescribeFirewallPolicy", FirewallPolicyArn=own) == told
    with daemon.rpc() as rpc:
        assert rpc.call("DescribeFirewallPolicy", FirewallPolicyArn=own, FirewallPolicyName="main") == told


def test_firewall(both):
    daemon, door = both
    told = good(door, "DescribeFirewall", FirewallName="tests")
    assert told["Firewall"] == {
        "FirewallName": "tests", "FirewallArn": ARN, "FirewallId": str(uuid.uuid5(NAMELESS, ARN)), "VpcId": NO_VPC,
        "FirewallPolicyArn": ACCOUNT + "firewall-policy/main", "SubnetMappings": [], "DeleteProtection": False,
        "SubnetChangeProtection": False, "FirewallPolicyChangeProtection": False, "NumberOfAssociations": 1}
    status = told["FirewallStatus"]
    assert (status["Status"], status["ConfigurationSyncStateSummary"]) == ("READY", "IN_SYNC")
    state, = status["SyncStates"].items()
    assert state[0] == ZONE and state[1]["Attachment"] == {"EndpointId": ENDPOINT, "Status": "READY"}
    named = tokens(door)
    later = named["edge", "STATEFUL"]  # the name is the stateless group's
    assert state[1]["Config"] == {name: {"SyncStatus": "IN_SYNC", "UpdateToken": token} for name, token in [
        ("main", named["main"]), ("edge", named["edge", "STATELESS"]), ("egress", named["egress", "STATEFUL"]),
        (later, later), ("bare-one", named["bare-one", "STATEFUL"])]}
    assert good(door, "DescribeFirewall", FirewallArn=ARN) == told
    with daemon.rpc() as rpc:
        assert rpc.call("DescribeFirewall", FirewallArn=ARN, FirewallName="tests") == told


# ---- lists ----

def metadata(*kinds):
    return [{"Name": name, "Arn": arn(name, kind)} for name, kind, *_ in GROUPS if kind in kinds]


def test_lists(both):
    daemon, door = both
    firewalls = {"Firewalls": [{"FirewallName": "tests", "FirewallArn": ARN}]}
    policies = {"FirewallPolicies": [{"Name": "main", "Arn": ACCOUNT + "firewall-policy/main"}]}
    groups = {"RuleGroups": metadata("STATELESS", "STATEFUL")}
    with daemon.rpc() as rpc:
        for action, expected in [("ListFirewalls", firewalls), ("ListFirewallPolicies", policies),
                                 ("ListRuleGroups", groups)]:
            assert good(door, action) == good(door, action, MaxResults=100) == rpc.call(action) == expected
        assert len(rpc.call("ListRuleGroups", MaxResults=3)["NextToken"]) > 0


@pytest.mark.parametrize("params, expected", [
    ({"Type": "STATELESS"}, metadata("STATELESS")), ({"Type": "STATEFUL"}, metadata("STATEFUL")),
    ({"Type": "STATEFUL_DOMAIN"}, []), ({"Scope": "ACCOUNT"}, metadata("STATELESS", "STATEFUL")),
    ({"Scope": "MANAGED"}, []),
    ({"ManagedType": "PARTNER_MANAGED"}, []), ({"SubscriptionStatus": "SUBSCRIBED"}, [])])
def test_rule_groups_of_a_kind(door, params, expected):
    assert good(door, "ListRuleGroups", **params) == {"RuleGroups": expected}


@pytest.mark.parametrize("params, count", [
    ({"VpcIds": []}, 1), ({"VpcIds": ["vpc-0123", NO_VPC]}, 1), ({"VpcIds": ["vpc-0123"]}, 0)])
def test_firewalls_of_a_vpc(door, params, count):
    assert len(good(door, "ListFirewalls", **params)["Firewalls"]) == count


@pytest.mark.parametrize("size, kind, lengths", [
    (1, None, [1, 1, 1, 1]), (3, None, [3, 1]), (4, None, [4]), (2, "STATEFUL", [2, 1])])
def test_pages(door, size, kind, lengths):
    only, pages, token = {"Type": kind} if kind else {}, [], {}
    while token is not None:
        page = good(door, "ListRuleGroups", MaxResults=size, **only, **token)
        pages.append(page["RuleGroups"])
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert [len(page) for page in pages] == lengths
    assert sum(pages, []) == metadata(*([kind] if kind else ["STATELESS", "STATEFUL"]))


def test_a_token_of_another_list(door):
    token = good(door, "ListRuleGroups", MaxResults=1)["NextToken"]
    for action, params in [
            ("ListRuleGroups", {"Type": "STATEFUL"}), ("ListFirewalls", {}), ("ListFirewallPolicies", {})]:
        answer = door.call(action, {**params, "NextToken": token}, READER)
        assert error_of(answer) == (400, "InvalidRequestException")
        assert "NextToken is none that this list returned" in answer.body["Message"]


# ---- constraints of the model ----

STRINGS = {
    "ResourceName": ["a", "a-9-Z" * 25, "a" * 128, "", "a" * 129, "a_b", "a b", "a/b", "é", "a\n"],
    "ResourceArn": [ARN, "arn:aws", "arn:aws" + "x" * 249, "", "arn:", "ARN:aws", " arn:aws", "arn:aws" + "x" * 250],
    "VpcId": ["vpc-0", "vpc-" + "f" * 124, "", "vpc-", "vpc-g", "vpc-F", "vpc-" + "f" * 125],
    "RuleGroupType": ["STATELESS", "STATEFUL", "STATEFUL_DOMAIN", "", "stateful", "STATEFUL ", "STATEFUL_"],
    "ResourceManagedStatus": ["MANAGED", "ACCOUNT", "", "account", "ACCOUNTS"],
    "ResourceManagedType": ["AWS_MANAGED_THREAT_SIGNATURES", "AWS_MANAGED_DOMAIN_LISTS", "ACTIVE_THREAT_DEFENSE",
                            "PARTNER_MANAGED", "", "PARTNER"],
    "SubscriptionStatus": ["NOT_SUBSCRIBED", "SUBSCRIBED", "", "UNSUBSCRIBED"],
    "PaginationToken": ["", "A-", "A_", "!", "A" * 4097],
}
# What has to be there beside a member that is looked at.
BESIDE = {"DescribeRuleGroup": {"RuleGroupArn": arn("egress", "STATEFUL")}, "DescribeFirewall": {"FirewallArn": ARN},
          "DescribeFirewallPolicy": {"FirewallPolicyArn": ACCOUNT + "firewall-policy/main"}}


def inputs():
    """(action, member, name of its shape) of all inputs; of a list, that of its elements."""
    for action in READS:
        for name, member in MODEL.input(action)["members"].items():
            shape = MODEL.shapes[member["shape"]]
            yield action, name, shape["member"]["shape"] if shape["type"] == "list" else member["shape"]


def whole_match(shape, value):
    """Whether the model takes a string, to whose end its patterns mean to go: Python's $ is before a newline too."""
    return MODEL.problems(MODEL.shapes[shape], value) == [] and not value.endswith("\n")


@pytest.mark.parametrize("action, member, shape", [case for case in inputs() if case[2] in STRINGS])
def test_strings(door, action, member, shape):
    """What the model takes is taken, or not found; what it does not take is refused by the member's name."""
    for value in STRINGS[shape]:
        given = [value] if member == "VpcIds" else value
        answer = door.call(action, {**BESIDE.get(action, {}), member: given}, READER)
        if whole_match(shape, value):
            assert answer.status == 200 or error_of(answer) == (400, "ResourceNotFoundException"), value
        else:
            assert error_of(answer) == (400, "InvalidRequestException"), value
            assert answer.body["Message"].startswith(member), answer.body


@pytest.mark.parametrize("action, member, shape", inputs())
def test_types(door, action, member, shape):
    """Every member of the model is one here, and an object is no value of any."""
    for value in ({}, None):
        answer = door.call(action, {**BESIDE.get(action, {}), member: value}, READER)
        assert error_of(answer) == (400, "InvalidRequestException")
        assert answer.body["Message"].startswith(f"{member} must be "), (shape, answer.body)


@pytest.mark.parametrize("action", READS)
def test_unknown_members(door, action):
    answer = door.call(action, {**BESIDE.get(action, {}), "Else": 1}, READER)
    assert error_of(answer) == (400, "InvalidRequestException")
    assert answer.body["Message"] == f"Else is not a member of {action}, parameter: [1], context: Else"


# ---- errors ----

@pytest.mark.parametrize("action, params, message", [
    ("DescribeFirewall", {}, "FirewallArn or FirewallName is required, parameter: [], context: FirewallArn"),
    ("DescribeFirewallPolicy", {},
     "FirewallPolicyArn or FirewallPolicyName is required, parameter: [], context: FirewallPolicyArn"),
    ("DescribeRuleGroup", {}, "RuleGroupArn or RuleGroupName is required, parameter: [], context: RuleGroupArn"),
    ("DescribeRuleGroup", {"Type": "STATEFUL"},
     "RuleGroupArn or RuleGroupName is required, parameter: [], context: RuleGroupArn"),
    ("DescribeRuleGroup", {"RuleGroupName": "egress"},
     "Type is required with RuleGroupName, parameter: [], context: Type"),
    ("DescribeRuleGroup", {"RuleGroupName": "egress", "Type": "STATEFUL", "AnalyzeRuleGroup": True},
     "AnalyzeRuleGroup is not supported, parameter: [true], context: AnalyzeRuleGroup"),
    ("DescribeRuleGroup", {"RuleGroupName": "a_b", "Type": "STATEFUL"},
     "RuleGroupName must match ^[a-zA-Z0-9-]+$, parameter: [a_b], context: RuleGroupName"),
    ("ListRuleGroups", {"MaxResults": 101}, "MaxResults must be from 1 to 100, parameter: [101], context: MaxResults"),
    ("ListRuleGroups", {"MaxResults": 0}, "MaxResults must be from 1 to 65536, parameter: [0], context: MaxResults"),
    ("ListFirewalls", {"VpcIds": [NO_VPC, "vpc-x"]},
     "VpcIds[1] must match ^vpc-[0-9a-f]+$, parameter: [vpc-x], context: VpcIds[1]"),
])
def test_bad_requests(door, action, params, message):
    answer = door.call(action, params, READER)
    assert error_of(answer) == (400, "InvalidRequestException")
    assert answer.body["Message"] == message


@pytest.mark.parametrize("action, params", [
    ("DescribeFirewall", {"FirewallName": "else"}), ("DescribeFirewall", {"FirewallArn": ARN, "FirewallName": "else"}),
    ("DescribeFirewallPolicy", {"FirewallPolicyName": "egress"}),
    ("DescribeFirewallPolicy", {"FirewallPolicyArn": arn("egress", "STATEFUL")}),
    ("DescribeRuleGroup", {"RuleGroupName": "egress", "Type": "STATELESS"}),
    ("DescribeRuleGroup", {"RuleGroupArn": arn("egress", "STATEFUL"), "Type": "STATELESS"}),
    ("DescribeRuleGroup", {"RuleGroupArn": arn("egress", "STATEFUL"), "RuleGroupName": "edge"}),
    ("DescribeRuleGroup", {"RuleGroupArn": ACCOUNT + "firewall-policy/main"})])
def test_not_found(door, action, params):
    assert error_of(door.call(action, params, READER)) == (400, "ResourceNotFoundException")


# ---- what is in force ----

def reload(daemon):
    done = daemon.client("reload")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_in_force_is_told(both, folder):
    """Files that were changed tell nothing until they are loaded; tokens change with what is told, with nothing else."""
    daemon, door = both
    before, told = tokens(door), group(door, "egress", "STATEFUL")
    firewall = good(door, "DescribeFirewall", FirewallName="tests")
    page = good(door, "ListRuleGroups", MaxResults=1)["NextToken"]
    other = {**FILES["egress"], "RuleGroup": {
        **EGRESS, "RulesSource": {"RulesString": "pass ip any any -> any any (sid:3;)"}}}
    try:
        write(folder, indent=3, egress=other)
        assert group(door, "egress", "STATEFUL") == told and tokens(door) == before
        reload(daemon)
        after = group(door, "egress", "STATEFUL")
        assert after["RuleGroup"] == other["RuleGroup"] and after["RuleGroupResponse"]["ConsumedCapacity"] == 1
        assert after["RuleGroupResponse"]["RuleGroupId"] == told["RuleGroupResponse"]["RuleGroupId"]
        now = tokens(door)
        assert {name for name in now if now[name] != before[name]} == {("egress", "STATEFUL")}
        assert policy(door)["FirewallPolicyResponse"]["ConsumedStatefulRuleCapacity"] == 3
        assert good(door, "DescribeFirewall", FirewallName="tests")["UpdateToken"] == firewall["UpdateToken"]
        assert error_of(door.call("ListRuleGroups", {"MaxResults": 1, "NextToken": page}, READER)) == (
            400, "InvalidRequestException")
        write(folder, egress={"oops": 1})
        assert daemon.client("reload").returncode != 0
        assert tokens(door) == now
    finally:
        write(folder)
        reload(daemon)
    assert tokens(door) == before
    daemon.terminate()
    daemon.start()
    assert tokens(door) == before and good(door, "DescribeFirewall", FirewallName="tests") == firewall


def test_long_documents(both, folder):
    """One of nearly the longest RulesString passes; those past the limits are refused, and nothing else suffers."""
    daemon, door = both
    comment = "#" + '"' * 999 + "\n"
    rules = comment * 1990 + BARE["RulesSource"]["RulesString"]
    try:
        write(folder, bare_one={"RulesSource": {"RulesString": rules}})
        reload(daemon)
        assert group(door, "bare-one", "STATEFUL")["RuleGroup"]["RulesSource"]["RulesString"] == rules
        write(folder, bare_one={"RulesSource": {"RulesString": comment * 2200 + rules}})
        reload(daemon)
        answer = door.call("DescribeRuleGroup", {"RuleGroupName": "bare-one", "Type": "STATEFUL"}, READER)
        assert error_of(answer) == (400, "InvalidRequestException")
        assert answer.body["Message"] == "bare-one has more than 4194304 bytes, which no answer takes"
        assert good(door, "ListRuleGroups")["RuleGroups"] == metadata("STATELESS", "STATEFUL")
        home = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(20000)]
        variables = {"RuleVariables": {"HOME_NET": {"Definition": home}}}
        write(folder, policy={**POLICY, "PolicyVariables": variables})
        reload(daemon)
        answer = door.call("DescribeFirewallPolicy", {"FirewallPolicyName": "main"}, READER)
        assert error_of(answer) == (400, "InvalidRequestException")
        assert answer.body["Message"] == "main has more than 262144 bytes, which no answer takes"
        variables["RuleVariables"]["HOME_NET"]["Definition"] = home[:10000]
        write(folder, policy={**POLICY, "PolicyVariables": variables})
        reload(daemon)
        assert policy(door)["FirewallPolicy"] == {**TOLD_POLICY, "PolicyVariables": variables}
    finally:
        write(folder)
        reload(daemon)


def test_own_rules(both):
    """Rules of the configuration itself are no documents."""
    daemon, door = both
    arn_of_policy = ACCOUNT + "firewall-policy/tests"
    text = daemon.config_file.read_text()
    try:
        daemon.config_file.write_text(json.dumps(
            {name: value for name, value in daemon.config.items() if name != "policy"}))
        reload(daemon)
        told = good(door, "DescribeFirewall", FirewallArn=ARN)
        assert told["Firewall"]["FirewallPolicyArn"] == arn_of_policy
        assert told["FirewallStatus"]["SyncStates"][ZONE]["Config"] == {}
        assert good(door, "ListFirewallPolicies") == {"FirewallPolicies": []}
        assert good(door, "ListRuleGroups") == {"RuleGroups": []}
        answer = door.call("DescribeFirewallPolicy", {"FirewallPolicyArn": arn_of_policy}, READER)
        assert error_of(answer) == (400, "ResourceNotFoundException")
    finally:
        daemon.config_file.write_text(text)
        reload(daemon)


def test_reads_are_for_every_role(door):
    for key in KEYS.values():
        for action in READS:
            answer = door.call(action, {}, key)
            assert answer.status == 200 or error_of(answer) == (400, "InvalidRequestException")
