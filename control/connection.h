/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connection: one client of the control socket.
 *
 * Overview: lines come in, answers go out in the order of the lines, one line at a time, in steps
 * (rpc.h) with a turn of the event loop between any two, so that no client waits long for another.
 * A client that does not read is not read from, and after a minute without progress it is cut off.
 * So is one whose line has no end after as long as the configuration allows; between lines a client
 * may be silent for ever.
 *
 * Life-cycle: ends itself (the client has gone and has its answers, an error, a line that is too
 * long or takes too long) and then says so through closed().
 */
#ifndef TIDEGATE_CONTROL_CONNECTION_H
#define TIDEGATE_CONTROL_CONNECTION_H

#include "control/flow_api.h"

enum {
	CONNECTION_LINE_MAX = 1 << 20,	 /* bytes of a request, without the line's end */
	CONNECTION_OUTPUT_MAX = 1 << 20, /* bytes waiting for the client; then no more is made */
};

struct event_base;
struct connection;

/* Called when the connection has ended itself; it is freed after that. */
typedef void connection_closed_fn(struct connection *connection, void *context);

/* Serve a connected socket, which it closes, also on failure. Returns 0 or -ENOMEM. */
int connection_create(struct event_base *base, int fd, const struct flow_api *api,
	connection_closed_fn *closed, void *context, struct connection **ret_connection);

/* Cut it off, without a call of closed(). */
void connection_destroy(struct connection *connection);

/* Read no more; end when the lines that have come in are answered. May call closed() at once. */
void connection_drain(struct connection *connection);

#endif
