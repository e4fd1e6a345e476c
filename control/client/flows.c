/* SPDX-License-Identifier: BSD-3-Clause */
/* flows: start a capture or flush, wait for its end, print what it took; export: print it later. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/clock.h"
#include "control/client/message.h"
#include "control/client/session.h"
#include "control/client/wait.h"
#include "control/client/watch.h"

enum {
	TIME_BOX_DEFAULT = 5000, /* the server's, milliseconds */
	RETRY = 100,		 /* milliseconds to the next try where an operation is running */
};

/* The latest time for the operation to end: its window and time box, and the time that any answer
 * may take. */
static int64_t wait_deadline(const struct arguments *arguments)
{
	const json_t *time_box = json_object_get(arguments->params, "TimeBoxMilliseconds");
	const json_t *window = json_object_get(arguments->params, "WindowSeconds");
	int64_t milliseconds = time_box != NULL ? json_integer_value(time_box) : TIME_BOX_DEFAULT;

	return clock_milliseconds() + milliseconds + json_integer_value(window) * 1000 +
		(int64_t)arguments->timeout * 1000;
}

/* Whether the server said that something else is running. */
static bool is_throttled(int error, const char *message)
{
	static const char exception[] = "ThrottlingException:";

	return error == -EREMOTEIO && message != NULL &&
		strncmp(message, exception, strlen(exception)) == 0;
}

/* Start the operation. Who watches waits while another one is running. */
static int start(struct session *session, json_t **ret_result)
{
	const struct arguments *arguments = session->arguments;
	bool patient = arguments->values[OPTION_WATCH] != NULL;
	int64_t deadline = wait_deadline(arguments);

	for (;;) {
		char *message = NULL;
		int error = connection_call(session->connection, arguments->command->action,
			arguments->params, ret_result, &message);

		if (error == 0)
			return EXIT_CODE_OK;
		if (!patient || !is_throttled(error, message) || clock_milliseconds() >= deadline)
			return session_refused(session, error, message);
		free(message);
		clock_wait(RETRY);
	}
}

/* What was watched has been printed, and nobody looks at it again. */
static int forget(struct session *session, json_t *query)
{
	json_t *answer = NULL;
	int code;

	json_object_del(query, "MaxResults");
	json_object_del(query, "NextToken");
	code = session_call(session, "CancelFlowOperation", query, &answer);
	json_decref(answer);
	return code;
}

/* A list that was printed is good, if incomplete. */
static bool was_printed(int code)
{
	return code == EXIT_CODE_OK || code == EXIT_CODE_INCOMPLETE;
}

/* Take flows, wait for the end and print them. */
static int flows_once(struct session *session)
{
	bool watching = session->arguments->values[OPTION_WATCH] != NULL;
	json_t *result = NULL, *query;
	int code = start(session, &result);

	if (code != EXIT_CODE_OK)
		return code;
	query = json_pack("{sO*}", "FlowOperationId", json_object_get(result, "FlowOperationId"));
	json_decref(result);
	if (query == NULL)
		return session_written(session, -ENOMEM);
	code = wait_operation(session, query, wait_deadline(session->arguments));
	if (code == EXIT_CODE_OK)
		code = list_print(session, "ListFlowOperationResults", &view_flows, query, true);
	if (watching && was_printed(code) && forget(session, query) != EXIT_CODE_OK)
		code = EXIT_CODE_CONNECTION;
	json_decref(query);
	return code;
}

int flows_run(struct session *session)
{
	const struct arguments *arguments = session->arguments;
	json_t *params = arguments->params;

	/* No filter: every flow, or every one of an operation. */
	if (json_object_get(params, "FlowFilters") == NULL &&
		json_object_get(params, "OfOperation") == NULL &&
		json_object_set_new(params, "FlowFilters", json_pack("[{}]")) < 0)
		return session_written(session, -ENOMEM);
	if (arguments->values[OPTION_WATCH] == NULL)
		return flows_once(session);
	/* A table of now is to push nothing out of what is kept, and to write nothing. */
	if (json_object_set_new(params, "Transient", json_true()) < 0)
		return session_written(session, -ENOMEM);
	return watch_run(session, flows_once);
}

int export_run(struct session *session)
{
	const struct arguments *arguments = session->arguments;
	int code = EXIT_CODE_OK;

	if (arguments->values[OPTION_WAIT] != NULL)
		code = wait_operation(session, arguments->params, INT64_MAX);
	if (code == EXIT_CODE_OK)
		code = list_print(session, arguments->command->action, arguments->command->view,
			arguments->params, true);
	return code;
}
