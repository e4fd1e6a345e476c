/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rpc: JSON-RPC 2.0, one line in, one line out (https://www.jsonrpc.org/specification).
 *
 * Overview: a line is a request or a batch. It is answered in steps of bounded length: one request
 * of a batch, or a piece of a long result. Whoever steps decides when, so that a long answer to one
 * client neither delays the others nor fills memory.
 */
#ifndef TIDEGATE_CONTROL_RPC_H
#define TIDEGATE_CONTROL_RPC_H

#include <stddef.h>

#include "control/flow_api.h"
#include "control/reply.h"

struct evbuffer;
struct rpc_call;

enum {
	RPC_BATCH_MAX = 100,   /* requests in a batch */
	RPC_VALUE_MAX = 20000, /* JSON values in a line: they take time and memory to parse */
};

/* Take one line, without its end. The line may be freed afterwards. -ENOMEM */
int rpc_begin(
	const struct flow_api *api, const char *line, size_t length, struct rpc_call **ret_call);

/*
 * Append the next step of the answer, the last one with a newline; a notification appends nothing.
 * Returns 1 while there is more, 0 at the end, or -errno: then the answer is broken off.
 */
int rpc_step(struct rpc_call *call, struct evbuffer *output);
void rpc_end(struct rpc_call *call);

/* Append a whole error answer to no particular request (id null). Returns 0 or -ENOMEM. */
int rpc_write_error(struct evbuffer *output, const struct reply *reply);

#endif
