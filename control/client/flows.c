/* SPDX-License-Identifier: BSD-3-Clause */
/* flows: start a capture or flush, wait for its end, print what it took. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "control/client/clock.h"
#include "control/client/message.h"
#include "control/client/session.h"

enum {
	/* Milliseconds between two looks at the operation: doubled, from the first to the last. */
	STEP_FIRST = 2,
	STEP_LAST = 100,
	TIME_BOX_DEFAULT = 5000, /* the server's, milliseconds */
};

/* The latest time for the operation to end: its time box, and the time that any answer may take. */
static int64_t wait_deadline(const struct arguments *arguments)
{
	const json_t *time_box = json_object_get(arguments->params, "TimeBoxMilliseconds");
	int64_t milliseconds = time_box != NULL ? json_integer_value(time_box) : TIME_BOX_DEFAULT;

	return clock_milliseconds() + milliseconds + (int64_t)arguments->timeout * 1000;
}

/* Wait until the operation (in query, for DescribeFlowOperation) is no longer in progress. */
static int wait_end(struct session *session, const json_t *query)
{
	int64_t deadline = wait_deadline(session->arguments);
	long step = STEP_FIRST;

	for (;;) {
		json_t *answer = NULL;
		int code = session_call(session, "DescribeFlowOperation", query, &answer);
		const char *status;
		bool ended;

		if (code != EXIT_CODE_OK)
			return code;
		status = json_string_value(json_object_get(answer, "FlowOperationStatus"));
		ended = status == NULL || strcmp(status, "IN_PROGRESS") != 0;
		if (ended && status != NULL && strcmp(status, "FAILED") == 0)
			code = session_check(session, answer);
		json_decref(answer);
		if (ended)
			return code;
		if (clock_milliseconds() >= deadline) {
			message_print(session->arguments->command->name,
				"the operation has not ended in time");
			return EXIT_CODE_CONNECTION;
		}
		clock_wait(step);
		step = step * 2 < STEP_LAST ? step * 2 : STEP_LAST;
	}
}

int flows_run(struct session *session)
{
	const struct arguments *arguments = session->arguments;
	json_t *result = NULL;
	json_t *query = NULL;
	int code;

	/* No filter: every flow. */
	if (json_object_get(arguments->params, "FlowFilters") == NULL &&
		json_object_set_new(arguments->params, "FlowFilters", json_pack("[{}]")) < 0)
		return session_written(session, -ENOMEM);
	code = session_call(session, arguments->command->action, arguments->params, &result);
	if (code != EXIT_CODE_OK)
		return code;
	query = json_pack("{sO*}", "FlowOperationId", json_object_get(result, "FlowOperationId"));
	json_decref(result);
	if (query == NULL)
		return session_written(session, -ENOMEM);
	code = wait_end(session, query);
	if (code == EXIT_CODE_OK)
		code = list_print(session, "ListFlowOperationResults", &view_flows, query, true);
	json_decref(query);
	return code;
}
