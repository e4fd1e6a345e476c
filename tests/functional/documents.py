# SPDX-License-Identifier: BSD-3-Clause
"""Policy documents: a stateless group `edge` and a stateful group `egress`, and the policy of both."""
import json

ARN = "arn:aws:network-firewall:eu-test-1:123456789012"
BLOCKLIST = f"{ARN}:prefix-list/blocklist"


def stateless(priority, *actions, **attributes):
    return {"Priority": priority, "RuleDefinition": {"Actions": list(actions), "MatchAttributes": attributes}}


class Documents:
    """The files in a folder, and the key `policy` that names them."""

    def __init__(self, folder):
        self.folder = folder
        self.policy, self.edge, self.egress = (folder / f"{name}.json" for name in ("policy", "edge", "egress"))
        self.blocklist = folder / "blocklist.txt"

    def write(self, *rules, edge=(), idle=350, blocked=("192.0.2.0/24",)):
        """Stateful rules as Suricata's lines, stateless ones by stateless(); returns the key's value."""
        groups = [{"ResourceArn": f"{ARN}:{kind}-rulegroup/{name}", "Priority": 1}
                  for kind, name in (("stateless", "edge"), ("stateful", "egress"))]
        del groups[1]["Priority"]
        self.policy.write_text(json.dumps({"FirewallPolicy": {
            "StatelessDefaultActions": ["aws:forward_to_sfe"],
            "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
            "StatelessRuleGroupReferences": groups[:1], "StatefulRuleGroupReferences": groups[1:],
            "StatefulEngineOptions": {"FlowTimeouts": {"TcpIdleTimeoutSeconds": idle}}}}, indent=1))
        self.edge.write_text(json.dumps({"RulesSource": {"StatelessRulesAndCustomActions": {
            "StatelessRules": list(edge)}}}, indent=1))
        self.egress.write_text(json.dumps({
            "ReferenceSets": {"IPSetReferences": {"BLOCKED": {"ReferenceArn": BLOCKLIST}}},
            "RulesSource": {"RulesString": "\n".join(rules)}}, indent=1))
        self.blocklist.write_text("\n".join(blocked) + "\n")
        return {"file": str(self.policy), "rule_groups": [str(self.edge), str(self.egress)],
                "prefix_lists": {"blocklist": str(self.blocklist)}}
