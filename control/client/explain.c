/* SPDX-License-Identifier: BSD-3-Clause */
/* explain: which rule decides a packet, and why those before it do not. */
#include <errno.h>
#include <stdbool.h>

#include "control/client/message.h"
#include "control/client/session.h"

enum {
	EARLIER_COUNT = 20, /* rules before the one that decides, unless all are asked for */
	PAGE_SIZE = 1000,
};

/* Ask again, as far as --all wants, until the answer has all rules before the one that decides. */
static int add_pages(struct session *session, json_t *params, json_t *answer)
{
	json_t *earlier = json_object_get(answer, "Earlier");
	json_t *token = json_incref(json_object_get(answer, "NextToken"));
	int code = EXIT_CODE_OK;

	while (token != NULL && code == EXIT_CODE_OK) {
		json_t *page = NULL;
		int error = json_object_set_new(params, "NextToken", token);

		token = NULL;
		if (error != 0)
			return session_written(session, -ENOMEM);
		code = session_call(session, session->arguments->command->action, params, &page);
		if (code == EXIT_CODE_OK &&
			json_array_extend(earlier, json_object_get(page, "Earlier")) != 0) {
			message_print(session->arguments->command->name,
				"the answer has no list Earlier");
			code = EXIT_CODE_CONNECTION;
		}
		token = json_incref(json_object_get(page, "NextToken"));
		json_decref(page);
	}
	json_decref(token);
	json_object_del(answer, "NextToken");
	json_object_set_new(answer, "Truncated", json_false());
	return code;
}

/* A row for each reason. NULL without memory. */
static json_t *reason_rows(const json_t *answer)
{
	json_t *rows = json_array(), *count;
	const char *reason;

	json_object_foreach(json_object_get(answer, "Reasons"), reason, count) {
		if (json_array_append_new(
			    rows, json_pack("{sssO}", "Reason", reason, "Rules", count)) == 0)
			continue;
		json_decref(rows);
		return NULL;
	}
	return rows;
}

static int print(struct session *session, const json_t *answer)
{
	json_t *summary = json_pack("[O]", (json_t *)answer), *reasons = reason_rows(answer);
	const struct section sections[] = {
		{&view_explanation, summary},
		{&view_alerts, json_object_get(answer, "Alerts")},
		{&view_earlier, json_object_get(answer, "Earlier")},
		{&view_reasons, reasons},
	};
	int error = -ENOMEM;

	if (summary != NULL && reasons != NULL)
		error = output_document(
			&session->output, answer, sections, sizeof(sections) / sizeof(sections[0]));
	json_decref(summary);
	json_decref(reasons);
	return session_written(session, error);
}

int explain_run(struct session *session)
{
	json_t *params = session->arguments->params, *answer = NULL;
	bool all = session->arguments->values[OPTION_ALL] != NULL;
	int code;

	if (json_object_set_new(
		    params, "MaxResults", json_integer(all ? PAGE_SIZE : EARLIER_COUNT)) != 0)
		return session_written(session, -ENOMEM);
	code = session_call(session, session->arguments->command->action, params, &answer);
	if (code == EXIT_CODE_OK && all)
		code = add_pages(session, params, answer);
	if (code == EXIT_CODE_OK)
		code = print(session, answer);
	json_decref(answer);
	return code;
}
