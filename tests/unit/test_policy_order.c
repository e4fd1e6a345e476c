/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of rules: priorities of groups and rules, STRICT_ORDER and DEFAULT_ACTION_ORDER. */
#include "tests/unit/check.h"

#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

#define RULE(action, sid, more) action " ip any any -> any any (sid:" sid ";" more ")\\n"
#define STRING(text) "{`RulesSource`: {`RulesString`: `" text "`}}"
#define STRICT_STRING(text)                                                                            \
	"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, `RulesSource`: {`RulesString`: `" text \
	"`}}"

static void check_sids(const struct policy_document *document, const uint32_t *sids, uint32_t count)
{
	assert_int_equal(document->rules.stateful_count, count);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(document->stateful[i].id, sids[i]);
}

/* By the groups' priorities, then as they stand in the group, whatever the actions. */
static void strict(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", " STRICT ", `StatefulRuleGroupReferences`: ["
			  "{`ResourceArn`: {`Ref`: `g`}, `Priority`: 300}, "
			  "{`ResourceArn`: {`Ref`: `h`}, `Priority`: 65535}, "
			  "{`ResourceArn`: {`Ref`: `i`}, `Priority`: 2}]}",
		.groups = {STRICT_STRING(RULE("alert", "3", "") RULE("pass", "4", "")),
			STRICT_STRING(RULE("pass", "5", "") RULE("drop", "6", "")),
			STRICT_STRING(RULE("reject", "2", "") RULE("drop", "1", ""))},
	};
	static const uint32_t sids[] = {2, 1, 3, 4, 5, 6};
	struct policy_document *document = policy_fixture_load(&fixture);

	(void)state;
	check_sids(document, sids, 6);
	assert_string_equal(document->stateful[0].group, "i");
	assert_string_equal(document->stateful[5].group, "h");
	assert_int_equal(document->rules.stateful[0].action, STATEFUL_REJECT);
	assert_int_equal(document->rules.stateful[2].action, STATEFUL_ALERT);
	policy_document_destroy(document);
}

/* Pass, drop, reject, alert; by the keyword priority, 3 without; then as they stand. */
static void by_action(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `StatefulRuleGroupReferences`: ["
			  "{`ResourceArn`: {`Ref`: `h`}}, {`ResourceArn`: {`Ref`: `g`}}]}",
		.groups = {STRING(RULE("pass", "11", "priority:1;") RULE("drop", "12", "") RULE(
				   "alert", "13", "priority:255;") RULE("reject", "14", "")),
			STRING(RULE("alert", "21", "") RULE("reject", "22", "priority:4;") RULE(
				"drop", "23", "priority:3;") RULE("drop", "24", "priority:2;")
					RULE("pass", "25", "") RULE("pass", "26", ""))},
	};
	/* Group h comes first. */
	static const uint32_t sids[] = {11, 25, 26, 24, 23, 12, 14, 22, 21, 13};
	static const uint8_t actions[] = {STATEFUL_PASS, STATEFUL_PASS, STATEFUL_PASS,
		STATEFUL_DROP, STATEFUL_DROP, STATEFUL_DROP, STATEFUL_REJECT, STATEFUL_REJECT,
		STATEFUL_ALERT, STATEFUL_ALERT};
	struct policy_document *document = policy_fixture_load(&fixture);

	(void)state;
	check_sids(document, sids, 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(document->rules.stateful[i].action, actions[i]);
	policy_document_destroy(document);
}

#define STATELESS_RULE(priority)                                                                   \
	"{`Priority`: " priority                                                                   \
	", `RuleDefinition`: {`MatchAttributes`: {}, `Actions`: [`aws:pass`]}}"
#define STATELESS(rules)                                                                           \
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [" rules "]}}}"

/* By the groups' priorities, then by the rules'; these may be equal in different groups. */
static void stateless(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `StatelessRuleGroupReferences`: ["
			  "{`ResourceArn`: {`Ref`: `g`}, `Priority`: 20}, "
			  "{`ResourceArn`: {`Ref`: `h`}, `Priority`: 10}]}",
		.groups = {STATELESS(STATELESS_RULE("65535") ", " STATELESS_RULE("1")),
			STATELESS(STATELESS_RULE("9") ", " STATELESS_RULE("10") ", " STATELESS_RULE(
				"1"))},
	};
	static const uint32_t priorities[] = {1, 9, 10, 1, 65535};
	struct policy_document *document = policy_fixture_load(&fixture);

	(void)state;
	assert_int_equal(document->rules.stateless_count, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(document->stateless[i].id, priorities[i]);
		assert_string_equal(document->stateless[i].group, i < 3 ? "h" : "g");
	}
	policy_document_destroy(document);
}

/* Priorities of references are unique. */
static void equal_priorities(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `StatelessRuleGroupReferences`: ["
			  "{`ResourceArn`: {`Ref`: `g`}, `Priority`: 20},\n"
			  "{`ResourceArn`: {`Ref`: `h`}, `Priority`: 20}]}",
		.groups = {STATELESS(""), STATELESS("")},
	};
	char message[POLICY_MESSAGE_SIZE];
	struct policy_document *document;

	(void)state;
	assert_int_not_equal(policy_fixture_try(&fixture, &document, message), 0);
	assert_string_equal(message,
		"p.json:2: StatelessRuleGroupReferences[1].Priority: 20 is the priority of an "
		"earlier reference too");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict),
		cmocka_unit_test(by_action),
		cmocka_unit_test(stateless),
		cmocka_unit_test(equal_priorities),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
