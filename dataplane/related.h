/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * related: ICMP messages that are judged by other flows, or by what came before them, and not by
 * the stateful rules alone.
 *
 * Overview: an error passes when the flow that it quotes does, whatever the stateful rules say of
 * ICMP; it neither refreshes nor ends that flow, and is counted in an entry of its own addresses.
 * An answer wants its request. A redirect is a matter of the rules (it grants nothing), if the flow
 * is known that it quotes. Neighbor, router and multicast listener discovery pass, so that a bump
 * in the wire does not cut IPv6. What the stateless rules pass or drop by its header is none of
 * this.
 */
#ifndef TIDEGATE_DATAPLANE_RELATED_H
#define TIDEGATE_DATAPLANE_RELATED_H

#include "dataplane/icmp.h"
#include "dataplane/worker.h"

enum related {
	RELATED_RULES, /* the stateful rules judge it */
	RELATED_PASS,  /* it passes without them */
	RELATED_DROP,
};

/* Whether related_judge() has to be asked: position is the packet's flow, or negative. */
static inline bool related_matters(const struct worker *worker, const struct flow_table *table,
	int32_t position, const struct packet *packet)
{
	const struct flow *flow;

	if (likely(packet->icmp < ICMP_ANSWER))
		return false;
	if (packet->icmp >= ICMP_NEIGHBOR)
		return !packet->fragment; /* no node takes one in fragments: RFC 6980 section 5 */
	if ((worker->checks & CHECK_BIT(CHECK_ICMP_STATE)) == 0)
		return false;
	if (packet->icmp != ICMP_ANSWER || position < 0)
		return true;
	flow = &table->flows[position];
	return packet->end == flow->source_end ? !flow->asked_back : flow->packets[0] == 0;
}

/* Judge the packet at place i of the burst. *ret_reason: why it is dropped, with RELATED_DROP. */
enum related related_judge(struct worker *worker, unsigned i, enum drop_reason *ret_reason);

#endif
