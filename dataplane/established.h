/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * established: plain packets of established flows that pass by what their entry knows.
 *
 * Overview: of these nothing has to be asked but the entry, and nothing changes but its counters, the
 * numbers of TCP, and the counters of the rules. Packets that follow each other are nearly always of
 * flows that are judged alike: what that is comes from the first one, and is counted once for
 * all. Whatever is out of the ordinary is left to judge.h, which says
 * the same of these packets, in more steps.
 */
#ifndef TIDEGATE_DATAPLANE_ESTABLISHED_H
#define TIDEGATE_DATAPLANE_ESTABLISHED_H

#include "dataplane/tcp_window.h"
#include "dataplane/verdict.h"
#include "dataplane/worker.h"

/* The flows that a packet's flow is compared with: their packets of one direction pass. */
struct alike {
	struct flow_words words;
	uint64_t timeout;
	uint64_t room; /* from a flow's last packet on: when more than the words is asked about */
	/* What the rules are to count. */
	uint64_t packets;
	uint64_t bytes;
	uint32_t rule; /* places, see policy.h */
	uint16_t stateless;
	bool stateful; /* the stateful rule counts, too */
	unsigned direction;
};

/* Like no flow: none has such a state. */
static inline void established_init(struct alike *alike)
{
	memset(alike, 0, sizeof(*alike));
	alike->words.state = UINT64_MAX;
}

static inline void established_count(struct worker *worker, struct alike *alike)
{
	const struct policy *policy = worker->policy;

	if (alike->packets == 0)
		return;
	verdict_hits(policy_stateless_hits(policy, worker->index, alike->stateless), alike->packets,
		alike->bytes, worker->burst.now);
	if (alike->stateful)
		verdict_hits(policy_stateful_hits(policy, worker->index, alike->rule),
			alike->packets, alike->bytes, worker->burst.now);
	alike->packets = 0;
	alike->bytes = 0;
}

/* Go on with flows like this one, if the packet's direction passes by what the entry knows. */
bool established_begin(struct worker *worker, struct alike *alike, const struct flow *flow,
	const struct packet *packet);

static inline bool established_alike(
	const struct alike *alike, const struct flow *flow, unsigned end)
{
	struct flow_words words = flow_words(flow, end);

	return words.rule == alike->words.rule && words.state == alike->words.state;
}

/* Whether a packet of a flow that is alike passes where more is asked about: the flow may be over,
 * and TCP has its numbers. */
static inline bool established_asked(const struct alike *alike, const struct flow *flow,
	struct tcp *tcp, const struct packet *packet, uint64_t now)
{
	return now - flow->last_seen <= alike->timeout && packet->protocol == IPPROTO_TCP &&
		tcp_window_step(tcp, &packet->tcp, alike->direction);
}

/* Judge and count a packet of the flow at a position, if it is such a one. */
static __rte_always_inline bool established_pass(struct worker *worker, struct flow_table *table,
	uint32_t position, const struct packet *packet, struct alike *alike)
{
	struct flow *flow = &table->flows[position];
	uint64_t now = worker->burst.now;
	unsigned direction;

	if (unlikely(!established_alike(alike, flow, packet->end)) &&
		!established_begin(worker, alike, flow, packet))
		return false;
	if (now - flow->last_seen >= alike->room &&
		!established_asked(alike, flow, &table->connections[position].tcp, packet, now))
		return false;
	direction = alike->direction;
	flow->packets[direction]++;
	flow->bytes[direction] += packet->length;
	flow->last_seen = now;
	alike->packets++;
	alike->bytes += packet->length;
	return true;
}

#endif
