/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/judge.h"

#include "dataplane/related.h"
#include "dataplane/reset.h"

/* What becomes of a packet that is not a legal first one, by the policy in force. */
static enum drop_reason stream_exception(const struct worker *worker, enum drop_reason reason)
{
	if (reason != DROP_MIDSTREAM)
		return reason;
	switch ((enum stream_exception)worker->policy->stream_exception) {
	case STREAM_CONTINUE:
		return DROP_NONE;
	case STREAM_REJECT:
		return DROP_MIDSTREAM_REJECT;
	case STREAM_DROP:
		break;
	}
	return DROP_MIDSTREAM;
}

static inline bool has_room(const struct flow_table *table)
{
	return table->count < table->capacity && table->unreplied.count < flow_unreplied_max(table);
}

/* Where a new flow finds no room, the oldest of the unreplied ones goes. */
static void make_room(struct worker *worker, struct flow_table *table)
{
	const struct unreplied *unreplied = &table->unreplied;

	if (likely(has_room(table)) || unreplied->count == 0)
		return;
	/* A table that is full stays so in a flood: the next ones go soon. */
	if (worker->stats.flows_evicted % FLOW_WARM == 0)
		flow_warm_unreplied(table);
	worker_end_flow(worker, table, unreplied->oldest - 1, worker->burst.now);
	worker->stats.flows_evicted++;
}

/* An entry for a packet's flow, in place of the one of its tuple's last flow at the position over,
 * if that is not negative. Returns its position, or negative: the table is full. */
static int32_t make_entry(struct worker *worker, struct flow_table *table, unsigned i, int32_t over)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];
	struct flow *flow;
	int32_t position;

	if (over >= 0)
		worker_end_flow(worker, table, over, burst->now);
	make_room(worker, table);
	position = flow_insert(table, &packet->key, burst->hashes[i]);
	if (position < 0) {
		worker->stats.flows_refused++;
		return position;
	}
	burst->positions[i] = position;
	flow = &table->flows[position];
	flow->source_end = packet->end;
	flow->first_seen = burst->now;
	flow->last_seen = burst->now;
	flow->generation = worker->policy->generation;
	worker->stats.flows_created++;
	if (packet->protocol == IPPROTO_TCP)
		reset_note_path(table, position, burst->mbufs[i], packet->l3_offset);
	return position;
}

/* Give a new entry its state, by its first packet. */
static void begin_state(struct worker *worker, struct flow_table *table, uint32_t position,
	const struct packet *packet, bool unchecked)
{
	track_begin(&table->flows[position], &table->connections[position], packet, unchecked);
	flow_note_state(table, position, FLOW_FREE);
	if (unlikely(worker->window != NULL))
		window_add(worker, table, position);
}

/* Judge a packet of no flow that goes on; over is the position of its tuple's last one, or
 * negative. It gets an entry, unless the stateless rules drop it (they keep a flood out of the
 * table) or forward it and it is not a legal first one. */
static enum drop_reason begin_flow(struct worker *worker, struct flow_table *table, unsigned i,
	int32_t over, const struct stateless_judgement *judgement)
{
	const struct packet *packet = &worker->burst.packets[i];
	enum drop_reason reason;
	int32_t position;

	if (judgement->action == STATELESS_DROP)
		return verdict_stateless_reason(worker->policy, judgement);
	if (unlikely(packet->later_fragment)) {
		reason = fragment_denied(worker->fragments, packet, worker->burst.now);
		if (reason != DROP_NONE)
			return reason;
	}
	reason = worker->tcp_unchecked ? DROP_NONE : track_first(packet);
	if (unlikely(reason != DROP_NONE && judgement->action == STATELESS_FORWARD)) {
		reason = stream_exception(worker, reason);
		if (reason != DROP_NONE)
			return reason;
	}
	position = make_entry(worker, table, i, over);
	if (position < 0)
		return DROP_TABLE_FULL;
	reason = verdict_packet(worker, table, position, i, judgement);
	begin_state(worker, table, position, packet, worker->tcp_unchecked);
	return reason;
}

enum drop_reason judge_stray(
	struct worker *worker, const struct packet *packet, enum drop_reason reason)
{
	struct stateless_judgement judgement;

	verdict_stateless(worker, packet, &judgement);
	if (judgement.action == STATELESS_DROP)
		return verdict_stateless_reason(worker->policy, &judgement);
	return judgement.action == STATELESS_PASS ? DROP_NONE : reason;
}

/* Whether the packet comes from the other end of a flow of which no packet has passed: that end
 * answers nothing, so it begins a flow of its own. */
static bool begins_own(const struct flow *flow, const struct packet *packet)
{
	return !flow->passed && track_direction(flow, packet) == SITUATION_REVERSE;
}

/* Note of a packet's flow, if it has one, whether the packet passes. A later fragment may yet be
 * dropped for its first one. */
static void note_pass(
	struct worker *worker, struct flow_table *table, unsigned i, enum drop_reason reason)
{
	const struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];
	struct flow *flow;

	if (reason != DROP_NONE || burst->positions[i] < 0)
		return;
	flow = &table->flows[burst->positions[i]];
	if (!packet->later_fragment ||
		fragment_denied(worker->fragments, packet, burst->now) == DROP_NONE)
		flow->passed = true;
}

/* Judge a packet of a flow by its connection and the policy. */
static enum drop_reason judge_member(
	struct worker *worker, struct flow_table *table, uint32_t position, unsigned i)
{
	const struct packet *packet = &worker->burst.packets[i];
	struct flow *flow = &table->flows[position];
	/* Of others it is not touched, and takes no memory. */
	const bool connected = flow_has_connection(packet->protocol);
	union connection connection = {0};
	enum drop_reason reason;

	if (connected)
		connection = table->connections[position];
	reason = track_check(flow, &connection, packet);
	if (reason != DROP_NONE)
		return judge_stray(worker, packet, reason);
	reason = verdict_packet(worker, table, position, i, NULL);
	if (!verdict_is_stateless(reason)) {
		if (connected)
			table->connections[position] = connection;
		judge_advance(table, position, packet);
	}
	return reason;
}

enum drop_reason judge_again(
	struct worker *worker, struct flow_table *table, uint32_t position, unsigned i)
{
	enum drop_reason reason;

	if (begins_own(&table->flows[position], &worker->burst.packets[i]))
		return judge_other(worker, table, i, -1);
	reason = judge_member(worker, table, position, i);
	note_pass(worker, table, i, reason);
	return reason;
}

/* Let a packet pass by another flow, or none. It is counted in an entry of its own, while there is
 * room. */
static void pass_related(struct worker *worker, struct flow_table *table, unsigned i, int32_t over)
{
	const struct packet *packet = &worker->burst.packets[i];
	int32_t position = worker->burst.positions[i];

	if (position >= 0) {
		judge_advance(table, position, packet);
		return;
	}
	/* It is to end no flow, least of all the one that it quotes. */
	if (!has_room(table))
		return;
	position = make_entry(worker, table, i, over);
	if (position < 0)
		return;
	table->flows[position].related = true;
	begin_state(worker, table, position, packet, false);
}

/* Judge a packet that its own flow, the entry at a position, alone does not decide; over: see
 * make_entry(). */
static enum drop_reason judge_related(struct worker *worker, struct flow_table *table, unsigned i,
	int32_t over, const struct stateless_judgement *judgement)
{
	struct burst *burst = &worker->burst;
	int32_t position = burst->positions[i];
	enum drop_reason reason;

	if (judgement->action == STATELESS_FORWARD) {
		switch (related_judge(worker, i, &reason)) {
		case RELATED_RULES:
			break;
		case RELATED_PASS:
			pass_related(worker, table, i, over);
			return DROP_NONE;
		case RELATED_DROP:
			burst->positions[i] = -1;
			return reason;
		}
	}
	if (position < 0)
		return begin_flow(worker, table, i, over, judgement);
	reason = verdict_packet(worker, table, position, i, judgement);
	if (!verdict_is_stateless(reason))
		judge_advance(table, position, &burst->packets[i]);
	return reason;
}

enum drop_reason judge_other(
	struct worker *worker, struct flow_table *table, unsigned i, int32_t over)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];
	int32_t position = burst->positions[i];
	struct stateless_judgement judgement;
	enum drop_reason reason;

	if (position >= 0 && begins_own(&table->flows[position], packet)) {
		over = position;
		burst->positions[i] = -1;
	}
	verdict_stateless(worker, packet, &judgement);
	if (related_matters(worker, table, burst->positions[i], packet))
		reason = judge_related(worker, table, i, over, &judgement);
	else
		reason = begin_flow(worker, table, i, over, &judgement);
	note_pass(worker, table, i, reason);
	return reason;
}
