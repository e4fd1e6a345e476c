/* SPDX-License-Identifier: BSD-3-Clause */
/* reload: make the daemon read its configuration again, and wait for the result. */
#include <errno.h>
#include <string.h>

#include "control/client/clock.h"
#include "control/client/message.h"
#include "control/client/session.h"

/* Milliseconds between two looks: doubled, from the first to the last. */
enum { STEP_FIRST = 2, STEP_LAST = 100 };

/* Look until no reload is in progress; *ret_policy is then Policy of GetStatus. A reload always
 * ends. */
static int wait_end(struct session *session, json_t **ret_policy)
{
	for (long step = STEP_FIRST;; step = step * 2 < STEP_LAST ? step * 2 : STEP_LAST) {
		json_t *answer = NULL, *policy;
		const char *status;
		int code = session_call(session, "GetStatus", session->arguments->params, &answer);

		if (code != EXIT_CODE_OK)
			return code;
		policy = json_incref(json_object_get(answer, "Policy"));
		json_decref(answer);
		status = json_string_value(
			json_object_get(json_object_get(policy, "LastReload"), "Status"));
		if (status == NULL) {
			json_decref(policy);
			message_print(session->arguments->command->name,
				"the daemon tells nothing of the reload");
			return EXIT_CODE_CONNECTION;
		}
		if (strcmp(status, "IN_PROGRESS") != 0) {
			*ret_policy = policy;
			return EXIT_CODE_OK;
		}
		json_decref(policy);
		clock_wait(step);
	}
}

/* Tell on stderr why a reload has failed. Returns the exit code. */
static int check(const struct session *session, const json_t *last)
{
	const char *status = json_string_value(json_object_get(last, "Status"));
	const char *reason = json_string_value(json_object_get(last, "Message"));
	char *text;

	if (strcmp(status, "COMPLETED") == 0)
		return EXIT_CODE_OK;
	text = strdup(reason != NULL ? reason : status);
	message_print_free(
		session->arguments->command->name, text != NULL ? message_clean(text) : NULL);
	return EXIT_CODE_SERVER;
}

int reload_run(struct session *session)
{
	const struct command *command = session->arguments->command;
	struct section section = {.view = command->view};
	json_t *answer = NULL, *policy = NULL, *rows;
	int code = session_call(session, command->action, session->arguments->params, &answer);

	json_decref(answer);
	if (code == EXIT_CODE_OK)
		code = wait_end(session, &policy);
	if (code == EXIT_CODE_OK)
		code = check(session, json_object_get(policy, "LastReload"));
	if (code == EXIT_CODE_OK) {
		rows = json_pack("[O]", policy);
		section.rows = rows;
		code = session_written(session,
			rows != NULL ? output_document(&session->output, policy, &section, 1)
				     : -ENOMEM);
		json_decref(rows);
	}
	json_decref(policy);
	return code;
}
