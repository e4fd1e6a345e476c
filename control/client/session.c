/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/session.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/client/message.h"

bool session_on_terminal(int descriptor)
{
	const char *terminal = getenv("TERM");

	return isatty(descriptor) && (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

/* Whether tables have colours: as --color says, else on a terminal that can, unless the user wants
 * none anywhere (https://no-color.org). */
static bool wants_color(const struct arguments *arguments)
{
	const char *when = arguments->values[OPTION_COLOR];
	const char *none = getenv("NO_COLOR");

	if (when != NULL && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return session_on_terminal(STDOUT_FILENO) && (none == NULL || *none == '\0');
}

/* --resolve is for who reads a table. */
static int open_resolver(struct session *session)
{
	if (session->arguments->values[OPTION_RESOLVE] == NULL ||
		session->output.format != &output_table)
		return EXIT_CODE_OK;
	session->resolver = resolver_open(resolver_lookup);
	return session_written(session, session->resolver != NULL ? 0 : -ENOMEM);
}

int session_run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_SOCKET];
	const struct output_format *format = arguments->output;
	struct session session = {.arguments = arguments};
	char *message = NULL;
	int code;

	if (path == NULL)
		path = getenv("TIDEGATE_SOCKET");
	if (path == NULL)
		path = SESSION_SOCKET_PATH;
	if (format == NULL)
		format = isatty(STDOUT_FILENO) ? &output_table : &output_json;
	code = connection_open(path, arguments->timeout * 1000, &session.connection, &message);
	if (code != 0) {
		message_print_free(arguments->command->name, message);
		return code == -ENOMEM ? EXIT_CODE_LOCAL : EXIT_CODE_CONNECTION;
	}
	output_init(&session.output, format, stdout, wants_color(arguments));
	code = open_resolver(&session);
	if (code == EXIT_CODE_OK)
		code = arguments->command->run(&session);
	resolver_close(session.resolver);
	output_fini(&session.output);
	connection_close(session.connection);
	return code;
}

int session_call(
	struct session *session, const char *method, const json_t *params, json_t **ret_result)
{
	char *message = NULL;
	int error = connection_call(session->connection, method, params, ret_result, &message);

	return error == 0 ? EXIT_CODE_OK : session_refused(session, error, message);
}

int session_refused(const struct session *session, int error, char *message)
{
	message_print_free(session->arguments->command->name, message);
	if (error == -EREMOTEIO)
		return EXIT_CODE_SERVER;
	return error == -ENOMEM ? EXIT_CODE_LOCAL : EXIT_CODE_CONNECTION;
}

int session_written(struct session *session, int error)
{
	if (error == 0 || error == -EPIPE)
		return EXIT_CODE_OK;
	message_print(
		session->arguments->command->name, "cannot print the answer: %s", strerror(-error));
	return EXIT_CODE_LOCAL;
}

int session_check(const struct session *session, const json_t *answer)
{
	const char *command = session->arguments->command->name;
	const char *status = json_string_value(json_object_get(answer, "FlowOperationStatus"));
	const char *reason = json_string_value(json_object_get(answer, "StatusMessage"));
	char *text;
	int code;

	if (status == NULL || strcmp(status, "COMPLETED") == 0)
		return EXIT_CODE_OK;
	if (asprintf(&text, "%s%s%s", status, reason != NULL ? ": " : "",
		    reason != NULL ? reason : "") < 0)
		return EXIT_CODE_LOCAL;
	message_clean(text);
	if (strcmp(status, "FAILED") == 0) {
		message_print(command, "the operation has failed: %s", text);
		code = EXIT_CODE_SERVER;
	} else {
		message_print(command, "warning: the result is incomplete: %s", text);
		code = EXIT_CODE_INCOMPLETE;
	}
	free(text);
	return code;
}
