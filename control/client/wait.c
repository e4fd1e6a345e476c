/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/wait.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/client/clock.h"
#include "control/client/message.h"

enum {
	/* Milliseconds between two looks at the operation: doubled, from the first to the last. */
	STEP_FIRST = 2,
	STEP_LAST = 20,
	/* An operation that takes no longer, in milliseconds, has no progress line. */
	PROGRESS_AFTER = 500,
	PROGRESS_SIZE = 80, /* bytes; no line is wider than a terminal usually is */
};

/* To the start of the line, and clear to its end. */
#define CLEAR_LINE "\r\033[K"

void wait_progress(const json_t *answer, char *text, size_t size)
{
	const char *type = json_string_value(json_object_get(answer, "FlowOperationType"));
	const json_t *workers = json_object_get(answer, "Progress");
	long long elapsed = json_integer_value(json_object_get(answer, "ElapsedMilliseconds"));
	long long flows = json_integer_value(json_object_get(answer, "FlowCount"));
	size_t done = 0, i;
	const json_t *worker;

	json_array_foreach(workers, i, worker)
		done += json_integer_value(json_object_get(worker, "Positions")) > 0;
	snprintf(text, size, "%s: %lld s, %lld flows, %zu of %zu workers done",
		type != NULL && strcmp(type, "FLOW_FLUSH") == 0 ? "flush" : "capture",
		elapsed / 1000, flows, done, json_array_size(workers));
}

static void show_progress(const json_t *answer)
{
	char text[PROGRESS_SIZE];

	wait_progress(answer, text, sizeof(text));
	fprintf(stderr, CLEAR_LINE "%s", text);
	fflush(stderr);
}

/* Ask once; *ret_answer is the caller's. *ret_ended: the operation is in progress no longer. */
static int look(struct session *session, const json_t *query, json_t **ret_answer, bool *ret_ended)
{
	int code = session_call(session, "DescribeFlowOperation", query, ret_answer);
	const char *status;

	*ret_ended = true;
	if (code != EXIT_CODE_OK)
		return code;
	status = json_string_value(json_object_get(*ret_answer, "FlowOperationStatus"));
	*ret_ended = status == NULL || strcmp(status, "IN_PROGRESS") != 0;
	return code;
}

/* Tell of a failed operation; one that is incomplete is told of when its flows are printed. */
static int check_failed(const struct session *session, const json_t *answer)
{
	const char *status = json_string_value(json_object_get(answer, "FlowOperationStatus"));

	if (status == NULL || strcmp(status, "FAILED") != 0)
		return EXIT_CODE_OK;
	return session_check(session, answer);
}

int wait_operation(struct session *session, const json_t *query, int64_t deadline)
{
	int64_t start = clock_milliseconds();
	bool terminal = session_on_terminal(STDERR_FILENO), shown = false, ended = false;
	json_t *answer = NULL;
	long step = STEP_FIRST;
	int code;

	for (;;) {
		code = look(session, query, &answer, &ended);
		if (ended || clock_milliseconds() >= deadline)
			break;
		if (terminal && clock_milliseconds() - start >= PROGRESS_AFTER) {
			show_progress(answer);
			shown = true;
		}
		json_decref(answer);
		answer = NULL;
		clock_wait(step);
		step = step * 2 < STEP_LAST ? step * 2 : STEP_LAST;
	}
	if (shown)
		fputs(CLEAR_LINE, stderr);
	if (code == EXIT_CODE_OK && !ended) {
		message_print(
			session->arguments->command->name, "the operation has not ended in time");
		code = EXIT_CODE_CONNECTION;
	} else if (code == EXIT_CODE_OK) {
		code = check_failed(session, answer);
	}
	json_decref(answer);
	return code;
}
