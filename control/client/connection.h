/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connection: requests to tidegated over its Unix socket, JSON-RPC 2.0, one JSON text a line.
 *
 * Synchronisation: one request at a time, one thread.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_CONNECTION_H
#define TIDEGATE_CONTROL_CLIENT_CONNECTION_H

#include <jansson.h>

#include "control/client/rows.h"

struct connection;

/*
 * Connect to the socket at path. timeout is what connecting, and later each call, may take at most,
 * in milliseconds. Returns 0 or -errno with a message.
 */
int connection_open(const char *path, unsigned int timeout, struct connection **ret_connection,
	char **ret_message);
void connection_close(struct connection *connection);

/*
 * Call method with params (an object). Returns 0 and the result, which is the caller's; -EREMOTEIO
 * when the server refuses the request, and then the message is "EXCEPTION: its message"; another
 * -errno when there is no answer (-ETIMEDOUT, -ECONNRESET, …) or none that is JSON-RPC (-EPROTO).
 * After those the connection is of no more use.
 */
int connection_call(struct connection *connection, const char *method, const json_t *params,
	json_t **ret_result, char **ret_message);

/*
 * The same, for an answer whose result has a list of that name: its rows are left as text, and the
 * list is empty in the result. They last until the next call. rows->text is NULL where the list
 * was not found.
 */
int connection_call_list(struct connection *connection, const char *method, const json_t *params,
	const char *list, struct rows *rows, json_t **ret_result, char **ret_message);

#endif
