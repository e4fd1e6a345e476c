/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations against a real dataplane whose worker is started late: until then it is a worker that
 * stalls, and each moment of an operation can be looked at.
 */
#include "control/collect.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

/* The deadline of the longest wait: the time box of an operation and what comes after it. */
#define DEADLINE (30 * NANOSECONDS)

static json_t *start(const struct control_fixture *fixture, const char *params)
{
	return control_fixture_call(fixture, "StartFlowCapture", params);
}

/* Ask for the operation that a start's answer names. */
static json_t *ask(const struct control_fixture *fixture, const char *action, const json_t *started)
{
	char *params;
	json_t *answer;

	assert_true(asprintf(&params, "{\"FlowOperationId\":\"%s\"}",
			    control_fixture_text(started, "FlowOperationId")) > 0);
	answer = control_fixture_call(fixture, action, params);
	free(params);
	return answer;
}

static json_int_t number(const json_t *answer, const char *member)
{
	const json_t *value = json_object_get(json_object_get(answer, "result"), member);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* Run the event loop until the operation ends; its description. */
static json_t *wait_for_end(const struct control_fixture *fixture, const json_t *started)
{
	uint64_t deadline = dataplane_now() + DEADLINE;

	for (;;) {
		json_t *described = ask(fixture, "DescribeFlowOperation", started);

		if (strcmp(control_fixture_text(described, "FlowOperationStatus"), "IN_PROGRESS") !=
			0)
			return described;
		json_decref(described);
		assert_true(dataplane_now() < deadline);
		event_base_loop(fixture->base, EVLOOP_ONCE);
	}
}

static void check_status(const json_t *answer, const char *status, const char *message)
{
	assert_string_equal(control_fixture_text(answer, "FlowOperationStatus"), status);
	if (message != NULL)
		assert_string_equal(control_fixture_text(answer, "StatusMessage"), message);
	else
		assert_null(json_object_get(json_object_get(answer, "result"), "StatusMessage"));
}

static void check_throttled(const struct control_fixture *fixture, const json_t *running)
{
	static const char *const actions[] = {"StartFlowCapture", "StartFlowFlush"};

	for (int i = 0; i < 2; i++) {
		json_t *answer =
			control_fixture_call(fixture, actions[i], "{\"FlowFilters\":[{}]}");
		const json_t *error = json_object_get(answer, "error");
		char *message;

		assert_true(asprintf(&message, "flow operation %s is running",
				    control_fixture_text(running, "FlowOperationId")) > 0);
		assert_int_equal(json_integer_value(json_object_get(error, "code")), 2);
		assert_string_equal(json_string_value(json_object_get(error, "message")), message);
		assert_string_equal(json_string_value(json_object_get(
					    json_object_get(error, "data"), "__type")),
			"ThrottlingException");
		free(message);
		json_decref(answer);
	}
}

/* A running operation is seen as such, and ends some time after its box when nobody answers. */
static void test_stalled_worker(void **state)
{
	const struct control_fixture *fixture = *state;
	uint64_t begin = dataplane_now();
	json_t *started = start(fixture,
		"{\"FlowFilters\":[{\"Protocols\":[\"6\"]}],"
		"\"MinimumFlowAgeInSeconds\":7,"
		"\"TimeBoxMilliseconds\":10}");
	json_t *answer, *filters;

	check_status(started, "IN_PROGRESS", NULL);
	check_throttled(fixture, started);

	answer = control_fixture_call(fixture, "GetStatus", "{}");
	assert_string_equal(control_fixture_text(answer, "Operation"),
		control_fixture_text(started, "FlowOperationId"));
	json_decref(answer);

	answer = ask(fixture, "ListFlowOperationResults", started);
	check_status(answer, "IN_PROGRESS", NULL);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(answer, "result"), "Flows")), 0);
	json_decref(answer);

	answer = wait_for_end(fixture, started);
	check_status(answer, "COMPLETED_WITH_ERRORS", "Flow timeout - worker 0 did not answer");
	assert_true(dataplane_now() - begin >= 10 * NANOSECONDS / 1000);
	assert_true(number(answer, "ElapsedMilliseconds") >= 10);
	assert_int_equal(number(answer, "FlowCount"), 0);
	filters = json_pack("{s:i, s:[{s:[s]}], s:i}", "MinimumFlowAgeInSeconds", 7, "FlowFilters",
		"Protocols", "6", "TimeBoxMilliseconds", 10);
	assert_true(json_equal(
		filters, json_object_get(json_object_get(answer, "result"), "FlowOperation")));
	json_decref(filters);
	json_decref(answer);
	json_decref(started);
}

static void test_cancel(void **state)
{
	const struct control_fixture *fixture = *state;
	json_t *started = start(fixture, "{\"FlowFilters\":[{}]}"), *answer;

	/* what came in is being stored */
	answer = ask(fixture, "CancelFlowOperation", started);
	check_status(answer, "IN_PROGRESS", NULL);
	json_decref(answer);

	answer = wait_for_end(fixture, started);
	check_status(
		answer, "COMPLETED_WITH_ERRORS", "Flow operation error - canceled by a client");
	json_decref(answer);

	/* an operation that has ended stays what it is */
	answer = ask(fixture, "CancelFlowOperation", started);
	check_status(answer, "COMPLETED_WITH_ERRORS", NULL);
	json_decref(answer);

	answer = control_fixture_call(fixture, "GetStatus", "{}");
	assert_true(json_is_null(json_object_get(json_object_get(answer, "result"), "Operation")));
	json_decref(answer);
	json_decref(started);
}

/* Requests that nobody takes fill the ring to the worker. */
static void test_full_request_ring(void **state)
{
	enum { TRIES = 10000 };
	const struct control_fixture *fixture = *state;
	bool failed = false;

	for (int i = 0; i < TRIES && !failed; i++) {
		json_t *started = start(fixture, "{\"FlowFilters\":[{}]}"), *answer;

		event_base_loop(fixture->base, EVLOOP_ONCE);
		json_decref(ask(fixture, "CancelFlowOperation", started));
		answer = wait_for_end(fixture, started);
		failed = strcmp(control_fixture_text(answer, "FlowOperationStatus"), "FAILED") == 0;
		if (failed)
			check_status(answer, "FAILED",
				"Flow operation error - no worker took the request");
		json_decref(answer);
		json_decref(started);
	}
	assert_true(failed);
}

/* The worker comes back: it works off what is in its ring, and the next operation is complete. */
static void test_recovery(void **state)
{
	const struct control_fixture *fixture = *state;
	uint64_t deadline = dataplane_now() + DEADLINE;
	char message[CONFIG_MESSAGE_SIZE] = "";
	bool complete = false;

	dataplane_start(fixture->dataplane, message, sizeof(message));
	assert_string_equal(message, "");
	while (!complete) {
		json_t *started = start(fixture, "{\"FlowFilters\":[{}]}");
		json_t *answer = wait_for_end(fixture, started);
		const char *status = control_fixture_text(answer, "FlowOperationStatus");

		complete = strcmp(status, "COMPLETED") == 0;
		if (!complete) /* the ring was still full */
			assert_string_equal(status, "FAILED");
		json_decref(answer);
		json_decref(started);
		assert_true(dataplane_now() < deadline);
	}
	dataplane_stop(fixture->dataplane);
}

int main(void)
{
	/* in this order: the worker starts in the last one */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stalled_worker),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_full_request_ring),
		cmocka_unit_test(test_recovery),
	};

	return cmocka_run_group_tests(
		tests, control_fixture_setup_dataplane, control_fixture_teardown);
}
