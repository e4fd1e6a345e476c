/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that are one action of the flow API with one answer. */
#include <errno.h>

#include "control/client/message.h"
#include "control/client/session.h"

int action_run(struct session *session)
{
	const struct command *command = session->arguments->command;
	struct section section = {.view = command->view};
	json_t *result = NULL;
	json_t *rows;
	int code = session_call(session, command->action, session->arguments->params, &result);

	if (code != EXIT_CODE_OK)
		return code;
	rows = json_pack("[O]", result);
	section.rows = rows;
	code = session_written(session,
		rows != NULL ? output_document(&session->output, result, &section, 1) : -ENOMEM);
	json_decref(rows);
	json_decref(result);
	return code;
}
