/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * in_order: verdicts by frame number, whatever order they are decided in: a fragment that waits
 * for another holds back those behind it.
 */
#ifndef TIDEGATE_REPLAY_IN_ORDER_H
#define TIDEGATE_REPLAY_IN_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct in_order_slot;

/* All zero: nothing yet, the first number is 0. */
struct in_order {
	struct in_order_slot *slots; /* by number modulo size */
	size_t size;		     /* a power of two, or 0 */
	uint64_t next;		     /* number to come out */
};

/* Take a verdict in; the numbers have no gap in the end. Returns 0 or -ENOMEM. */
int in_order_put(struct in_order *queue, const struct offline_verdict *verdict);

/* The next verdict by number, good until the next call here; NULL when it is not decided yet. */
const struct offline_verdict *in_order_get(struct in_order *queue);

void in_order_fini(struct in_order *queue);

#endif
