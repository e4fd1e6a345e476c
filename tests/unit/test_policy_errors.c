/* SPDX-License-Identifier: BSD-3-Clause */
/* Policy documents: every way in which files, policies and groups can be wrong, with the
 * message. */
#include "tests/unit/check.h"

#include <errno.h>

#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

#define RULE(priority, match, actions)                                                             \
	"{`Priority`: " priority ",\n`RuleDefinition`: {`MatchAttributes`: {" match                \
	"},\n`Actions`: [" actions "]}}"
#define STATELESS(rules)                                                                           \
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [\n" rules "]}}}"
#define MATCH(match) STATELESS(RULE("7", match, "`aws:pass`"))
#define IN_G " (group `g`)"
#define STATEFUL(action, header, options)                                                          \
	"{`RulesSource`: {`StatefulRules`: [\n{`Action`: `" action "`, " header                    \
	", `RuleOptions`: [" options "]}]}}"
#define STRING(text) "{`RulesSource`: {`RulesString`:\n`" text "`}}"
#define PASS_5 "pass ip any any -> any any (sid:5;)"

static const struct policy_fixture_error bad[] = {
	/* Files as JSON. Behind the line it is jansson that speaks. */
	{"", NULL, "p.json:1: the file is empty"},
	{"{`a`: \n1,}", NULL, "p.json:2: string or '}' expected near '}'"},
	{"{`a`: 1,\n`a`: 1}", NULL, "p.json:2: duplicate object key near '`a`'"},
	{"[]", NULL, "p.json:1: must be an object, not an array"},
	{STATELESS_POLICY, "\n[", "g.json:2: ']' expected near end of file"},
	{STATELESS_POLICY, "5",
		"p.json:1: StatelessRuleGroupReferences[0].ResourceArn: no file of a stateless "
		"rule group is given for " STATELESS_ARN("g")},
	/* The forms around the policy. */
	{"{`UpdateToken`: `1`, `FirewallPolicyResponse`: {}}", NULL,
		"p.json:1: FirewallPolicy: is required"},
	{"{`FirewallPolicy`: {},\n`Firewall`: 1}", NULL, "p.json:2: Firewall: unknown key"},
	{"{`FirewallPolicy`: {" DEFAULTS ",\n`Stateful`: 1}}", NULL,
		"p.json:2: FirewallPolicy.Stateful: unknown key"},
	{"{`Type`: `AWS::NetworkFirewall::RuleGroup`, `Properties`: {`FirewallPolicy`: {}}}", NULL,
		"p.json:1: Type: must be AWS::NetworkFirewall::FirewallPolicy, not "
		"`AWS::NetworkFirewall::RuleGroup`"},
	{"{`Properties`: {}}", NULL, "p.json:1: Type: is required"},
	{"{`Type`: `AWS::NetworkFirewall::FirewallPolicy`, `Properties`: {}}", NULL,
		"p.json:1: Properties.FirewallPolicy: is required"},
	/* The policy's members. */
	{"{`StatelessFragmentDefaultActions`: [`aws:drop`]}", NULL,
		"p.json:1: StatelessDefaultActions: is required"},
	{"{`StatelessDefaultActions`: [`aws:drop`]}", NULL,
		"p.json:1: StatelessFragmentDefaultActions: is required"},
	{"{`StatelessDefaultActions`: [], `StatelessFragmentDefaultActions`: [`aws:drop`]}", NULL,
		"p.json:1: StatelessDefaultActions: needs one of the standard actions aws:pass, "
		"aws:drop and aws:forward_to_sfe"},
	{"{`StatelessDefaultActions`: `aws:drop`}", NULL,
		"p.json:1: StatelessDefaultActions: must be an array, not a string"},
	{"{`StatelessDefaultActions`: [`aws:drop`,\n`aws:pass`]}", NULL,
		"p.json:2: StatelessDefaultActions[1]: a second standard action, beside aws:drop"},
	{"{`StatelessDefaultActions`: [`aws:drop`, `Count`]}", NULL,
		"p.json:1: StatelessDefaultActions[1]: `Count` is neither aws:pass, aws:drop, "
		"aws:forward_to_sfe nor a custom action defined here"},
	{"{`StatelessDefaultActions`: [1]}", NULL,
		"p.json:1: StatelessDefaultActions[0]: must be a string, not an integer"},
	{"{" DEFAULTS ", `StatelessCustomActions`: [{`ActionName`: `a-b`}]}", NULL,
		"p.json:1: StatelessCustomActions[0].ActionName: must be letters and digits, not "
		"`a-b`"},
	{"{" DEFAULTS ", `StatelessCustomActions`: [{`ActionName`: `a`, `ActionDefinition`: {}}]}",
		NULL,
		"p.json:1: StatelessCustomActions[0].ActionDefinition.PublishMetricAction: is "
		"required"},
	{"{" DEFAULTS ", `StatelessCustomActions`: [{`ActionName`: `a`, `ActionDefinition`: "
	 "{`PublishMetricAction`: {`Dimensions`: []}}}]}",
		NULL,
		"p.json:1: StatelessCustomActions[0].ActionDefinition.PublishMetricAction."
		"Dimensions: must have 1 elements, not 0"},
	{"{" DEFAULTS ", `StatelessCustomActions`: [{`ActionName`: `a`, `ActionDefinition`: "
	 "{`PublishMetricAction`: {`Dimensions`: [{`Value`: `a.b`}]}}}]}",
		NULL,
		"p.json:1: StatelessCustomActions[0].ActionDefinition.PublishMetricAction."
		"Dimensions[0].Value: must be letters, digits, blanks, - and _, not `a.b`"},
	{"{" DEFAULTS ", `StatefulEngineOptions`: {`RuleOrder`: `STRICT`}}", NULL,
		"p.json:1: StatefulEngineOptions.RuleOrder: must be `DEFAULT_ACTION_ORDER` or "
		"`STRICT_ORDER`, not `STRICT`"},
	{"{" DEFAULTS ", `StatefulEngineOptions`: {`StreamExceptionPolicy`: `PASS`}}", NULL,
		"p.json:1: StatefulEngineOptions.StreamExceptionPolicy: must be `DROP` or "
		"`CONTINUE` or `REJECT`, not `PASS`"},
	{"{" DEFAULTS ", `StatefulEngineOptions`: {`FlowTimeouts`: {`TcpIdleTimeoutSeconds`: 59}}}",
		NULL,
		"p.json:1: StatefulEngineOptions.FlowTimeouts.TcpIdleTimeoutSeconds: must be 60 to "
		"6000, not 59"},
	{"{" DEFAULTS
	 ", `StatefulEngineOptions`: {`FlowTimeouts`: {`TcpIdleTimeoutSeconds`: 6001}}}",
		NULL,
		"p.json:1: StatefulEngineOptions.FlowTimeouts.TcpIdleTimeoutSeconds: must be 60 to "
		"6000, not 6001"},
	{"{" DEFAULTS ", `StatefulDefaultActions`: [`aws:drop_strict`]}", NULL,
		"p.json:1: StatefulDefaultActions: is for the RuleOrder STRICT_ORDER alone"},
	{"{" DEFAULTS ", " STRICT
	 ", `StatefulDefaultActions`: [`aws:drop_strict`, `aws:drop_established`]}",
		NULL, "p.json:1: StatefulDefaultActions[1]: a second drop action"},
	{"{" DEFAULTS ", " STRICT
	 ", `StatefulDefaultActions`: [`aws:alert_strict`, `aws:alert_strict`]}",
		NULL, "p.json:1: StatefulDefaultActions[1]: aws:alert_strict is given twice"},
	{"{" DEFAULTS ", " STRICT ", `StatefulDefaultActions`: [`aws:drop_established_app_layer`]}",
		NULL,
		"p.json:1: StatefulDefaultActions[0]: `aws:drop_established_app_layer` is not "
		"supported: must be aws:drop_strict, aws:drop_established, aws:alert_strict or "
		"aws:alert_established"},
	{"{" DEFAULTS ",\n`TLSInspectionConfigurationArn`: `arn:aws:x`}", NULL,
		"p.json:2: TLSInspectionConfigurationArn: TLS inspection is not supported"},
	{"{" DEFAULTS ", `EnableTLSSessionHolding`: true}", NULL,
		"p.json:1: EnableTLSSessionHolding: TLS inspection is not supported"},
	{"{" DEFAULTS ", `PolicyVariables`: {`RuleVariables`: {`DNS`: {`Definition`: [`::`]}}}}",
		NULL,
		"p.json:1: PolicyVariables.RuleVariables.DNS: a policy can set HOME_NET alone"},
	{"{" DEFAULTS ", `PolicyVariables`: {`RuleVariables`: {`HOME_NET`: {`Definition`: "
	 "[\n`10.0.0.1/8`]}}}}",
		NULL,
		"p.json:2: PolicyVariables.RuleVariables.HOME_NET.Definition[0]: `10.0.0.1/8` has "
		"bits set behind its prefix length, the prefix is 10.0.0.0/8"},
	/* References to groups. */
	{"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: `g`, `Priority`: 1}]}",
		MATCH(""),
		"p.json:1: StatelessRuleGroupReferences[0].ResourceArn: must begin with arn:aws, "
		"not `g`"},
	{"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`, `a`: 1}}]}",
		MATCH(""),
		"p.json:1: StatelessRuleGroupReferences[0].ResourceArn: must be an ARN, {`Ref`: "
		"name} or {`Fn::GetAtt`: [name, `RuleGroupArn`]}"},
	{"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: {`Ref`: ``}}]}",
		MATCH(""),
		"p.json:1: StatelessRuleGroupReferences[0].ResourceArn: must be an ARN, {`Ref`: "
		"name} or {`Fn::GetAtt`: [name, `RuleGroupArn`]}"},
	{"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}}]}",
		MATCH(""), "p.json:1: StatelessRuleGroupReferences[0].Priority: is required"},
	{"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`Priority`: 0}]}", MATCH(""),
		"p.json:1: StatelessRuleGroupReferences[0].ResourceArn: is required"},
	{"{" DEFAULTS
	 ", `StatelessRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}, `Priority`: 65536}]}",
		MATCH(""),
		"p.json:1: StatelessRuleGroupReferences[0].Priority: must be 1 to 65535, not "
		"65536"},
	{"{" DEFAULTS
	 ", `StatelessRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}, `Priority`: 1},\n"
	 "{`ResourceArn`: {`Ref`: `g`}, `Priority`: 2}]}",
		MATCH(""),
		"p.json:2: StatelessRuleGroupReferences[1].ResourceArn: a second reference to the "
		"rule group g"},
	{"{" DEFAULTS ", " STRICT
	 ", `StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}}]}",
		STRING(""), "p.json:1: StatefulRuleGroupReferences[0].Priority: is required"},
	{"{" DEFAULTS ", `StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}, "
	 "`Override`: {`Action`: `DROP_TO_ALERT`}}]}",
		STRING(""),
		"p.json:1: StatefulRuleGroupReferences[0].Override: Override is not supported"},
	{"{" DEFAULTS ", `StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}, "
	 "`DeepThreatInspection`: true}]}",
		STRING(""),
		"p.json:1: StatefulRuleGroupReferences[0].DeepThreatInspection: "
		"DeepThreatInspection is not supported"},
	{STATEFUL_POLICY, MATCH(""),
		"p.json:1: StatefulRuleGroupReferences[0].ResourceArn: no file of a stateful rule "
		"group is given for " STATEFUL_ARN("g")},
	/* The forms around a group. */
	{STATELESS_POLICY, "{`RuleGroupResponse`: {}}", "g.json:1: RuleGroup: is required"},
	{STATELESS_POLICY, "{`RuleGroup`: {},\n`RuleGroupResponse`: {`Arn`: 1}}",
		"g.json:2: RuleGroupResponse.Arn: unknown key"},
	{STATELESS_POLICY, "{`RuleGroup`: {}, `RuleGroupName`: `a b`}",
		"g.json:1: RuleGroupName: must be letters, digits and -, not `a b`"},
	{STATELESS_POLICY, "{`RuleGroup`: {}, `Type`: `NONE`}",
		"g.json:1: Type: must be `STATELESS` or `STATEFUL` or `STATEFUL_DOMAIN`, not "
		"`NONE`"},
	{STATELESS_POLICY, "{`Type`: `STATEFUL`, `RuleGroup`:\n" MATCH("") "}",
		"g.json:2: RuleGroup: the Type is STATEFUL, but the rules are stateless" IN_G},
	{STATEFUL_POLICY, "{}", "g.json:1: RulesSource: is required" IN_G},
	{STATEFUL_POLICY, "{`RulesSource`: {}}",
		"g.json:1: RulesSource: must have one of RulesString, StatefulRules, "
		"RulesSourceList and StatelessRulesAndCustomActions, not 0" IN_G},
	{STATEFUL_POLICY, "{`RulesSource`: {`RulesString`: ``, `StatefulRules`: []}}",
		"g.json:1: RulesSource: must have one of RulesString, StatefulRules, "
		"RulesSourceList and StatelessRulesAndCustomActions, not 2" IN_G},
	{STATEFUL_POLICY, "{`RulesSource`: {`RulesSourceList`: {`Targets`: [`.example.com`]}}}",
		"g.json:1: RulesSource.RulesSourceList: RulesSourceList: domain lists are not "
		"supported" IN_G},
	{STATELESS_POLICY,
		"{`RuleVariables`: {},\n`RulesSource`: {`StatelessRulesAndCustomActions`: "
		"{`StatelessRules`: []}}}",
		"g.json:1: RuleVariables: is for stateful rule groups alone" IN_G},
	{STRICT_POLICY, STRING(""),
		"g.json:1: StatefulRuleOptions.RuleOrder: is DEFAULT_ACTION_ORDER, but the "
		"policy's is STRICT_ORDER" IN_G},
	{STATEFUL_POLICY,
		"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`},\n`RulesSource`: "
		"{`RulesString`: ``}}",
		"g.json:1: StatefulRuleOptions.RuleOrder: is STRICT_ORDER, but the policy's is "
		"DEFAULT_ACTION_ORDER" IN_G},
};

static void messages(void **state)
{
	(void)state;
	policy_fixture_check(bad, sizeof(bad) / sizeof(bad[0]));
}

static const struct {
	const char *prefixes;
	const char *message;
} bad_prefixes[] = {
	{"# nothing\n\n", "list.txt: holds no prefix (group `g`)"},
	{"10.0.0.0/8\n# two\n10.0.0.1/8\n",
		"list.txt:3: `10.0.0.1/8` has bits set behind its prefix length, the prefix is "
		"10.0.0.0/8 (group `g`)"},
	{"::/0\nexample.com # not an address\n",
		"list.txt:2: `example.com` is no address or CIDR (group `g`)"},
	{"10.0.0.0/8 11.0.0.0/8\n",
		"list.txt:1: `10.0.0.0/8 11.0.0.0/8` is no address or CIDR (group `g`)"},
};

static void prefix_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_prefixes) / sizeof(bad_prefixes[0]); i++) {
		const struct policy_fixture fixture = {
			.policy = STATEFUL_POLICY,
			.groups = {"{`ReferenceSets`: {`IPSetReferences`: {`L`: {`ReferenceArn`: "
				   "`arn:aws:ec2:eu-1:1:prefix-list/list`}}}, `RulesSource`: "
				   "{`RulesString`: ``}}"},
			.prefixes = bad_prefixes[i].prefixes,
		};
		policy_fixture_refused(&fixture, bad_prefixes[i].message);
	}
}

static void missing_file(void **state)
{
	const struct policy_files files = {.policy = "none.json"};
	char message[POLICY_MESSAGE_SIZE];
	struct policy_document *document;

	(void)state;
	assert_int_equal(
		policy_document_load(&files, false, &document, message, sizeof(message)), -ENOENT);
	assert_string_equal(message, "none.json: No such file or directory");
}

/* A name that two files have is refused, unless one of them has the ARN. */
static void ambiguous(void **state)
{
	static const char named[] = "{`RuleGroupName`: `g`, `RuleGroup`: {`RulesSource`: "
				    "{`RulesString`: `" PASS_5 "`}}}";
	static const char with_arn[] =
		"{`RuleGroupResponse`: {`RuleGroupName`: `g`, `RuleGroupArn`: `" STATEFUL_ARN(
			"g") "`}, `RuleGroup`: {`RulesSource`: {`RulesString`: `" PASS_5 "`}}}";
	struct policy_fixture fixture = {.policy = STATEFUL_POLICY, .groups = {named, named}};
	char message[POLICY_MESSAGE_SIZE];
	struct policy_document *document;

	(void)state;
	assert_int_equal(policy_fixture_try(&fixture, &document, message), -EINVAL);
	assert_string_equal(message,
		"p.json:1: StatefulRuleGroupReferences[0].ResourceArn: " STATEFUL_ARN(
			"g") " may mean g.json and h.json");
	fixture.groups[1] = with_arn;
	document = policy_fixture_load(&fixture);
	assert_int_equal(document->rules.stateful_count, 1);
	policy_document_destroy(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(prefix_lists),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(ambiguous),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
