/* SPDX-License-Identifier: BSD-3-Clause */
/* Variables and reference sets: whose they are, and which rules share an array. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

/* Rules of one reference set, in several groups, have its one array. */
static void shared(void **state)
{
	static const char group[] =
		"{`ReferenceSets`: {`IPSetReferences`: {`list`: {`ReferenceArn`: "
		"`arn:aws:ec2:eu-1:1:prefix-list/list`}}}, `RulesSource`: {`RulesString`: "
		"`drop tcp @list any -> any any (sid:1;)\\n"
		"drop tcp any any -> @list any (sid:2;)\\n"
		"drop tcp !@list any -> any any (sid:3;)\\ndrop udp !@list any -> any any (sid:4;)`}}";
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: "
			  "`g`}}, {`ResourceArn`: {`Ref`: `h`}}]}",
		.groups = {group, group},
		.prefixes = "10.0.0.0/8\n",
	};
	struct policy_document *document = policy_fixture_load(&fixture);
	const struct stateful_rule *rules = document->rules.stateful;

	(void)state;
	assert_int_equal(document->rules.stateful_count, 8);
	assert_ptr_equal(rules[0].match.sources, rules[1].match.destinations);
	assert_ptr_equal(rules[0].match.sources, rules[4].match.sources);
	assert_ptr_equal(rules[2].match.sources, rules[3].match.sources);
	policy_document_destroy(document);
}

/* The policy's HOME_NET, and what groups make of it. */
static void home_net(void **state)
{
	static const char group[] =
		"{`RulesSource`: {`RulesString`: `drop ip $HOME_NET any -> $EXTERNAL_NET any "
		"(sid:1;)`}}";
	static const char own[] =
		"{`RuleVariables`: {`IPSets`: {`HOME_NET`: {`Definition`: [`192.0.2.0/24`]}}}, "
		"`RulesSource`: {`RulesString`: `drop ip $HOME_NET any -> $EXTERNAL_NET any "
		"(sid:1;)`}}";
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `PolicyVariables`: {`RuleVariables`: {`HOME_NET`: "
			  "{`Definition`: [`198.51.100.0/24`]}}}, `StatefulRuleGroupReferences`: "
			  "[{`ResourceArn`: {`Ref`: `g`}}, {`ResourceArn`: {`Ref`: `h`}}]}",
		.groups = {group, own},
	};
	static const uint8_t policy_net[16] = {198, 51, 100}, own_net[16] = {192, 0, 2};
	struct policy_document *document = policy_fixture_load(&fixture);
	const struct stateful_rule *rules = document->rules.stateful;

	(void)state;
	assert_memory_equal(rules[0].match.sources[0].prefix.address, policy_net, 16);
	assert_memory_equal(rules[1].match.sources[0].prefix.address, own_net, 16);
	/* EXTERNAL_NET stays that of the policy. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rules[i].match.destination_count, 1);
		assert_memory_equal(rules[i].match.destinations[0].prefix.address, policy_net, 16);
		assert_true(rules[i].match.destinations[0].negated);
	}
	policy_document_destroy(document);
}

/* Variables of variables grow exponentially; there is an end to it. */
static void explosion(void **state)
{
	char group[4096] = "{`RuleVariables`: {`IPSets`: {`V0`: {`Definition`: [`10.0.0.0/8`]}";
	const struct policy_fixture fixture = {.policy = STATEFUL_POLICY, .groups = {group}};
	size_t used = strlen(group);

	(void)state;
	for (int i = 1; i < 40; i++)
		used += (size_t)snprintf(group + used, sizeof(group) - used,
			", `V%d`: {`Definition`: [`[$V%d,$V%d]`]}", i, i - 1, i - 1);
	snprintf(group + used, sizeof(group) - used, "}}, `RulesSource`: {`RulesString`: ``}}");
	policy_fixture_refused(&fixture,
		"g.json:1: RuleVariables.IPSets.V22.Definition[0]: more than 4000000 elements "
		"(group `g`)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared),
		cmocka_unit_test(home_net),
		cmocka_unit_test(explosion),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
