/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An operation's end: status and StatusMessage by what the workers reported. The message's letters
 * and length are those of the API model's StatusReason, its beginning the public API's own words.
 */
#include "control/operation.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/config_rules.h"
#include "tests/unit/check.h"
#include "tests/unit/clock.h"

enum { LIMIT = 2 };

/* What a worker did: 'a' all walked, 'p' a part (199 of 300), 'n' nothing of its table, 'e' an
 * empty table, 's' silent, 'r' refused, 'w' five flows missed in its window. */
static const struct {
	const char *workers;
	unsigned int records; /* of worker 0, of different flows; LIMIT of them are taken */
	bool canceled;
	enum operation_status status;
	const char *message;
} cases[] = {
	{"a", 0, false, OPERATION_COMPLETED, ""},
	{"aa", 2, false, OPERATION_COMPLETED, ""},
	{"e", 0, false, OPERATION_COMPLETED, ""},
	{"ap", 0, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 1 walked 66 of 100 percent"},
	{"n", 0, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 0 walked 0 of 100 percent"},
	{"as", 0, false, OPERATION_COMPLETED_WITH_ERRORS, "Flow timeout - worker 1 did not answer"},
	{"ra", 0, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 0 took no request"},
	{"pasr", 0, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 0 walked 66 of 100 percent - worker 2 did not answer"
		" - worker 3 took no request"},
	{"a", 3, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow operation error - 1 flows past the limit"},
	{"ap", 12, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 1 walked 66 of 100 percent - 10 flows past the limit"},
	{"rr", 0, false, OPERATION_FAILED, "Flow operation error - no worker took the request"},
	{"sp", 3, true, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow operation error - canceled by a client"},
	{"wa", 3, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow operation error - 1 flows past the limit - 5 flows missed in the window"},
	{"sssssssss", 3, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 0 did not answer - worker 1 did not answer - worker 2 did not"
		" answer - worker 3 did not answer - worker 4 did not answer - worker 5 did not"
		" answer - worker 6 did not answer - and 2 more workers - 1 flows past the limit"},
};

static struct operation *begin(uint16_t workers)
{
	struct operation_request request = {.limit = LIMIT, .text = strdup("{}")};
	struct operation *operation;

	assert_non_null(request.text);
	assert_int_equal(operation_create(&request, workers, 0, &operation), 0);
	return operation;
}

static void report(struct operation *operation, uint16_t worker, char what)
{
	struct walk_close close = {.walked = 300, .positions = 300};

	switch (what) {
	case 's':
		return;
	case 'r':
		operation_refuse(operation, worker);
		return;
	case 'p':
		close.walked = 199;
		break;
	case 'n':
		close.walked = 0;
		break;
	case 'w':
		close.window_lost = 5;
		break;
	case 'e':
		close.walked = close.positions = 0;
		break;
	}
	operation_close_worker(operation, worker, &close);
}

static void take(struct operation *operation, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct flow_record record = {
			.version = 4, .protocol = 17, .source_port = (uint16_t)i};

		operation_take(operation, 0, &record, NULL);
	}
}

/* As once it is stored. */
static void publish(struct operation *operation)
{
	uint32_t count = merge_count(operation->flows);

	merge_destroy(operation_publish(operation, count, 0));
}

static void test_endings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t workers = (uint16_t)strlen(cases[i].workers);
		struct operation *operation = begin(workers);

		assert_int_equal(operation->status, OPERATION_IN_PROGRESS);
		take(operation, cases[i].records);
		assert_int_equal(operation_flow_count(operation), 0);
		for (uint16_t worker = 0; worker < workers; worker++)
			report(operation, worker, cases[i].workers[worker]);
		operation_finish(operation, cases[i].canceled);
		assert_int_equal(operation->status, OPERATION_IN_PROGRESS);
		assert_int_equal(operation_flow_count(operation), 0);
		publish(operation);
		assert_string_equal(operation->message, cases[i].message);
		assert_int_equal(operation->status, cases[i].status);
		assert_int_equal(operation_flow_count(operation),
			cases[i].records < LIMIT ? cases[i].records : LIMIT);
		assert_int_equal(operation->workers[0].received, cases[i].records);
		operation_unref(operation);
	}
}

/* StatusReason: 1 to 256 of these letters, for any number of workers, whatever they left undone. */
static void test_message_form(void **state)
{
	regex_t pattern;

	(void)state;
	assert_int_equal(regcomp(&pattern, "^Flow timeout[a-zA-Z0-9 -]+$", REG_EXTENDED), 0);
	for (uint16_t workers = 1; workers <= WORKER_MAX; workers++) {
		struct operation *operation = begin(workers);

		for (uint16_t worker = 0; worker < workers; worker++)
			report(operation, worker, worker % 2 == 0 ? 's' : 'p');
		operation->past_limit = UINT64_MAX;
		operation->without_memory = UINT64_MAX;
		operation->workers[0].close.window_lost = UINT64_MAX;
		operation_finish(operation, false);
		publish(operation);
		assert_int_equal(regexec(&pattern, operation->message, 0, NULL, 0), 0);
		assert_non_null(strstr(operation->message,
			" - 18446744073709551615 flows past the limit"
			" - 18446744073709551615 flows missed in the window"
			" - no memory for 18446744073709551615 flows"));
		operation_unref(operation);
	}
	regfree(&pattern);
}

/* FlowOperationId of the API model, and version 4 of RFC 4122 section 4.4. */
static void test_identifiers(void **state)
{
	struct operation *first = begin(1), *second = begin(1);
	regex_t pattern;

	(void)state;
	assert_int_equal(regcomp(&pattern,
				 "^([0-9a-f]{8})-([0-9a-f]{4})-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
				 "([0-9a-f]{12})$",
				 REG_EXTENDED),
		0);
	assert_int_equal(regexec(&pattern, first->id, 0, NULL, 0), 0);
	assert_int_equal(regexec(&pattern, second->id, 0, NULL, 0), 0);
	assert_string_not_equal(first->id, second->id);
	regfree(&pattern);
	operation_unref(first);
	operation_unref(second);
}

/* Policies that judged flows, in the order in which their records come; rule r of generation g is
 * called "g.r". */
static const struct {
	uint32_t generation;
	uint32_t rule;
	const char *name;
} judged[] = {
	{7, 1, "7.1"},
	{3, 0, "3.0"},
	{7, 0, "7.0"},
	{3, RULE_NONE, NULL},
	{9, 1, "9.1"},
	{5, 0, NULL}, /* gone */
	{0, 1, "0.1"},
	{3, 1, "3.1"},
};

enum { GENERATIONS = 10, JUDGED = sizeof(judged) / sizeof(judged[0]) };

static struct rule_names *names_of(uint32_t generation)
{
	char texts[2][4];
	const struct policy_rule rules[2] = {{.msg = texts[0]}, {.msg = texts[1]}};
	const struct policy_document document = {.rules.stateful_count = 2, .stateful = rules};
	struct rule_names *names;

	for (int i = 0; i < 2; i++)
		assert_int_equal(snprintf(texts[i], 4, "%u.%d", generation, i), 3);
	assert_int_equal(rule_names_create(&document, &names), 0);
	names->generation = generation;
	return names;
}

/* Every flow has the name of its own generation's rule, also when nobody else has the names any
 * more. */
static void test_rule_names(void **state)
{
	struct operation_request request = {.limit = JUDGED, .text = strdup("{}")};
	struct rule_names *names[GENERATIONS];
	struct operation *operation;

	(void)state;
	assert_int_equal(operation_create(&request, 1, 0, &operation), 0);
	for (uint32_t i = 0; i < GENERATIONS; i++)
		names[i] = names_of(i);
	for (size_t i = 0; i < JUDGED; i++) {
		uint32_t generation = judged[i].generation;
		struct flow_record record = {.version = 4,
			.generation = generation,
			.rule_kind = RULE_STATEFUL,
			.rule = judged[i].rule};

		operation_take(operation, 0, &record, generation != 5 ? names[generation] : NULL);
	}
	operation_finish(operation, false);
	for (uint32_t i = 0; i < GENERATIONS; i++)
		rule_names_unref(names[i]);
	assert_int_equal(operation_found(operation), JUDGED);
	for (uint32_t i = 0; i < JUDGED; i++) {
		const struct rule_name *name =
			operation_rule(operation, merge_flow(operation->flows, i));

		if (judged[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name != NULL ? name->name : "none", judged[i].name);
	}
	operation_unref(operation);
}

/* What could not be stored has neither flows nor what its own message says. */
static void test_not_stored(void **state)
{
	struct operation *operation = begin(2);

	(void)state;
	take(operation, 2);
	report(operation, 0, 'a');
	operation_finish(operation, false);
	assert_int_equal(operation_found(operation), 2);
	merge_destroy(operation_fail(operation, "Flow operation error - because"));
	assert_int_equal(operation->status, OPERATION_FAILED);
	assert_string_equal(operation->message, "Flow operation error - because");
	assert_int_equal(operation_flow_count(operation), 0);
	assert_int_equal(operation_found(operation), 0);
	operation_unref(operation);
}

/* Of a worker that walked 199 of 300 positions in 7 slices, and one that is silent. */
static void test_receipt(void **state)
{
	const struct walk_close close = {.walked = 199,
		.positions = 300,
		.slices = 7,
		.longest_slice = 4500,
		.resets = 3,
		.untold = 5};
	struct operation *operation = begin(2);
	char *before, *after;

	(void)state;
	take(operation, 2);
	operation_close_worker(operation, 0, &close);
	before = operation_receipt(operation);
	assert_string_equal(before,
		"[{\"Worker\":0,\"Walked\":199,\"Positions\":300,\"CoveragePercent\":66,"
		"\"Matched\":2,\"Slices\":7,\"LongestSliceMicroseconds\":4.5,\"Resets\":3,\"FlowsWithoutReset\":5},"
		"{\"Worker\":1,\"Walked\":0,\"Positions\":0,\"CoveragePercent\":0,"
		"\"Matched\":0,\"Slices\":0,\"LongestSliceMicroseconds\":0.0,\"Resets\":0,\"FlowsWithoutReset\":0}]");
	operation_finish(operation, false);
	publish(operation);
	after = operation_receipt(operation);
	assert_string_equal(before, after);
	free(before);
	free(after);
	operation_unref(operation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_message_form),
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_rule_names),
		cmocka_unit_test(test_not_stored),
		cmocka_unit_test(test_receipt),
	};

	return cmocka_run_group_tests(tests, clock_setup, clock_teardown);
}
