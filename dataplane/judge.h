/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * judge: what becomes of a packet of the burst, by its flow, the policy and the flows that it
 * speaks of.
 *
 * Overview: judge_packet() is the way of the packets of an established flow, by what its entry
 * knows; whatever asks for more is in judge.c. The flow's counters are the caller's to keep.
 *
 * A flow of which no packet has passed is no conversation: its other end answers nothing, so a
 * packet from there begins a flow of its own, in place of it.
 */
#ifndef TIDEGATE_DATAPLANE_JUDGE_H
#define TIDEGATE_DATAPLANE_JUDGE_H

#include "dataplane/track.h"
#include "dataplane/verdict.h"
#include "dataplane/worker.h"

/*
 * Judge the packet at place i of the burst, of no flow that goes on, or that its own flow alone
 * does not decide (related_matters()), or from the other end of one of which nothing has passed.
 * burst.positions[i] is its flow, or negative; it is set to the new one's. over is the position of
 * its tuple's last flow, which is to make way for it, or negative.
 */
enum drop_reason judge_other(
	struct worker *worker, struct flow_table *table, unsigned i, int32_t over);

/* Judge a packet of the flow at a position, of which more has to be asked than the entry knows.
 * burst.positions[i] is then that of the packet's own flow, or negative. */
enum drop_reason judge_again(
	struct worker *worker, struct flow_table *table, uint32_t position, unsigned i);

/* A packet that cannot be its flow's, for a reason. It does not count for the flow, unless the
 * stateless rules pass it: what they pass, state does not matter for. */
enum drop_reason judge_stray(
	struct worker *worker, const struct packet *packet, enum drop_reason reason);

/* Advance a flow's state by a packet of it. */
static inline void judge_advance(
	struct flow_table *table, uint32_t position, const struct packet *packet)
{
	struct flow *flow = &table->flows[position];
	uint8_t before = flow->state;

	track_update(flow, &table->connections[position], packet);
	flow_note_state(table, position, before);
}

/* Judge a packet of the flow at a position, and advance the flow's state. */
static inline enum drop_reason judge_packet(
	struct worker *worker, struct flow_table *table, uint32_t position, unsigned i)
{
	const struct packet *packet = &worker->burst.packets[i];
	struct flow *flow = &table->flows[position];
	unsigned situation = verdict_situation(flow, packet);
	enum drop_reason reason;

	if (unlikely(!verdict_is_known(worker->policy, flow, packet, situation)))
		return judge_again(worker, table, position, i);
	if (flow_has_connection(packet->protocol)) {
		reason = track_check(flow, &table->connections[position], packet);
		if (unlikely(reason != DROP_NONE))
			return judge_stray(worker, packet, reason);
	}
	judge_advance(table, position, packet);
	verdict_count(worker, flow, packet);
	return DROP_NONE;
}

#endif
