/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/event.h"

#include <rte_ring_elem.h>

#include "dataplane/track.h"

void event_report(struct worker *worker, const struct flow_table *table, uint32_t position,
	unsigned i, uint32_t rule, enum stateful_action action)
{
	const struct packet *packet = &worker->burst.packets[i];
	struct event_record event = {
		.length = packet->length,
		.port = worker->burst.mbufs[i]->port,
		.action = action,
		.direction = track_direction(&table->flows[position], packet),
		.tcp_flags = packet->tcp_flags,
	};

	flow_to_record(table, position, worker->burst.now, &event.flow);
	event.flow.rule = rule;
	event.flow.rule_kind = RULE_STATEFUL;
	if (rte_ring_sp_enqueue_elem(worker->events, &event, sizeof(event)) != 0)
		worker->stats.events_lost++;
}
