/* SPDX-License-Identifier: BSD-3-Clause */
/* What is noted of documents for the API: names, ARNs, what they consume, texts and their tokens. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/policy_fixture.h"

#include "control/policy/inventory.h"

#define RULE(number, attributes)                                                                   \
	"{`Priority`: " number ", `RuleDefinition`: {`MatchAttributes`: {" attributes              \
	"}, `Actions`: [`aws:drop`]}}"
#define STATELESS(rules)                                                                           \
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [" rules "]}}}"
#define ADDRESS(text) "{`AddressDefinition`: `" text "`}"

static void check_resource(
	const struct policy_resource *resource, const char *name, const char *arn, const char *type)
{
	assert_string_equal(resource->name, name);
	assert_string_equal(resource->arn, arn);
	if (type != NULL)
		assert_string_equal(resource->type, type);
	else
		assert_null(resource->type);
}

/* A member of what is told of a resource. */
static void check_number(const struct policy_resource *resource, const char *member, int expected)
{
	json_t *response = json_loads(resource->response, 0, NULL);

	assert_int_equal(json_integer_value(json_object_get(response, member)), expected);
	json_decref(response);
}

/* The ARN of the file is better than that of the reference, and without both there is a part. */
static void names(void **state)
{
	const struct policy_fixture fixture = {
		.policy =
			"{`FirewallPolicyArn`: `arn:aws:x:firewall-policy/own`, `FirewallPolicy`: "
			"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: "
			"{`Ref`: `h`}, `Priority`: 9}, {`ResourceArn`: "
			"`" STATELESS_ARN(
				"g") "`, `Priority`: 2}], "
				     "`StatefulRuleGroupReferences`: [{`ResourceArn`: `arn:aws:y/named`}]}}",
		.groups = {STATELESS(""), STATELESS(""),
			"{`RuleGroupResponse`: {`RuleGroupArn`: `arn:aws:z:stateful-rulegroup/i`, "
			"`RuleGroupName`: `named`}, `RuleGroup`: {`RulesSource`: "
			"{`RulesString`: ``}}}"},
	};
	struct policy_document *document = policy_fixture_load(&fixture);
	const struct policy_resource *resources = document->resources;
	json_t *policy = json_loads(resources[0].body, 0, NULL);
	const json_t *list;

	(void)state;
	assert_int_equal(document->resource_count, 4);
	check_resource(&resources[0], "own", "arn:aws:x:firewall-policy/own", NULL);
	/* By priority, not as the document has them. */
	check_resource(&resources[1], "g", STATELESS_ARN("g"), "STATELESS");
	check_resource(&resources[2], "h", "stateless-rulegroup/h", "STATELESS");
	check_resource(&resources[3], "named", "arn:aws:z:stateful-rulegroup/i", "STATEFUL");
	list = json_object_get(policy, "StatelessRuleGroupReferences");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, 0), "ResourceArn")),
		"stateless-rulegroup/h");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, 1), "ResourceArn")),
		STATELESS_ARN("g"));
	list = json_object_get(policy, "StatefulRuleGroupReferences");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, 0), "ResourceArn")),
		"arn:aws:z:stateful-rulegroup/i");
	json_decref(policy);
	policy_document_destroy(document);
}

/* Products of the settings; where they go past what an integer of the API holds, that. */
static void capacities(void **state)
{
	static const struct {
		const char *rules;
		int consumed;
	} cases[] = {
		{"", 0},
		{RULE("1", ""), 1},
		{RULE("1",
			 "`Protocols`: [6, 17], `Sources`: [" ADDRESS("192.0.2.0/24") ", " ADDRESS(
				 "192.0.3.0/24") ", " ADDRESS("192.0.4.0/24") "]"),
			6},
		{RULE("1",
			 "`Protocols`: [6], `TCPFlags`: [{`Flags`: [`SYN`]}, {`Flags`: "
			 "[`RST`]}]") ", " RULE("2", "`Protocols`: [1]"),
			3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char group[1024];
		const struct policy_fixture fixture = {
			.policy = STATELESS_POLICY, .groups = {group}};
		struct policy_document *document;

		snprintf(group, sizeof(group), STATELESS("%s"), cases[i].rules);
		document = policy_fixture_load(&fixture);
		check_number(&document->resources[1], "ConsumedCapacity", cases[i].consumed);
		check_number(&document->resources[1], "Capacity", cases[i].consumed);
		check_number(&document->resources[0], "ConsumedStatelessRuleCapacity",
			cases[i].consumed);
		policy_document_destroy(document);
	}
}

/* Of 1,300 sources and as many destinations, 40 source and 40 destination ports: 2.7 * 10^9. */
static void largest_capacity(void **state)
{
	enum { ADDRESSES = 1300, PORTS = 40, ROOM = 1 << 18 };
	char *group = calloc(1, ROOM), *at = group;
	const struct policy_fixture fixture = {.policy = STATELESS_POLICY, .groups = {group}};
	struct policy_document *document;

	(void)state;
	at = stpcpy(at,
		"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: ["
		"{`Priority`: 1, `RuleDefinition`: {`Actions`: [`aws:drop`], "
		"`MatchAttributes`: {");
	for (int list = 0; list < 2; list++) {
		at += sprintf(at, "`%s`: [", list == 0 ? "Sources" : "Destinations");
		for (int i = 0; i < ADDRESSES; i++)
			at += sprintf(at, "%s" ADDRESS("10.%d.%d.%d"), i > 0 ? "," : "", list,
				i / 256, i % 256);
		at = stpcpy(at, "], ");
	}
	for (int list = 0; list < 2; list++) {
		at += sprintf(at, "%s`%s`: [", list > 0 ? ", " : "",
			list == 0 ? "SourcePorts" : "DestinationPorts");
		for (int i = 1; i <= PORTS; i++)
			at += sprintf(at, "%s{`FromPort`: %d, `ToPort`: %d}", i > 1 ? "," : "",
				2 * i, 2 * i);
		at = stpcpy(at, "]");
	}
	stpcpy(at, "}}}]}}}");
	document = policy_fixture_load(&fixture);
	check_number(&document->resources[1], "ConsumedCapacity", 2147483647);
	check_number(&document->resources[0], "ConsumedStatelessRuleCapacity", 2147483647);
	policy_document_destroy(document);
	free(group);
}

/* Rules that were left out are in the document still; a domain list has no rules. */
static void left_out(void **state)
{
	const struct policy_fixture fixture = {
		.policy = "{" DEFAULTS ", `StatefulRuleGroupReferences`: [{`ResourceArn`: {`Ref`: "
			  "`g`}}, {`ResourceArn`: {`Ref`: `h`}}]}",
		.groups = {"{`RulesSource`: {`RulesString`: `"
			   "drop http any any -> any any (sid:1;)\\n# none\\n"
			   "drop tcp any any <> any any (sid:2;)`}}",
			"{`Type`: `STATEFUL_DOMAIN`, `Capacity`: 7, `RuleGroup`: {`RulesSource`: "
			"{`RulesSourceList`: {`Targets`: [`x`]}}}}"},
		.skip = true,
	};
	struct policy_document *document = policy_fixture_load(&fixture);

	(void)state;
	check_number(&document->resources[1], "ConsumedCapacity", 2);
	check_number(&document->resources[2], "ConsumedCapacity", 0);
	check_number(&document->resources[2], "Capacity", 7);
	check_number(&document->resources[0], "ConsumedStatefulRuleCapacity", 2);
	check_resource(&document->resources[2], "h", "stateful-rulegroup/h", "STATEFUL_DOMAIN");
	policy_document_destroy(document);
}

static char *token_of(const char *policy)
{
	const struct policy_fixture fixture = {.policy = policy};
	struct policy_document *document = policy_fixture_load(&fixture);
	char *token = strdup(document->resources[0].token);

	policy_document_destroy(document);
	return token;
}

/* The same whatever the order of members, another with each change of body or description; one that
 * the API does not have is not told. */
static void tokens(void **state)
{
	static const struct {
		const char *policy;
		bool same;
	} cases[] = {
		{"{`StatelessFragmentDefaultActions`: [`aws:drop`],\n `StatelessDefaultActions`: "
		 "[`aws:forward_to_sfe`]}",
			true},
		{"{`Description`: `two\\nlines`, `FirewallPolicy`: {" DEFAULTS "}}", true},
		{"{`Description`: 7, `UpdateToken`: `x`, `FirewallPolicy`: {" DEFAULTS "}}", true},
		{"{`Description`: `x`, `FirewallPolicy`: {" DEFAULTS "}}", false},
		{"{" DEFAULTS ", `StatefulRuleGroupReferences`: []}", false},
	};
	char *first = token_of("{" DEFAULTS "}");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *other = token_of(cases[i].policy);

		assert_int_equal(strcmp(first, other) == 0, cases[i].same);
		free(other);
	}
	free(first);
}

static void texts(void **state)
{
	char name[INVENTORY_NAME_SIZE], token[INVENTORY_TOKEN_SIZE];

	(void)state;
	inventory_name("a_b.C-9 \xc3\xa9", name);
	assert_string_equal(name, "a-b-C-9---");
	inventory_name("", name);
	assert_string_equal(name, "-");
	/* By another implementation: Python's uuid.uuid5(uuid.UUID(int=0), "tidegate"). */
	inventory_token("tidegate", token);
	assert_string_equal(token, "16f3f4d2-7193-52ef-8d3b-cf103d3d8b9e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(capacities),
		cmocka_unit_test(largest_capacity),
		cmocka_unit_test(left_out),
		cmocka_unit_test(tokens),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
