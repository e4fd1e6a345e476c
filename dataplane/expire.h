/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * expire: idle flows leave their table.
 *
 * A flow is over the moment it has been idle for its timeout: lookups and walks ask expire_is_due()
 * and treat it as gone. The sweep, in slices, gives its entry back within a second: it
 * goes over the tables all the time, and is as far as the time that has passed unless many flows
 * are due at once.
 */
#ifndef TIDEGATE_DATAPLANE_EXPIRE_H
#define TIDEGATE_DATAPLANE_EXPIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/worker.h"

/* A flow seen after the burst's clock was read, by another reader of the clock, is not idle. */
static inline bool expire_is_due(const struct worker *worker, const struct flow *flow, uint64_t now)
{
	return now > flow->last_seen && now - flow->last_seen > worker->timeouts[flow->timeout];
}

/* Sweep what is due by now, at most one slice; whether a flow expired or more is due. */
bool expire_slice(struct worker *worker, uint64_t now);

#endif
