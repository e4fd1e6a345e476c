/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An operation's end: status and StatusMessage by what the workers reported. The message's letters and
 * length are those of the API model's StatusReason, its beginning the public API's own words.
 */
#include "control/operation.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

enum { LIMIT = 2 };

/* What a worker did: 'a' all walked, 'p' a part (199 of 300), 'n' nothing of its table, 'e' an empty table,
 * 's' silent, 'r' refused. */
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
	{"ssssssss", 3, false, OPERATION_COMPLETED_WITH_ERRORS,
		"Flow timeout - worker 0 did not answer - worker 1 did not answer - worker 2 did not"
		" answer - worker 3 did not answer - worker 4 did not answer - and 3 more workers"
		" - 1 flows past the limit"},
};

static struct operation *begin(uint16_t workers)
{
	struct operation_request request = {.limit = LIMIT, .filters = strdup("[{}]")};
	struct operation *operation;

	assert_non_null(request.filters);
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

		operation_take(operation, 0, &record);
	}
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
		operation_finish(operation, false);
		assert_int_equal(regexec(&pattern, operation->message, 0, NULL, 0), 0);
		assert_non_null(strstr(operation->message,
			" - 18446744073709551615 flows past the limit"
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

static int setup(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test_operation", .quiet = true};

	(void)state;
	return dataplane_init(&eal); /* for the clock */
}

static int teardown(void **state)
{
	(void)state;
	dataplane_fini();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_message_form),
		cmocka_unit_test(test_identifiers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
