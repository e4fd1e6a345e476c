/* SPDX-License-Identifier: BSD-3-Clause */
/* Policy documents: every form that they come in, and the exact rules that come of them. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

#define GROUP_S                                                                                    \
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`CustomActions`: [{`ActionName`: "    \
	"`Count1`, `ActionDefinition`: {`PublishMetricAction`: {`Dimensions`: [{`Value`: "         \
	"`edge drops`}]}}}], `StatelessRules`: ["                                                  \
	"{`Priority`: 20, `RuleDefinition`: {`MatchAttributes`: {}, `Actions`: [`aws:pass`]}}, "   \
	"{`Priority`: 10, `RuleDefinition`: {`MatchAttributes`: {"                                 \
	"`Sources`: [{`AddressDefinition`: `10.0.0.0/8`}, {`AddressDefinition`: `2001:db8::/32`}]" \
	", `Destinations`: [{`AddressDefinition`: `192.0.2.1`}], "                                 \
	"`SourcePorts`: [{`FromPort`: 0, `ToPort`: 65535}], "                                      \
	"`DestinationPorts`: [{`FromPort`: 22, `ToPort`: 23}], `Protocols`: [6], "                 \
	"`TCPFlags`: [{`Flags`: [`SYN`], `Masks`: [`SYN`, `ACK`]}, {`Flags`: [`RST`, `CWR`]}]}, "  \
	"`Actions`: [`Count1`, `aws:drop`]}}]}}}"

#define POLICY_S                                                                                   \
	"{`StatelessCustomActions`: [{`ActionName`: `Rest`, `ActionDefinition`: "                  \
	"{`PublishMetricAction`: {`Dimensions`: [{`Value`: `rest`}]}}}], "                         \
	"`StatelessDefaultActions`: [`aws:pass`, `Rest`], "                                        \
	"`StatelessFragmentDefaultActions`: [`aws:drop`], `StatelessRuleGroupReferences`: "        \
	"[{`ResourceArn`: `" STATELESS_ARN("edge") "`, `Priority`: 1}]}"

static void check_stateless(const struct policy_document *document, const char *group)
{
	static const uint8_t v4[16] = {10}, v6[16] = {0x20, 0x01, 0x0d, 0xb8},
			     host[16] = {192, 0, 2, 1};
	const struct stateless_rule *rule = document->rules.stateless;

	assert_int_equal(document->rules.stateless_count, 3);
	assert_int_equal(document->rules.stateful_count, 0);
	/* Priority 10, SYN of SYN and ACK. */
	assert_int_equal(rule->match.source_count, 2);
	assert_memory_equal(rule->match.sources[0].prefix.address, v4, 16);
	assert_int_equal(rule->match.sources[0].prefix.version, 4);
	assert_int_equal(rule->match.sources[0].prefix.depth, 8);
	assert_false(rule->match.sources[0].negated);
	assert_memory_equal(rule->match.sources[1].prefix.address, v6, 16);
	assert_int_equal(rule->match.sources[1].prefix.version, 6);
	assert_int_equal(rule->match.sources[1].prefix.depth, 32);
	assert_int_equal(rule->match.destination_count, 1);
	assert_memory_equal(rule->match.destinations[0].prefix.address, host, 16);
	assert_int_equal(rule->match.destinations[0].prefix.depth, 32);
	assert_int_equal(rule->match.source_port_count, 0);
	assert_int_equal(rule->match.destination_port_count, 1);
	assert_int_equal(rule->match.destination_ports[0].low, 22);
	assert_int_equal(rule->match.destination_ports[0].high, 23);
	assert_int_equal(rule->match.protocol_count, 1);
	assert_int_equal(rule->match.protocols[0], 6);
	assert_int_equal(rule->match.flags, 0x02);
	assert_int_equal(rule->match.flag_mask, 0x12);
	assert_int_equal(rule->verdict.action, STATELESS_DROP);
	assert_int_equal(rule->verdict.metric, 1);
	/* The same, exactly RST and CWR. */
	rule++;
	assert_int_equal(rule->match.destination_ports[0].low, 22);
	assert_int_equal(rule->match.flags, 0x84);
	assert_int_equal(rule->match.flag_mask, 0xff);
	assert_int_equal(rule->verdict.metric, 1);
	/* Priority 20: anything. */
	rule++;
	assert_int_equal(rule->match.source_count, 0);
	assert_int_equal(rule->match.destination_count, 0);
	assert_int_equal(rule->match.destination_port_count, 0);
	assert_int_equal(rule->match.protocol_count, 0);
	assert_int_equal(rule->match.flag_mask, 0);
	assert_int_equal(rule->verdict.action, STATELESS_PASS);
	assert_int_equal(rule->verdict.metric, METRIC_NONE);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(document->stateless[i].group, group);
		assert_int_equal(document->stateless[i].id, i < 2 ? 10 : 20);
		assert_string_equal(
			document->stateless[i].action, i < 2 ? "aws:drop, Count1" : "aws:pass");
	}
	assert_int_equal(document->rules.metric_count, 2);
	assert_null(document->metrics[0].group);
	assert_string_equal(document->metrics[0].action, "Rest");
	assert_string_equal(document->metrics[0].dimension, "rest");
	assert_string_equal(document->metrics[1].group, group);
	assert_string_equal(document->metrics[1].action, "Count1");
	assert_string_equal(document->metrics[1].dimension, "edge drops");
	assert_int_equal(document->rules.stateless_default.action, STATELESS_PASS);
	assert_int_equal(document->rules.stateless_default.metric, 0);
	assert_int_equal(document->rules.stateless_fragment_default.action, STATELESS_DROP);
	assert_int_equal(document->rules.stateless_fragment_default.metric, METRIC_NONE);
	assert_int_equal(document->rules.stateful_default, 0);
	assert_int_equal(document->rules.stream_exception, STREAM_DROP);
	assert_int_equal(document->tcp_idle_timeout, 350);
	assert_int_equal(document->left_out_count, 0);
}

/* Each form of the policy with each form of the group. */
static void forms(void **state)
{
	static const char *const policies[] = {
		POLICY_S,
		"{`UpdateToken`: `12345678-1234-1234-1234-123456789012`, "
		"`FirewallPolicyResponse`: {`FirewallPolicyName`: `p`, `LastModifiedTime`: "
		"1700000000.5, `Tags`: []}, `FirewallPolicy`: " POLICY_S "}",
		"{`Type`: `AWS::NetworkFirewall::FirewallPolicy`, `DependsOn`: [`edge`], "
		"`Properties`: {`FirewallPolicyName`: `p`, `FirewallPolicy`: " POLICY_S "}}",
	};
	static const char *const groups[] = {
		"{`UpdateToken`: `t`, `RuleGroupResponse`: {`RuleGroupArn`: `" STATELESS_ARN(
			"edge") "`, `RuleGroupName`: `edge`, `RuleGroupId`: `i`, `Type`: `STATELESS`, `Capacity`: "
				"100, `ConsumedCapacity`: 3, `RuleGroupStatus`: `ACTIVE`, `NumberOfAssociations`: "
				"1, `EncryptionConfiguration`: {}, `LastModifiedTime`: `2024-01-01T00:00:00Z`}, "
				"`RuleGroup`: " GROUP_S "}",
		"{`Type`: `AWS::NetworkFirewall::RuleGroup`, `Properties`: {`RuleGroupName`: "
		"`edge`, `Type`: `STATELESS`, `Capacity`: 100, `RuleGroup`: " GROUP_S "}}",
		"{`RuleGroupName`: `edge`, `Type`: `STATELESS`, `Capacity`: 100, `RuleGroup`: " GROUP_S
		"}",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			const struct policy_fixture fixture = {
				.policy = policies[i], .groups = {groups[j]}};
			struct policy_document *document = policy_fixture_load(&fixture);

			check_stateless(document, "edge");
			policy_document_destroy(document);
		}
	}
}

/* A bare group has its file's name; a CloudFormation policy refers to it by that. */
static void names(void **state)
{
	static const char *const references[] = {"`" STATELESS_ARN("g") "`", "{`Ref`: `g`}",
		"{`Fn::GetAtt`: [`g`, `RuleGroupArn`]}"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char policy[1024];
		const struct policy_fixture fixture = {.policy = policy, .groups = {GROUP_S}};
		struct policy_document *document;

		snprintf(policy, sizeof(policy),
			"{`StatelessCustomActions`: [{`ActionName`: `Rest`, `ActionDefinition`: "
			"{`PublishMetricAction`: {`Dimensions`: [{`Value`: `rest`}]}}}], "
			"`StatelessDefaultActions`: [`aws:pass`, `Rest`], "
			"`StatelessFragmentDefaultActions`: [`aws:drop`], "
			"`StatelessRuleGroupReferences`: [{`ResourceArn`: %s, `Priority`: 1}]}",
			references[i]);
		document = policy_fixture_load(&fixture);
		check_stateless(document, "g");
		policy_document_destroy(document);
	}
}

/* One rule in both forms of stateful rules, with everything it can have. */
static void stateful(void **state)
{
	static const char *const sources[] = {
		"`StatefulRules`: [{`Action`: `REJECT`, `Header`: {`Protocol`: `TCP`, `Source`: "
		"`$HOME_NET`, `SourcePort`: `1024:`, `Direction`: `ANY`, `Destination`: "
		"`[198.51.100.0/24,!198.51.100.1]`, `DestinationPort`: `$WEB`}, `RuleOptions`: ["
		"{`Keyword`: `msg`, `Settings`: [`\\`a: \\\\\\`b\\\\\\`\\`` ]}, "
		"{`Keyword`: `sid`, `Settings`: [`4294967295`]}, {`Keyword`: `rev:3`}, "
		"{`Keyword`: `flow`, `Settings`: [`to_server`, `established`]}]}]",
		"`RulesString`: `# a comment\\n\\n  reject tcp $HOME_NET 1024: <> "
		"[198.51.100.0/24, !198.51.100.1] $WEB \\\\\\r\\n (msg:\\`a: \\\\\\`b\\\\\\`\\`; "
		"sid:4294967295; rev:3; gid:1; classtype:misc-activity; reference:url,a; "
		"reference:url,b; metadata:a b, c d; flow: from_client , established;)\\r\\n`",
	};
	static const uint8_t home[16] = {172, 16}, net[16] = {198, 51, 100},
			     host[16] = {198, 51, 100, 1};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char group[2048];
		const struct policy_fixture fixture = {
			.policy = STATEFUL_POLICY, .groups = {group}};
		struct policy_document *document;
		const struct stateful_rule *rule;

		snprintf(group, sizeof(group),
			"{`RuleVariables`: {`PortSets`: {`WEB`: {`Definition`: [`80`, `!81`, "
			"`8000:8080`]}}}, `RulesSource`: {%s}}",
			sources[i]);
		document = policy_fixture_load(&fixture);
		rule = document->rules.stateful;
		assert_int_equal(document->rules.stateful_count, 1);
		assert_int_equal(rule->action, STATEFUL_REJECT);
		assert_int_equal(rule->flow, RULE_TO_SERVER | RULE_ESTABLISHED);
		assert_true(rule->both);
		assert_int_equal(rule->match.protocol_count, 1);
		assert_int_equal(rule->match.protocols[0], 6);
		/* The default HOME_NET. */
		assert_int_equal(rule->match.source_count, 3);
		assert_memory_equal(rule->match.sources[2].prefix.address, home, 16);
		assert_int_equal(rule->match.sources[2].prefix.depth, 12);
		assert_int_equal(rule->match.source_port_count, 1);
		assert_int_equal(rule->match.source_ports[0].low, 1024);
		assert_int_equal(rule->match.source_ports[0].high, 65535);
		assert_int_equal(rule->match.destination_count, 2);
		assert_memory_equal(rule->match.destinations[0].prefix.address, net, 16);
		assert_false(rule->match.destinations[0].negated);
		assert_memory_equal(rule->match.destinations[1].prefix.address, host, 16);
		assert_true(rule->match.destinations[1].negated);
		assert_int_equal(rule->match.destination_port_count, 3);
		assert_int_equal(rule->match.destination_ports[1].low, 81);
		assert_true(rule->match.destination_ports[1].negated);
		assert_int_equal(rule->match.destination_ports[2].high, 8080);
		assert_string_equal(document->stateful[0].group, "g");
		assert_int_equal(document->stateful[0].id, 4294967295);
		assert_int_equal(document->stateful[0].rev, 3);
		assert_string_equal(document->stateful[0].msg, "a: \"b\"");
		assert_string_equal(document->stateful[0].action, "reject");
		policy_document_destroy(document);
	}
}

/* Protocols, flow words and directions. */
static void header_words(void **state)
{
	static const struct {
		const char *rule;
		uint32_t protocol_count;
		uint8_t protocols[2];
		uint8_t flow;
	} cases[] = {
		{"pass ip any any -> any any (sid:1;)", 0, {0}, 0},
		{"pass tcp any any -> any any (sid:1; flow:to_server;)", 1, {6}, RULE_TO_SERVER},
		{"pass udp any any -> any any (sid:1; flow:to_client;)", 1, {17}, RULE_TO_CLIENT},
		{"pass icmp any any -> any any (sid:1; flow:from_server;)", 2, {1, 58},
			RULE_TO_CLIENT},
		{"pass ip any any -> any any (sid:1; flow:from_client,not_established;)", 0, {0},
			RULE_TO_SERVER | RULE_NOT_ESTABLISHED},
		{"pass ip any any -> any any (sid:1; flow:stateless;)", 0, {0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char group[512];
		const struct policy_fixture fixture = {
			.policy = STATEFUL_POLICY, .groups = {group}};
		struct policy_document *document;
		const struct stateful_rule *rule;

		snprintf(group, sizeof(group), "{`RulesSource`: {`RulesString`: `%s`}}",
			cases[i].rule);
		document = policy_fixture_load(&fixture);
		rule = document->rules.stateful;
		assert_int_equal(rule->flow, cases[i].flow);
		assert_false(rule->both);
		assert_int_equal(rule->match.protocol_count, cases[i].protocol_count);
		for (uint32_t j = 0; j < cases[i].protocol_count; j++)
			assert_int_equal(rule->match.protocols[j], cases[i].protocols[j]);
		policy_document_destroy(document);
	}
}

/* Members of the engine, and each default action. */
static void engine(void **state)
{
	static const struct {
		const char *actions;
		uint8_t bits;
	} cases[] = {
		{"", 0},
		{"`aws:drop_strict`", DEFAULT_DROP_STRICT},
		{"`aws:drop_established`, `aws:alert_established`",
			DEFAULT_DROP_ESTABLISHED | DEFAULT_ALERT_ESTABLISHED},
		{"`aws:alert_strict`, `aws:alert_established`, `aws:drop_strict`",
			DEFAULT_ALERT_STRICT | DEFAULT_ALERT_ESTABLISHED | DEFAULT_DROP_STRICT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char policy[1024];
		const struct policy_fixture fixture = {.policy = policy};
		struct policy_document *document;

		snprintf(policy, sizeof(policy),
			"{" DEFAULTS ", `StatefulDefaultActions`: [%s], `StatefulEngineOptions`: "
			"{`RuleOrder`: `STRICT_ORDER`, `StreamExceptionPolicy`: `REJECT`, "
			"`FlowTimeouts`: {`TcpIdleTimeoutSeconds`: 6000}}, "
			"`EnableTLSSessionHolding`: false}",
			cases[i].actions);
		document = policy_fixture_load(&fixture);
		assert_int_equal(document->rules.stateful_default, cases[i].bits);
		assert_int_equal(document->rules.stream_exception, STREAM_REJECT);
		assert_int_equal(document->tcp_idle_timeout, 6000);
		policy_document_destroy(document);
	}
}

/* With skip, what is not supported is listed and the rest is there. */
static void left_out(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `TLSInspectionConfigurationArn`: `arn:aws:x`, "
			  "`StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: `g`}}, "
			  "{`ResourceArn`: {`Ref`: `h`}}]}",
		.groups = {"{`RulesSource`: {`RulesString`: `"
			   "drop http any any -> any any (sid:1;)\\n"
			   "drop tcp any any -> any any (sid:2;)\\n"
			   "drop tcp any any -> any any (content:\\`a\\\\;b\\`; nocase; sid:3;)`}}",
			"{`RulesSource`: {`RulesSourceList`: {`Targets`: []}}}"},
		.skip = true,
	};
	struct policy_document *document = policy_fixture_load(&fixture);
	static const struct policy_left_out expected[] = {
		{NULL, 0, "TLS inspection is not supported"},
		{"g", 1, "protocol \"http\" is not supported"},
		{"g", 3, "keyword \"content\" is not supported"},
		{"h", 0, "RulesSourceList: domain lists are not supported"},
	};

	(void)state;
	assert_int_equal(document->rules.stateful_count, 1);
	assert_int_equal(document->stateful[0].id, 2);
	assert_int_equal(document->left_out_count, 4);
	for (int i = 0; i < 4; i++) {
		if (expected[i].group)
			assert_string_equal(document->left_out[i].group, expected[i].group);
		else
			assert_null(document->left_out[i].group);
		assert_int_equal(document->left_out[i].sid, expected[i].sid);
		assert_string_equal(document->left_out[i].reason, expected[i].reason);
	}
	policy_document_destroy(document);
}

/* Ports without protocols are those of TCP and UDP; all ports are none. */
static void stateless_ports(void **state)
{
	static const char group[] =
		"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: ["
		"{`Priority`: 1, `RuleDefinition`: {`MatchAttributes`: {`SourcePorts`: "
		"[{`FromPort`: 53, `ToPort`: 53}]}, `Actions`: [`aws:forward_to_sfe`]}}, "
		"{`Priority`: 2, `RuleDefinition`: {`MatchAttributes`: {`SourcePorts`: "
		"[{`FromPort`: 0, `ToPort`: 65535}], `Protocols`: [1], `Sources`: "
		"[{`AddressDefinition`: `0.0.0.0/0`}, {`AddressDefinition`: `::/0`}]}, `Actions`: "
		"[`aws:forward_to_sfe`]}}]}}}";
	const struct policy_fixture fixture = {.policy = STATELESS_POLICY, .groups = {group}};
	struct policy_document *document = policy_fixture_load(&fixture);
	const struct match *match = &document->rules.stateless[0].match;

	(void)state;
	assert_int_equal(document->rules.stateless[0].verdict.action, STATELESS_FORWARD);
	assert_int_equal(match->protocol_count, 2);
	assert_int_equal(match->protocols[0], 6);
	assert_int_equal(match->protocols[1], 17);
	match = &document->rules.stateless[1].match;
	assert_int_equal(match->source_port_count, 0);
	assert_int_equal(match->source_count, 0);
	assert_int_equal(match->protocol_count, 1);
	policy_document_destroy(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(names),
		cmocka_unit_test(stateful),
		cmocka_unit_test(header_words),
		cmocka_unit_test(engine),
		cmocka_unit_test(left_out),
		cmocka_unit_test(stateless_ports),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
