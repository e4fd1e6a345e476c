/* SPDX-License-Identifier: BSD-3-Clause */
/* Reloads of policy documents: what is in force then, what is reported, and what a bad one
 * changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/flow_json.h"
#include "control/operation.h"
#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

#define REST                                                                                       \
	"\"firewall_arn\": \"" FIXTURE_ARN "\", \"availability_zone\": \"zone-a\",\n"              \
	"\"ports\": [{\"name\": \"left\", \"device\": \"net_null0,no-rx=1\"},\n"                   \
	" {\"name\": \"right\", \"device\": \"net_null1,no-rx=1\"}],\n"                            \
	"\"flows_per_worker\": 1024, \"memory\": {\"hugepages\": false}}"

#define POLICY(idle)                                                                               \
	"{\"StatelessDefaultActions\": [\"aws:forward_to_sfe\"],\n"                                \
	" \"StatelessFragmentDefaultActions\": [\"aws:forward_to_sfe\"],\n"                        \
	" \"StatelessRuleGroupReferences\": [{\"ResourceArn\": \"arn:aws:x/edge\",\n"              \
	"   \"Priority\": 1}],\n"                                                                  \
	" \"StatefulRuleGroupReferences\": [{\"ResourceArn\": \"arn:aws:x/egress\"}],\n"           \
	" \"StatefulEngineOptions\": {\"FlowTimeouts\": {\"TcpIdleTimeoutSeconds\": " idle "}}}"

static const char edge[] =
	"{\"RulesSource\": {\"StatelessRulesAndCustomActions\": {\"StatelessRules\": [\n"
	" {\"Priority\": 5, \"RuleDefinition\": {\"Actions\": [\"aws:drop\"],\n"
	"  \"MatchAttributes\": {\"Protocols\": [17]}}}]}}}";

#define EGRESS(rules) "{\"RulesSource\": {\n\"RulesString\": \"" rules "\"}}"
#define SID_7 "drop tcp any any -> any 23 (sid:7;)\\n"
#define SID_8 "pass tcp any any -> any any (sid:8;)\\n"
#define HTTP "drop http any any -> any any (sid:9;)\\n"

static char directory[] = "/tmp/test_reload_policy.XXXXXX";

static void write_document(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Reload with these documents; returns the policy of GetStatus then. */
static json_t *reload(
	const struct control_fixture *fixture, const char *policy, const char *egress, bool skip)
{
	json_t *found;
	char *text;

	write_document("policy.json", policy);
	write_document("edge.json", edge);
	write_document("egress.json", egress);
	assert_true(
		asprintf(&text,
			"{\"policy\": {\"file\": \"%s/policy.json\", \"rule_groups\":"
			" [\"%s/edge.json\", \"%s/egress.json\"], \"skip_unsupported\": %s},\n" REST,
			directory, directory, directory, skip ? "true" : "false") > 0);
	found = control_fixture_reload(fixture, text);
	free(text);
	return found;
}

/* A JSON text with the directory for each %. */
static json_t *load(const char *text)
{
	char *placed = NULL;
	size_t size;
	FILE *out = open_memstream(&placed, &size);
	json_t *json;

	assert_non_null(out);
	for (; *text != '\0'; text++) {
		if (*text == '%')
			fputs(directory, out);
		else
			fputc(*text, out);
	}
	assert_int_equal(fclose(out), 0);
	json = json_loads(placed, 0, NULL);
	assert_non_null(json);
	free(placed);
	return json;
}

/* Expect these members, and a time. */
static void check_policy(json_t *found, const char *expected)
{
	json_t *json = load(expected);

	assert_true(json_real_value(json_object_get(found, "LoadedTimestamp")) > 1e9);
	json_object_del(found, "LoadedTimestamp");
	if (!json_equal(found, json))
		fail_msg("%s is not %s", json_dumps(found, 0), expected);
	json_decref(json);
	json_decref(found);
}

static uint32_t idle(const struct control_fixture *fixture)
{
	return publisher_current(fixture->publisher)->timeouts[TIMEOUT_TCP_ESTABLISHED];
}

static void test_documents(void **state)
{
	const struct control_fixture *fixture = *state;
	const struct generation *current;

	assert_int_equal(idle(fixture), 350);
	check_policy(reload(fixture, POLICY("600"), EGRESS(SID_7 SID_8), false),
		"{\"Generation\": 1, \"Rules\": 3, \"StatelessRules\": 1, \"StatefulRules\": 2,"
		" \"File\": \"%/policy.json\", \"LeftOut\": 0,"
		" \"LastReload\": {\"Status\": \"COMPLETED\"}}");
	current = publisher_current(fixture->publisher);
	assert_int_equal(current->document->stateless[0].id, 5);
	/* DEFAULT_ACTION_ORDER: what passes goes first. */
	assert_int_equal(current->document->stateful[0].id, 8);
	assert_int_equal(current->document->stateful[1].id, 7);
	assert_int_equal(idle(fixture), 600);
}

/* A document that is refused: message, policy and timeouts. */
static void test_bad_document(void **state)
{
	const struct control_fixture *fixture = *state;
	const struct generation *before = publisher_current(fixture->publisher);

	check_policy(reload(fixture, POLICY("700"), EGRESS(SID_7 HTTP), false),
		"{\"Generation\": 1, \"Rules\": 3, \"StatelessRules\": 1, \"StatefulRules\": 2,"
		" \"File\": \"%/policy.json\", \"LeftOut\": 0,"
		" \"LastReload\": {\"Status\": \"FAILED\", \"Message\":"
		" \"%/egress.json:2: RulesSource.RulesString.line 2: protocol \\\"http\\\" is not"
		" supported (rule sid 9 of group \\\"egress\\\")\"}}");
	assert_ptr_equal(publisher_current(fixture->publisher), before);
	assert_int_equal(idle(fixture), 600);
}

static void test_left_out(void **state)
{
	const struct control_fixture *fixture = *state;

	check_policy(reload(fixture, POLICY("60"), EGRESS(SID_7 HTTP), true),
		"{\"Generation\": 2, \"Rules\": 2, \"StatelessRules\": 1, \"StatefulRules\": 1,"
		" \"File\": \"%/policy.json\", \"LeftOut\": 1,"
		" \"LastReload\": {\"Status\": \"COMPLETED\"}}");
	assert_int_equal(idle(fixture), 60);
}

/* Back to the configuration's own rules, and their timeout. */
static void test_back_to_rules(void **state)
{
	const struct control_fixture *fixture = *state;

	check_policy(control_fixture_reload(fixture,
			     "{\"default_action\": \"drop\", \"rules\": [{\"action\": \"allow\"}],"
			     "\"idle_timeouts\": {\"tcp_established\": 1000, \"icmp\": 7}," REST),
		"{\"Generation\": 3, \"Rules\": 1, \"StatelessRules\": 0, \"StatefulRules\": 1,"
		" \"DefaultAction\": \"drop\", \"LastReload\": {\"Status\": \"COMPLETED\"}}");
	assert_int_equal(idle(fixture), 1000);
	assert_int_equal(publisher_current(fixture->publisher)->timeouts[TIMEOUT_ICMP], 7);
}

/* Records of all three policies so far, and the members that name their rules. */
static const struct {
	uint32_t generation;
	enum rule_kind kind;
	uint32_t rule;
	const char *member; /* NULL: none */
	json_int_t id;	    /* 0: the member is the name "rule 1" */
} decided[] = {
	{1, RULE_STATELESS, 0, "RulePriority", 5},
	{1, RULE_STATEFUL, 0, "RuleSid", 8},
	{1, RULE_STATEFUL, 1, "RuleSid", 7},
	{1, RULE_STATEFUL, RULE_NONE, NULL, 0},
	{1, RULE_STATELESS, RULE_NONE, NULL, 0},
	{2, RULE_STATEFUL, 0, "RuleSid", 7},
	{3, RULE_STATEFUL, 0, "Rule", 0},
};

static void check_flow(const json_t *flow, size_t i)
{
	static const char *const members[] = {"Rule", "RuleSid", "RulePriority"};
	const char *group = json_string_value(json_object_get(flow, "RuleGroup"));

	for (size_t m = 0; m < sizeof(members) / sizeof(members[0]); m++) {
		const json_t *value = json_object_get(flow, members[m]);

		if (decided[i].member == NULL || strcmp(decided[i].member, members[m]) != 0)
			assert_null(value);
		else if (decided[i].id == 0)
			assert_string_equal(json_string_value(value), "rule 1");
		else
			assert_int_equal(json_integer_value(value), decided[i].id);
	}
	if (decided[i].id == 0)
		assert_null(group);
	else
		assert_string_equal(group, decided[i].kind == RULE_STATELESS ? "edge" : "egress");
}

/* A flow tells the rule that decided it as it was called in its own generation. */
static void test_flows(void **state)
{
	const struct control_fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(decided) / sizeof(decided[0]); i++) {
		struct operation_request request = {.limit = 1, .text = strdup("{}")};
		const struct flow_record record = {.version = 4,
			.rule_kind = decided[i].kind,
			.rule = decided[i].rule,
			.generation = decided[i].generation};
		struct operation *operation;
		const struct rule_name *name;
		char text[FLOW_JSON_SIZE + 100];
		char *rule = NULL;
		json_t *flow;

		assert_int_equal(operation_create(&request, 1, 0, &operation), 0);
		operation_take(operation, 0, &record,
			publisher_names(fixture->publisher, record.generation));
		operation_finish(operation, false);
		name = operation_rule(operation, merge_flow(operation->flows, 0));
		if (name != NULL)
			rule = rule_names_json(name, record.rule_kind);
		assert_true(flow_json_write(&record, rule, false, text, sizeof(text)) > 0);
		flow = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(flow);
		check_flow(flow, i);
		json_decref(flow);
		free(rule);
		operation_unref(operation);
	}
}

static int setup(void **state)
{
	static struct control_fixture fixture;
	char message[CONFIG_MESSAGE_SIZE];

	control_fixture_init_dataplane(&fixture);
	*state = &fixture;
	if (dataplane_start(fixture.dataplane, message, sizeof(message)) != 0)
		return -1;
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = {"policy.json", "edge.json", "egress.json"};
	struct control_fixture *fixture = *state;
	char path[64];

	dataplane_stop(fixture->dataplane);
	control_fixture_fini(fixture);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	return rmdir(directory);
}

int main(void)
{
	/* in this order: generations count up */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_bad_document),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_back_to_rules),
		cmocka_unit_test(test_flows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
