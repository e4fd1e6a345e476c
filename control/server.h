/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server: the control socket, an AF_UNIX stream socket of mode 0660.
 *
 * Life-cycle: server_create() → server_drain(), once → server_destroy(). The path is claimed before
 * (claim.h).
 */
#ifndef TIDEGATE_CONTROL_SERVER_H
#define TIDEGATE_CONTROL_SERVER_H

#include "control/flow_api.h"

/* The most clients at once. */
enum { SERVER_CLIENT_MAX = 256 };

struct event_base;
struct server;

/*
 * Listen on the path for the group (a name or a number; NULL: the process's own). Returns 0, or
 * -errno with the cause logged. The API is to outlive it.
 */
int server_create(struct event_base *base, const struct flow_api *api, const char *path,
	const char *group, struct server **ret_server);

/* Accept no more clients, answer what has come in; the event loop ends when that is done. */
void server_drain(struct server *server);

/* Cut off the clients that are left and remove the socket. */
void server_destroy(struct server *server);

#endif
