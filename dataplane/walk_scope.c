/* SPDX-License-Identifier: BSD-3-Clause */
/* walk_scope: which flows an operation is about. */
#include "dataplane/dataplane.h"

#include <string.h>

void walk_scope_init(struct walk_scope *ret_scope)
{
	memset(ret_scope, 0, sizeof(*ret_scope));
	ret_scope->maximum_age = UINT64_MAX;
	ret_scope->states = SCOPE_BIT(FLOW_STATE_COUNT) - 1;
	ret_scope->actions = SCOPE_BIT(ACTION_ALLOW) | SCOPE_BIT(ACTION_DROP);
	ret_scope->ip_versions = SCOPE_IPV4 | SCOPE_IPV6;
	ret_scope->any_vlan = true;
}

bool walk_scope_takes_all(const struct walk_scope *scope)
{
	struct walk_scope all;

	walk_scope_init(&all);
	return scope->minimum_age == 0 && scope->maximum_age == all.maximum_age &&
		scope->minimum_idle == 0 && scope->minimum_packets == 0 &&
		scope->minimum_bytes == 0 && scope->states == all.states &&
		scope->actions == all.actions && scope->ip_versions == all.ip_versions &&
		scope->any_vlan;
}

/* A flow that began after the start is younger than any minimum but 0, and than any maximum. */
static bool accepts_age(
	const struct walk_scope *scope, const struct flow_record *flow, uint64_t start)
{
	if (flow->first_seen > start)
		return scope->minimum_age == 0;
	return start - flow->first_seen >= scope->minimum_age &&
		start - flow->first_seen <= scope->maximum_age;
}

bool walk_scope_accepts(
	const struct walk_scope *scope, const struct flow_record *flow, uint64_t start)
{
	uint64_t idle = flow->captured > flow->last_seen ? flow->captured - flow->last_seen : 0;
	uint8_t version = flow->version == 4 ? SCOPE_IPV4 : SCOPE_IPV6;
	unsigned vlan = flow->vlan_inner;

	return accepts_age(scope, flow, start) && idle >= scope->minimum_idle &&
		flow->packets[0] + flow->packets[1] >= scope->minimum_packets &&
		flow->bytes[0] + flow->bytes[1] >= scope->minimum_bytes &&
		(scope->states & SCOPE_BIT(flow->state)) != 0 &&
		(scope->actions & SCOPE_BIT(flow->action)) != 0 &&
		(scope->ip_versions & version) != 0 &&
		(scope->any_vlan || (scope->vlans[vlan / 64] >> vlan % 64 & 1) != 0);
}
