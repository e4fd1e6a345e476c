/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/established.h"

/* The situation's bit tells that both sides have sent: it is set when such a packet passes. */
bool established_begin(struct worker *worker, struct alike *alike, const struct flow *flow,
	const struct packet *packet)
{
	unsigned direction = track_direction(flow, packet);

	if (flow->state != FLOW_ESTABLISHED || flow->generation != worker->policy->generation ||
		(flow->passes >> (SITUATION_ESTABLISHED | direction) & 1) == 0)
		return false;
	established_count(worker, alike);
	alike->words = flow_words(flow, packet->end);
	alike->timeout = worker->timeouts[flow->timeout];
	/* Of TCP always; by their timeouts, flows of TCP and of UDP are not alike. */
	if (packet->protocol == IPPROTO_TCP)
		alike->room = 0;
	else
		alike->room = alike->timeout + (alike->timeout != UINT64_MAX);
	alike->rule = flow->rule;
	alike->stateless = flow->stateless[direction];
	alike->direction = direction;
	alike->stateful = (flow->stateless_actions >> 2 * direction & 3) == STATELESS_FORWARD + 1;
	return true;
}
