/* SPDX-License-Identifier: BSD-3-Clause */
/* Reloads against a real dataplane with a running worker, and the rule names of its generations. */
#include "control/reload.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/operation.h"
#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

/* What the file of the fixture has, less its rules. */
#define PORTS                                                                                      \
	"{\"firewall_arn\": \"" FIXTURE_ARN "\", \"availability_zone\": \"zone-a\",\n"             \
	"\"ports\": [{\"name\": \"left\", \"device\": \"net_null0,no-rx=1\"},\n"                   \
	" {\"name\": \"right\", \"device\": \"net_null1,no-rx=1\"}],\n"
#define REST                                                                                       \
	"\"flows_per_worker\": 1024, \"memory\": {\"hugepages\": false},\n"                        \
	"\"pairs\": [[\"left\", \"right\"]]"

static json_int_t number(const json_t *object, const char *member)
{
	assert_true(json_is_integer(json_object_get(object, member)));
	return json_integer_value(json_object_get(object, member));
}

static void check_last(const json_t *found, const char *expected)
{
	json_t *json = json_loads(expected, 0, NULL);
	json_t *last = json_object_get(found, "LastReload");

	assert_non_null(json);
	if (!json_equal(last, json))
		fail_msg("%s is not %s", json_dumps(last, 0), expected);
	json_decref(json);
}

static const char *name(const struct control_fixture *fixture, uint32_t generation, uint32_t rule)
{
	const struct rule_names *names = publisher_names(fixture->publisher, generation);
	const struct rule_name *found =
		names != NULL ? rule_names_find(names, RULE_STATEFUL, rule) : NULL;

	return found != NULL ? found->name : NULL;
}

static void test_before_any(void **state)
{
	json_t *found = control_fixture_policy(*state);

	assert_int_equal(number(found, "Generation"), 0);
	assert_int_equal(number(found, "Rules"), 1);
	assert_string_equal(json_string_value(json_object_get(found, "DefaultAction")), "allow");
	assert_true(json_real_value(json_object_get(found, "LoadedTimestamp")) > 1e9);
	assert_int_equal(number(found, "StatelessRules"), 0);
	assert_int_equal(number(found, "StatefulRules"), 1);
	assert_int_equal(json_object_size(found), 6);
	json_decref(found);
}

/* While one is running, it is seen, and another is refused. */
static void test_good(void **state)
{
	const struct control_fixture *fixture = *state;
	json_t *found, *answer;
	const json_t *error;

	control_fixture_write(fixture,
		PORTS "\"default_action\": \"drop\","
		      "\"rules\": [{\"name\": \"new\", \"action\": \"drop\"},"
		      "{\"action\": \"allow\"}]," REST "}");
	control_fixture_begin_reload(fixture);
	found = control_fixture_policy(fixture);
	check_last(found, "{\"Status\": \"IN_PROGRESS\"}");
	assert_int_equal(number(found, "Generation"), 0);
	json_decref(found);

	answer = control_fixture_call(fixture, "Reload", "{}");
	error = json_object_get(answer, "error");
	assert_int_equal(json_integer_value(json_object_get(error, "code")), 2);
	assert_string_equal(
		json_string_value(json_object_get(error, "message")), "a reload is running");
	json_decref(answer);

	found = control_fixture_wait_reload(fixture);
	check_last(found, "{\"Status\": \"COMPLETED\"}");
	assert_int_equal(number(found, "Generation"), 1);
	assert_int_equal(number(found, "Rules"), 2);
	assert_string_equal(json_string_value(json_object_get(found, "DefaultAction")), "drop");
	json_decref(found);

	assert_string_equal(name(fixture, 0, 0), "web \"in\"");
	assert_null(name(fixture, 0, 1));
	assert_string_equal(name(fixture, 1, 0), "new");
	assert_string_equal(name(fixture, 1, 1), "rule 2");
	assert_null(name(fixture, 1, RULE_NONE));
	assert_null(name(fixture, 2, 0));
}

/* Message, from behind the file's name on; the second one quotes a value that is cut within the two
 * bytes of its last character. */
static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{PORTS "\"rules\": [{\"action\": \"deny\"}]," REST "}",
		":4: rules[0].action: must be \"allow\" or \"drop\", not \"deny\""},
	{PORTS "\"rules\": [{\"action\": \"drop\", \"source\": \""
	       "1234567890123456789012345678901234567890123456789012345678901234567890"
	       "\"}]," REST "}",
		":4: rules[0].source: \"1234567890123456789012345678901234567890123456789012345678"
		"901234\" is no address or CIDR"},
	{PORTS "\"rules\": [{\"action\": \"drop\", \"source\": \""
	       "123456789012345678901234567890123456789012345678901234567890123\xc3\xa9"
	       "\"}]," REST "}",
		":4: rules[0].source: \"1234567890123456789012345678901234567890123456789012345678"
		"90123?\" is no address or CIDR"},
	{PORTS, ":4: string or '}' expected near end of file"},
	{"", ":1: the file is empty"},
};

static void test_bad(void **state)
{
	const struct control_fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *found = control_fixture_reload(fixture, bad[i].text);
		const json_t *last = json_object_get(found, "LastReload");
		char *message;

		assert_true(asprintf(&message, "%s%s", fixture->path, bad[i].message) > 0);
		assert_string_equal(json_string_value(json_object_get(last, "Status")), "FAILED");
		assert_string_equal(json_string_value(json_object_get(last, "Message")), message);
		assert_int_equal(json_object_size(last), 2);
		assert_int_equal(number(found, "Generation"), 1);
		assert_int_equal(number(found, "Rules"), 2);
		free(message);
		json_decref(found);
	}
}

static void test_needs_restart(void **state)
{
	const struct control_fixture *fixture = *state;
	json_t *found = control_fixture_reload(fixture,
		PORTS "\"flows_per_worker\": 2048, \"memory\": {\"hugepages\": false},"
		      "\"non_ip\": \"drop\", \"socket_path\": \"/run/other.sock\"}");

	check_last(found,
		"{\"Status\": \"COMPLETED\","
		" \"NeedsRestart\": [\"flows_per_worker\", \"non_ip\", \"socket_path\"]}");
	assert_int_equal(number(found, "Generation"), 2);
	assert_int_equal(number(found, "Rules"), 0);
	json_decref(found);

	found = control_fixture_reload(fixture, PORTS REST "}");
	check_last(found, "{\"Status\": \"COMPLETED\"}");
	json_decref(found);
}

/* As by SIGHUP: however many come while one is running, one more follows it. */
static void test_requests_while_running(void **state)
{
	const struct control_fixture *fixture = *state;
	json_t *found = control_fixture_policy(fixture);
	json_int_t before = number(found, "Generation");

	json_decref(found);
	for (int i = 0; i < 3; i++)
		reload_request(fixture->api.reload);
	found = control_fixture_wait_reload(fixture);
	check_last(found, "{\"Status\": \"COMPLETED\"}");
	assert_int_equal(number(found, "Generation"), before + 2);
	json_decref(found);
}

static struct operation *operation_of(struct rule_names *names, uint32_t rule)
{
	struct operation_request request = {.limit = 10, .text = strdup("{}")};
	struct flow_record record = {.version = 4,
		.rule_kind = RULE_STATEFUL,
		.rule = rule,
		.generation = names->generation};
	struct operation *operation;

	assert_int_equal(operation_create(&request, 1, 0, &operation), 0);
	operation_take(operation, 0, &record, names);
	operation_finish(operation, false);
	return operation;
}

/* A document with the rules of another, which is to outlive it. */
static struct policy_document *copy(const struct policy_document *document)
{
	struct policy_document *copied;

	assert_int_equal(policy_document_create(&copied), 0);
	copied->rules = document->rules;
	copied->stateful = document->stateful;
	return copied;
}

/* Publish a generation as often; returns the latest one's number. */
static uint32_t publish(
	const struct control_fixture *fixture, const struct policy_document *document, int count)
{
	struct generation *generation;

	for (int i = 0; i < count; i++) {
		struct config config = {.document = copy(document)};

		assert_int_equal(generation_create(&config, 1, &generation), 0);
		assert_null(config.document);
		publisher_publish(fixture->publisher, generation);
		event_base_loop(fixture->base, EVLOOP_NONBLOCK);
	}
	return generation->names->generation;
}

/* Names go after so many generations, but not from the results that have them. */
static void test_generations_kept(void **state)
{
	const struct control_fixture *fixture = *state;
	const struct stateful_rule rule = {.action = STATEFUL_PASS};
	const struct policy_rule description = {.msg = "kept"};
	const struct policy_document document = {
		.rules = {.stateful = &rule, .stateful_count = 1}, .stateful = &description};
	struct operation *operation = operation_of(publisher_names(fixture->publisher, 1), 1);
	uint32_t latest = publish(fixture, &document, PUBLISHER_GENERATIONS);

	assert_null(publisher_names(fixture->publisher, latest - PUBLISHER_GENERATIONS));
	assert_string_equal(name(fixture, latest - PUBLISHER_GENERATIONS + 1, 0), "kept");
	assert_string_equal(name(fixture, latest, 0), "kept");
	assert_null(publisher_names(fixture->publisher, 1));
	assert_string_equal(
		operation_rule(operation, merge_flow(operation->flows, 0))->name, "rule 2");
	operation_unref(operation);
}

/* 65,536 names of 64 bytes, each with its NUL and 40 bytes for what else is known, take 6.6 MiB: 9
 * of 64. */
static void test_memory_kept(void **state)
{
	enum { NAMES = 65536, KEPT = 9 };
	static const char long_name[2][65] = {
		"0123456789012345678901234567890123456789012345678901234567890123",
		"9876543210987654321098765432109876543210987654321098765432109876",
	};
	const struct control_fixture *fixture = *state;
	struct stateful_rule *rules = calloc(NAMES, sizeof(*rules));
	struct policy_rule *descriptions = calloc(NAMES, sizeof(*descriptions));
	const struct policy_document document = {
		.rules = {.stateful = rules, .stateful_count = NAMES}, .stateful = descriptions};
	uint32_t latest;

	assert_non_null(rules);
	assert_non_null(descriptions);
	for (int i = 0; i < NAMES; i++)
		descriptions[i].msg = long_name[i % 2];
	latest = publish(fixture, &document, KEPT + 1);
	free(rules);
	free(descriptions);
	assert_null(publisher_names(fixture->publisher, latest - KEPT));
	assert_string_equal(name(fixture, latest - KEPT + 1, NAMES - 1), long_name[1]);
}

/* The event loop goes away while the thread is at work: nothing is left behind. */
static void test_end_while_running(void **state)
{
	control_fixture_begin_reload(*state);
}

static int setup(void **state)
{
	static struct control_fixture fixture;
	char message[CONFIG_MESSAGE_SIZE];

	control_fixture_init_dataplane(&fixture);
	*state = &fixture;
	return dataplane_start(fixture.dataplane, message, sizeof(message));
}

static int teardown(void **state)
{
	struct control_fixture *fixture = *state;

	dataplane_stop(fixture->dataplane);
	control_fixture_fini(fixture);
	return 0;
}

int main(void)
{
	/* in this order: generations count up */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_any),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_needs_restart),
		cmocka_unit_test(test_requests_while_running),
		cmocka_unit_test(test_generations_kept),
		cmocka_unit_test(test_memory_kept),
		cmocka_unit_test(test_end_while_running),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
