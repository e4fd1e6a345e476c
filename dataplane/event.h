/* SPDX-License-Identifier: BSD-3-Clause */
/* event: what stateful rules did that is to be told, as records in the worker's event ring. */
#ifndef TIDEGATE_DATAPLANE_EVENT_H
#define TIDEGATE_DATAPLANE_EVENT_H

#include "dataplane/worker.h"

/*
 * Report that a rule (its index, or RULE_NONE: a default action) has done action to the packet at
 * place i of the burst, of the flow at a position, which the packet has not changed yet. Without
 * room it is counted as lost.
 */
void event_report(struct worker *worker, const struct flow_table *table, uint32_t position,
	unsigned i, uint32_t rule, enum stateful_action action);

#endif
