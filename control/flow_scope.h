/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_scope: the members of a request that say which flows it is for, beside FlowFilters.
 */
#ifndef TIDEGATE_CONTROL_FLOW_SCOPE_H
#define TIDEGATE_CONTROL_FLOW_SCOPE_H

#include <stdbool.h>

#include "control/api_member.h"
#include "control/reply.h"
#include "dataplane/dataplane.h"

#define FLOW_SCOPE_MEMBERS                                                                         \
	(MEMBER_BIT(MINIMUM_FLOW_AGE) | MEMBER_BIT(MAXIMUM_FLOW_AGE) |                             \
		MEMBER_BIT(MINIMUM_BYTE_COUNT) | MEMBER_BIT(MINIMUM_PACKET_COUNT) |                \
		MEMBER_BIT(MINIMUM_IDLE) | MEMBER_BIT(STATES) | MEMBER_BIT(ACTIONS) |              \
		MEMBER_BIT(VLANS) | MEMBER_BIT(IP_VERSION))

/* An entry of each of the lists, up to one without a name. */
extern const struct api_constraint flow_scope_entries[];

/* Returns 0, or -1 with the reply an InvalidRequestException. */
int flow_scope_parse(
	const struct api_input *input, struct walk_scope *ret_scope, struct reply *reply);

/*
 * What a worker can tell by its own entry alone: the rest depends on both directions, and is told
 * after the entries that two workers have of one conversation were merged.
 */
void flow_scope_of_worker(const struct walk_scope *scope, struct walk_scope *ret_scope);

/* Whether there is such a rest. */
bool flow_scope_needs_merge(const struct walk_scope *scope);

#endif
