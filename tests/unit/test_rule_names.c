/* SPDX-License-Identifier: BSD-3-Clause */
/* What rules are called, of both forms and kinds, also when their document is gone. */
#include "control/rule_names.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

/* One rule a kind: what it is called in words and as members of a Flow. */
static const struct {
	struct policy_rule rule;
	enum rule_kind kind;
	const char *text;
	const char *json;
} named[] = {
	{{.msg = "web \"in\""}, RULE_STATEFUL, "web \"in\"", "\"Rule\":\"web \\\"in\\\"\""},
	{{.group = "egress", .id = 4294967295, .rev = 3, .msg = "not told"}, RULE_STATEFUL,
		"sid 4294967295 egress", "\"RuleSid\":4294967295,\"RuleGroup\":\"egress\""},
	{{.group = "edge", .id = 1}, RULE_STATELESS, "priority 1 edge",
		"\"RulePriority\":1,\"RuleGroup\":\"edge\""},
};

static struct rule_names *names_of(const struct policy_rule *stateless, uint32_t stateless_count,
	const struct policy_rule *stateful, uint32_t stateful_count)
{
	const struct policy_document document = {
		.rules.stateless_count = stateless_count,
		.rules.stateful_count = stateful_count,
		.stateless = stateless,
		.stateful = stateful,
	};
	struct rule_names *names;

	assert_int_equal(rule_names_create(&document, &names), 0);
	return names;
}

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		enum rule_kind kind = named[i].kind;
		uint32_t stateless = kind == RULE_STATELESS ? 1 : 0;
		struct rule_names *names =
			names_of(&named[i].rule, stateless, &named[i].rule, 1 - stateless);
		const struct rule_name *name = rule_names_find(names, kind, 0);
		char text[RULE_NAMES_TEXT_SIZE];
		char *json;

		assert_non_null(name);
		rule_names_text(name, kind, text);
		assert_string_equal(text, named[i].text);
		json = rule_names_json(name, kind);
		assert_non_null(json);
		assert_string_equal(json, named[i].json);
		free(json);
		rule_names_unref(names);
	}
}

/* Each kind has its own indices; past the end there is nothing. */
static void test_kinds(void **state)
{
	char groups[3][8] = {"edge", "web", "mail"};
	const struct policy_rule stateless[] = {{.group = groups[0], .id = 5}};
	const struct policy_rule stateful[] = {{.group = groups[1], .id = 7},
		{.group = groups[2], .id = 7}, {.group = groups[2], .id = 9},
		{.group = groups[1], .id = 8}};
	struct rule_names *names = names_of(stateless, 1, stateful, 4);
	static const struct {
		uint32_t id;
		const char *group;
	} expected[] = {{7, "web"}, {7, "mail"}, {9, "mail"}, {8, "web"}};

	(void)state;
	memset(groups, 'x', sizeof(groups)); /* the document goes before its names */
	assert_int_equal(rule_names_find(names, RULE_STATELESS, 0)->id, 5);
	assert_string_equal(rule_names_find(names, RULE_STATELESS, 0)->group, "edge");
	assert_null(rule_names_find(names, RULE_STATELESS, 1));
	for (uint32_t i = 0; i < 4; i++) {
		const struct rule_name *name = rule_names_find(names, RULE_STATEFUL, i);

		assert_int_equal(name->id, expected[i].id);
		assert_string_equal(name->group, expected[i].group);
		assert_null(name->name);
	}
	assert_null(rule_names_find(names, RULE_STATEFUL, 4));
	assert_null(rule_names_find(names, RULE_STATEFUL, RULE_NONE));
	assert_null(rule_names_find(names, RULE_STATELESS, RULE_NONE));
	rule_names_unref(names);
}

/* What an event tells of its rule. */
static void test_events(void **state)
{
	char msgs[2][8] = {"telnet", "ssh"};
	const struct policy_rule rules[] = {
		{.group = "in", .id = 7, .rev = 3, .priority = 1, .msg = msgs[0]},
		{.group = "in", .id = 8, .priority = 3},
		{.group = "in", .id = 9, .rev = 1, .priority = 255, .msg = msgs[1]},
	};
	const struct policy_document document = {
		.rules = {.stateful_count = 3, .stateful_default = DEFAULT_ALERT_ESTABLISHED},
		.stateful = rules,
	};
	const struct rule_name *name;
	struct rule_names *names;

	(void)state;
	assert_int_equal(rule_names_create(&document, &names), 0);
	memset(msgs, 'x', sizeof(msgs));
	assert_int_equal(names->stateful_default, DEFAULT_ALERT_ESTABLISHED);
	name = rule_names_find(names, RULE_STATEFUL, 0);
	assert_string_equal(name->msg, "telnet");
	assert_string_equal(name->group, "in");
	assert_int_equal(name->rev, 3);
	assert_int_equal(name->priority, 1);
	name = rule_names_find(names, RULE_STATEFUL, 1);
	assert_null(name->msg);
	assert_int_equal(name->rev, 0);
	name = rule_names_find(names, RULE_STATEFUL, 2);
	assert_string_equal(name->msg, "ssh");
	assert_string_equal(name->group, "in");
	assert_int_equal(name->priority, 255);
	rule_names_unref(names);
}

/* Rules of one group share its name. */
static void test_memory(void **state)
{
	enum { RULES = 1000 };
	struct policy_rule *rules = calloc(RULES, sizeof(*rules));
	struct rule_names *names;

	(void)state;
	assert_non_null(rules);
	for (int i = 0; i < RULES; i++)
		rules[i].group = "a group";
	names = names_of(NULL, 0, rules, RULES);
	assert_int_equal(names->memory,
		sizeof(*names) + RULES * sizeof(struct rule_name) + sizeof("a group"));
	rule_names_unref(names);
	free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
