/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verdict: the policy's judgement of a new flow, kept in its entry for all its packets.
 */
#ifndef TIDEGATE_DATAPLANE_VERDICT_H
#define TIDEGATE_DATAPLANE_VERDICT_H

#include "dataplane/flow.h"
#include "dataplane/policy.h"

/* Judge the flow at a position, which has its key and source end. */
void verdict_decide(const struct policy *policy, const struct flow_table *table, uint32_t position);

/* What a filter or policy looks at in a flow: its source and destination, not the packet's. */
void verdict_tuple(const struct flow_table *table, uint32_t position, struct tuple *tuple);

/* The reason to drop a packet of the flow, or DROP_NONE. */
static inline enum drop_reason verdict_of(const struct flow *flow)
{
	if (flow->action == ACTION_ALLOW)
		return DROP_NONE;
	return flow->rule == RULE_NONE ? DROP_DEFAULT_ACTION : DROP_RULE;
}

#endif
