/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that print lists, page by page. */
#include <errno.h>
#include <string.h>

#include "control/client/clock.h"
#include "control/client/message.h"
#include "control/client/session.h"

/* Rows that are asked for at a time: some 300 kB of text, soon there and soon parsed. */
#define PAGE_SIZE 1000

/* How long a list waits for the names of its addresses in all, in milliseconds. */
enum { RESOLVE_TIME = 1000 };

/* Ask for a page. Its rows come as text where the format can print that, else in the page. */
static int call_page(struct session *session, const char *method, const struct view *view,
	const json_t *params, struct rows *rows, json_t **ret_page)
{
	char *message = NULL;
	int error;

	*rows = (struct rows){NULL, 0};
	if (session->output.format->list_text == NULL)
		return session_call(session, method, params, ret_page);
	error = connection_call_list(
		session->connection, method, params, view->list, rows, ret_page, &message);
	return error == 0 ? EXIT_CODE_OK : session_refused(session, error, message);
}

/*
 * Print the rows of a page, which loses them. The first page is kept as *head: what a list has
 * beside its rows is printed from there.
 */
static int print_page(struct session *session, const struct view *view, const struct rows *text,
	json_t *page, json_t **head)
{
	json_t *rows = json_incref(json_object_get(page, view->list));
	int error = 0;

	json_object_del(page, view->list);
	if (*head == NULL) {
		*head = json_incref(page);
		error = output_list_begin(&session->output, view, *head);
	}
	if (error == 0 && session->resolver != NULL)
		error = resolver_apply(session->resolver, rows, session->resolve_by);
	if (error == 0 && text->text != NULL)
		error = output_list_text(&session->output, view, text->text, text->length);
	else if (error == 0)
		error = output_list_rows(&session->output, view, rows);
	json_decref(rows);
	return error;
}

/* An answer without the list is none of this method. */
static int check_page(const struct session *session, const struct view *view, const json_t *page)
{
	if (json_is_array(json_object_get(page, view->list)))
		return EXIT_CODE_OK;
	message_print(session->arguments->command->name, "the answer has no list %s", view->list);
	return EXIT_CODE_CONNECTION;
}

/* Move the token of the page to the params of the next request. *ret_more: there is a next one. */
static int turn_page(struct session *session, json_t *page, json_t *params, bool *ret_more)
{
	json_t *token = json_object_get(page, "NextToken");

	*ret_more = token != NULL;
	if (token == NULL)
		return EXIT_CODE_OK;
	if (json_equal(token, json_object_get(params, "NextToken"))) {
		message_print(session->arguments->command->name,
			"the server gave the same NextToken twice");
		return EXIT_CODE_CONNECTION;
	}
	if (json_object_set(params, "NextToken", token) < 0)
		return session_written(session, -ENOMEM);
	json_object_del(page, "NextToken");
	return EXIT_CODE_OK;
}

int list_print(struct session *session, const char *method, const struct view *view, json_t *params,
	bool follow)
{
	json_t *page = NULL;
	json_t *head = NULL;
	struct rows rows;
	bool more = false;
	int error = 0;
	int code;

	if (follow && json_object_set_new(params, "MaxResults", json_integer(PAGE_SIZE)) < 0)
		return session_written(session, -ENOMEM);
	session->resolve_by = clock_milliseconds() + RESOLVE_TIME;
	do {
		json_decref(page);
		page = NULL;
		code = call_page(session, method, view, params, &rows, &page);
		if (code == EXIT_CODE_OK)
			code = check_page(session, view, page);
		if (code == EXIT_CODE_OK && follow)
			code = turn_page(session, page, params, &more);
		if (code != EXIT_CODE_OK)
			goto out;
		error = print_page(session, view, &rows, page, &head);
	} while (more && error == 0);
	if (error == 0)
		error = output_list_end(&session->output, view, head);
	code = error != 0 ? session_written(session, error) : session_check(session, page);
out:
	json_decref(head);
	json_decref(page);
	return code;
}

int list_run(struct session *session)
{
	const struct command *command = session->arguments->command;
	json_t *params = session->arguments->params;
	bool by_hand = json_object_get(params, "MaxResults") != NULL ||
		json_object_get(params, "NextToken") != NULL;

	return list_print(session, command->action, command->view, params, !by_hand);
}
