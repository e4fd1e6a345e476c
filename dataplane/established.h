/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * established: plain packets of established flows that pass by what their entry knows.
 *
 * Overview: of these nothing has to be asked but the entry, and nothing changes but its counters, the
 * numbers of TCP, and the counters of the rules. Those are written once for packets that follow each
 * other and go by the same rules. Whatever is out of the ordinary is left to judge.h, which says
 * the same of these packets, in more steps.
 */
#ifndef TIDEGATE_DATAPLANE_ESTABLISHED_H
#define TIDEGATE_DATAPLANE_ESTABLISHED_H

#include "dataplane/tcp_window.h"
#include "dataplane/verdict.h"
#include "dataplane/worker.h"

/* What rules are to count: packets that go by the same ones. */
struct tally {
	uint64_t packets;
	uint64_t bytes;
	uint32_t rule; /* places, see policy.h */
	uint16_t stateless;
	bool stateful; /* the stateful rule counts, too */
};

static inline void tally_flush(struct worker *worker, struct tally *tally)
{
	const struct policy *policy = worker->policy;

	if (tally->packets == 0)
		return;
	verdict_hits(policy_stateless_hits(policy, worker->index, tally->stateless), tally->packets,
		tally->bytes, worker->burst.now);
	if (tally->stateful)
		verdict_hits(policy_stateful_hits(policy, worker->index, tally->rule),
			tally->packets, tally->bytes, worker->burst.now);
	tally->packets = 0;
	tally->bytes = 0;
}

static inline void tally_add(struct worker *worker, struct tally *tally, const struct flow *flow,
	unsigned direction, uint32_t bytes)
{
	bool stateful = (flow->stateless_actions >> 2 * direction & 3) == STATELESS_FORWARD + 1;

	if (unlikely(flow->rule != tally->rule || flow->stateless[direction] != tally->stateless ||
		    stateful != tally->stateful)) {
		tally_flush(worker, tally);
		tally->rule = flow->rule;
		tally->stateless = flow->stateless[direction];
		tally->stateful = stateful;
	}
	tally->packets++;
	tally->bytes += bytes;
}

/* Judge and count a packet of the flow at a position, if it is such a one. */
static inline bool established_pass(struct worker *worker, struct flow_table *table,
	uint32_t position, const struct packet *packet, struct tally *tally)
{
	struct flow *flow = &table->flows[position];
	unsigned direction = track_direction(flow, packet);
	uint64_t now = worker->burst.now;

	if (unlikely(flow->state != FLOW_ESTABLISHED ||
		    flow->generation != worker->policy->generation ||
		    (flow->passes >> (SITUATION_ESTABLISHED | direction) & 1) == 0 ||
		    !verdict_established(flow) ||
		    now - flow->last_seen > worker->timeouts[flow->timeout]))
		return false;
	if (packet->protocol == IPPROTO_TCP &&
		!tcp_window_step(&table->connections[position].tcp, &packet->tcp, direction))
		return false;
	flow->packets[direction]++;
	flow->bytes[direction] += packet->length;
	flow->last_seen = now;
	tally_add(worker, tally, flow, direction, packet->length);
	return true;
}

#endif
