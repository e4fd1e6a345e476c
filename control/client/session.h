/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session: one run of a command, with its connection and its output. What fails is told on stderr
 * where it fails; the functions return an enum exit_code.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_SESSION_H
#define TIDEGATE_CONTROL_CLIENT_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/client/arguments.h"
#include "control/client/connection.h"
#include "control/client/output.h"
#include "control/client/resolver.h"

/* Where the daemon listens unless its configuration says otherwise. */
#define SESSION_SOCKET_PATH "/run/tidegate/control.sock"

struct session {
	const struct arguments *arguments;
	struct connection *connection;
	struct output output;
	struct resolver *resolver; /* NULL: addresses are printed as they are */
	int64_t resolve_by;	   /* clock_milliseconds(): until then a list waits for names */
};

/* Whether a descriptor is a terminal that knows control sequences. */
bool session_on_terminal(int descriptor);

/* Connect, run the command and disconnect; the answer goes to stdout. */
int session_run(const struct arguments *arguments);

/* Call one method. The result is the caller's. */
int session_call(
	struct session *session, const char *method, const json_t *params, json_t **ret_result);

/* Tell on stderr what connection_call() has failed with, and free it. Returns the exit code. */
int session_refused(const struct session *session, int error, char *message);

/* The exit code for what a function of output.h returned. A reader that went away is no error. */
int session_written(struct session *session, int error);

/* One call, its answer one document. */
int action_run(struct session *session);

/* One call whose answer is a list, or page after page of it. */
int list_run(struct session *session);

/*
 * Print a list: one page as params ask for it, or with follow all pages. params gets MaxResults and
 * NextToken. Of a flow operation's results the exit code tells whether they are complete.
 */
int list_print(struct session *session, const char *method, const struct view *view, json_t *params,
	bool follow);

int flows_run(struct session *session);
int export_run(struct session *session);
int status_run(struct session *session);
int reload_run(struct session *session);
int explain_run(struct session *session);

/*
 * What the state of a flow operation means for the exit code: COMPLETED, or an answer without a
 * state, is EXIT_CODE_OK; FAILED is EXIT_CODE_SERVER; any other EXIT_CODE_INCOMPLETE. Tells the
 * last two on stderr.
 */
int session_check(const struct session *session, const json_t *answer);

#endif
