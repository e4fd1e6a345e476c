/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verdict: the policy's judgement of packets, kept in their flow's entry as far as it holds for
 * more.
 *
 * Overview: a packet meets the stateless rules by its own header, and what they forward the
 * stateful ones by its flow's situation. What the stateless rules say of a direction holds for all
 * its packets, unless they look at TCP flags or the packet is a fragment. The stateful rules judge
 * each situation once; a rule that decides holds for the whole flow, a default action for the
 * situation alone. A reply that none of the source's packets were judged before goes by the rule
 * that decides for these, if there is one. Where all that is known and comes to "pass", the entry
 * has the situation's bit in passes, and nothing is asked.
 */
#ifndef TIDEGATE_DATAPLANE_VERDICT_H
#define TIDEGATE_DATAPLANE_VERDICT_H

#include <netinet/in.h>

#include <rte_tcp.h>

#include "dataplane/flow.h"
#include "dataplane/policy.h"
#include "dataplane/track.h"
#include "dataplane/worker.h"

/* What the stateless rules say of a packet. */
struct stateless_judgement {
	uint16_t place; /* of the counters, see policy.h */
	uint8_t action; /* enum stateless_action */
	bool lasting;	/* it holds for every packet of the direction */
};

/* Ask the stateless rules about a packet, and count it. */
void verdict_stateless(struct worker *worker, const struct packet *packet,
	struct stateless_judgement *ret_judgement);

/* The reason to drop a packet that the stateless rules drop. */
enum drop_reason verdict_stateless_reason(
	const struct policy *policy, const struct stateless_judgement *judgement);

/*
 * Judge a packet of the flow at a position, before the packet changes it. i is the packet's place
 * in the burst; judgement is what the stateless rules said of it, or NULL: not asked yet. Counts it
 * for the rules, and reports alerts. Returns the reason to drop it, or DROP_NONE.
 */
enum drop_reason verdict_packet(struct worker *worker, struct flow_table *table, uint32_t position,
	unsigned i, const struct stateless_judgement *judgement);

/* Whether the policy in force would drop the next packet of a flow that passes, of one direction or
 * the other. Of TCP it is an ACK, or when one side alone has sent a packet of any flags. */
bool verdict_denied(const struct policy *policy, const struct flow_table *table, uint32_t position);

/* Whether the packets of a flow pass, by its last judgement and the policy in force. */
bool verdict_passes(const struct policy *policy, const struct flow_table *table, uint32_t position);

/* Count a packet for the rule of the flow by which it passes. */
void verdict_count_related(
	struct worker *worker, const struct flow *flow, const struct packet *packet);

/* What a filter looks at in a flow: its source and destination, not the packet's. */
void verdict_tuple(const struct flow_table *table, uint32_t position, struct tuple *tuple);

/* Whether both sides of a flow have sent. Its state alone does not tell: a FIN or RST of one side
 * is enough to end it. */
static inline bool verdict_established(const struct flow *flow)
{
	return flow->packets[1] > 0;
}

/*
 * The situation of a packet in its flow, before it changes it. A TCP flow is established when both
 * sides have sent, and its SYNs belong to the handshake in any case; any other is with the first
 * packet back.
 */
static inline unsigned verdict_situation(const struct flow *flow, const struct packet *packet)
{
	unsigned direction = track_direction(flow, packet);
	bool established = verdict_established(flow);

	if (packet->protocol == IPPROTO_TCP)
		established = established && (packet->tcp_flags & RTE_TCP_SYN_FLAG) == 0;
	else
		established = established || direction == SITUATION_REVERSE;
	return direction | (established ? SITUATION_ESTABLISHED : 0);
}

/* Whether a reason is that of the stateless rules: such a packet does not touch its flow. */
static inline bool verdict_is_stateless(enum drop_reason reason)
{
	return reason == DROP_STATELESS_RULE || reason == DROP_STATELESS_DEFAULT;
}

static inline void verdict_hits(
	struct rule_hits *hits, uint64_t packets, uint64_t bytes, uint64_t now)
{
	hits->packets += packets;
	hits->bytes += bytes;
	hits->last_seen = now;
}

static inline void verdict_hit(struct rule_hits *hits, const struct packet *packet, uint64_t now)
{
	verdict_hits(hits, 1, packet->length, now);
}

/* Whether the packet passes by what the entry knows; situation is the packet's. */
static inline bool verdict_is_known(const struct policy *policy, const struct flow *flow,
	const struct packet *packet, unsigned situation)
{
	return likely(flow->generation == policy->generation && !packet->fragment &&
		(flow->passes >> situation & 1) != 0);
}

/* Count for the rules a packet that passes by what the entry knows. */
static inline void verdict_count(
	struct worker *worker, const struct flow *flow, const struct packet *packet)
{
	const struct policy *policy = worker->policy;
	uint64_t now = worker->burst.now;
	unsigned direction = track_direction(flow, packet);

	verdict_hit(policy_stateless_hits(policy, worker->index, flow->stateless[direction]),
		packet, now);
	if ((flow->stateless_actions >> 2 * direction & 3) == STATELESS_FORWARD + 1)
		verdict_hit(policy_stateful_hits(policy, worker->index, flow->rule), packet, now);
}

#endif
