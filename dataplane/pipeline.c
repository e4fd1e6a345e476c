/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pipeline: the packet path. Worker, tests, benchmarks and replay enter it by pipeline_burst().
 *
 * Overview: one function a stage, each over the whole burst, in the order of pipeline_burst(). The
 * parse and lookup stages work ahead in bulk; the flow stage goes packet by packet in the order of
 * arrival, so that the outcome does not depend on how packets were cut into bursts.
 */
#include "dataplane/pipeline.h"

#include <rte_prefetch.h>

#include "dataplane/established.h"
#include "dataplane/expire.h"
#include "dataplane/hygiene.h"
#include "dataplane/judge.h"
#include "dataplane/parse.h"
#include "dataplane/plain.h"
#include "dataplane/reject.h"
#include "dataplane/related.h"
#include "dataplane/track.h"
#include "dataplane/worker.h"

enum {
	/* Answers to rejected packets, a worker. */
	ANSWER_RATE = 1000,
	ANSWER_BURST = 1000,
};

/* plain_ipv4: the burst's, a constant in the loops that are made for either kind of burst. */
static inline struct flow_table *table_of(
	struct worker *worker, const struct packet *packet, bool plain_ipv4)
{
	return &worker->tables[plain_ipv4 || packet->version == 4 ? 0 : 1];
}

static inline bool is_ip(const struct burst *burst, unsigned i)
{
	return burst->reasons[i] == DROP_NONE && burst->packets[i].version != 0;
}

/* Hash the packet's key, and prefetch what a lookup reads first. */
static void hash_packet(struct worker *worker, unsigned i)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];
	const struct flow_table *table = table_of(worker, packet, false);

	burst->hashes[i] = flow_hash(table, &packet->key);
	burst->buckets[i] = flow_bucket(table, burst->hashes[i]);
	rte_prefetch0(burst->buckets[i]);
}

/* Add the packet at the burst's end, one that is not plain. */
static void add_to_burst(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason)
{
	struct burst *burst = &worker->burst;
	unsigned i = burst->count++;

	burst->mbufs[i] = mbuf;
	burst->positions[i] = -1;
	burst->reasons[i] = reason;
	burst->plain_ipv4 = false;
	if (is_ip(burst, i))
		hash_packet(worker, i);
}

/* Fragments that stopped waiting, as many as there is room for. */
static void take_waiting(struct worker *worker)
{
	struct burst *burst = &worker->burst;

	while (burst->count < BURST_MAX) {
		enum drop_reason reason;
		struct rte_mbuf *mbuf =
			fragment_next(worker->fragments, &burst->packets[burst->count], &reason);

		if (mbuf == NULL)
			return;
		add_to_burst(worker, mbuf, reason);
	}
}

/* Parse a packet and check it by itself. Returns whether it is a fragment that is to wait: others
 * may take their places before it or behind it. One that fails a check is none of its datagram. */
static inline bool parse(struct worker *worker, struct rte_mbuf *mbuf, struct packet *packet,
	enum drop_reason *reason)
{
	*reason = parse_packet(mbuf, packet);
	if (unlikely(packet->version == 0)) {
		if (*reason == DROP_NONE && !worker->pass_non_ip)
			*reason = DROP_NON_IP;
		return false;
	}
	if (likely(*reason == DROP_NONE)) {
		*reason = hygiene_check(mbuf, packet, worker->checks);
		if (unlikely(*reason != DROP_NONE))
			return false;
	}
	return unlikely(packet->fragment) && !mark_take(&worker->mark, mbuf, packet) &&
		fragment_note(worker->fragments, mbuf, packet, worker->burst.now, reason);
}

/* Fill the burst: with what waited, then from the packet at next on. Returns the packet to go on
 * with, count when there is none. */
static uint16_t parse_burst(
	struct worker *worker, struct rte_mbuf **mbufs, uint16_t next, uint16_t count)
{
	struct burst *burst = &worker->burst;

	burst->count = 0;
	burst->plain_ipv4 = true;
	take_waiting(worker);
#pragma GCC unroll 4
	for (unsigned i = next; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	while ((next = plain_burst(worker, mbufs, next, count)) < count &&
		burst->count < BURST_MAX) {
		struct packet *packet = &burst->packets[burst->count];
		enum drop_reason reason;

		if (likely(!parse(worker, mbufs[next], packet, &reason)))
			add_to_burst(worker, mbufs[next], reason);
		if (unlikely(packet->fragment))
			take_waiting(worker);
		next++;
	}
	return next;
}

/* Guess each flow's position, and prefetch what is read next; one step for all packets before the
 * next step, so that they wait for memory together. */
static __rte_always_inline void lookup(struct worker *worker, bool plain_ipv4)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = burst->packets;
	unsigned count = burst->count;

	for (unsigned i = 0; i < count; i++, packet++) {
		const struct flow_table *table = table_of(worker, packet, plain_ipv4);
		uint32_t position;

		if (!plain_ipv4 && !is_ip(burst, i))
			continue;
		position = flow_index_guess(burst->buckets[i], burst->hashes[i]);
		burst->positions[i] = (int32_t)position;
		rte_prefetch0(&table->flows[position]);
		rte_prefetch0(plain_ipv4 ? (const struct flow_key4 *)table->keys + position
					 : flow_key(table, position));
		/* Most of the others need it. */
		if (packet->protocol != IPPROTO_UDP)
			rte_prefetch0(&table->connections[position]);
	}
}

static void lookup_burst(struct worker *worker)
{
	if (likely(worker->burst.plain_ipv4))
		lookup(worker, true);
	else
		lookup(worker, false);
}

/* Whether the guess at a packet's flow is right: it may be that of another key with a like hash, or
 * of a flow that has ended since. */
static inline bool guess_is_right(
	const struct flow_table *table, int32_t position, const struct packet *packet)
{
	return flow_is(table, position, &packet->key) && table->flows[position].state != FLOW_FREE;
}

/* Position of the packet's flow, or negative; a packet before it in this burst may have made it. i is
 * the place of a packet whose flow was guessed. */
static inline int32_t find_flow(
	const struct worker *worker, const struct flow_table *table, unsigned i)
{
	const struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];

	if (likely(guess_is_right(table, burst->positions[i], packet)))
		return burst->positions[i];
	return flow_lookup(table, &packet->key, burst->hashes[i]);
}

/* Whether the packet belongs to the flow at its tuple's position, or begins another one. */
static inline bool goes_on(const struct worker *worker, const struct flow_table *table,
	uint32_t position, const struct packet *packet)
{
	const struct flow *flow = &table->flows[position];

	return !expire_is_due(worker, flow, worker->burst.now) &&
		!(flow_has_connection(packet->protocol) &&
			track_reopens(flow, &table->connections[position], packet));
}

/* Whether a packet with this outcome is its flow's: what state or the stateless rules refuse is
 * not. */
static inline bool counts_for_flow(enum drop_reason reason)
{
	return reason == DROP_NONE || reason == DROP_RULE || reason == DROP_REJECT ||
		reason == DROP_DEFAULT_ACTION;
}

/* A later fragment that may pass is dropped for what its datagram's first one was. Returns whether
 * it is: then it does not touch the flow. */
static bool follow_first(
	struct worker *worker, const struct packet *packet, enum drop_reason *reason)
{
	uint64_t now = worker->burst.now;

	if (!packet->later_fragment) {
		if (*reason != DROP_NONE)
			fragment_deny(worker->fragments, packet, now, *reason);
		return false;
	}
	if (*reason != DROP_NONE)
		return false;
	*reason = fragment_denied(worker->fragments, packet, now);
	return *reason != DROP_NONE;
}

/* Find or make a packet's flow, judge the packet, advance the flow's state and count. */
static void flow_packet(struct worker *worker, struct flow_table *table, unsigned i)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = &burst->packets[i];
	int32_t position = find_flow(worker, table, i), over = -1;
	enum drop_reason reason;
	bool denied = false;
	struct flow *flow;
	unsigned direction;

	if (unlikely(position >= 0 && !goes_on(worker, table, position, packet))) {
		over = position;
		position = -1;
	}
	burst->positions[i] = position;
	if (likely(position >= 0 && !related_matters(worker, table, position, packet)))
		reason = judge_packet(worker, table, position, i);
	else
		reason = judge_other(worker, table, i, over);
	if (unlikely(packet->fragment))
		denied = follow_first(worker, packet, &reason);
	burst->reasons[i] = reason;
	if (unlikely(burst->positions[i] < 0 || denied || !counts_for_flow(reason)))
		return;
	flow = &table->flows[burst->positions[i]];
	direction = track_direction(flow, packet);
	flow->packets[direction]++;
	flow->bytes[direction] += packet->length;
	flow->last_seen = burst->now;
}

/* Find all packets' flows before any of them is judged: the window takes note of their entries. */
static void window_burst_found(struct worker *worker)
{
	struct burst *burst = &worker->burst;

	for (unsigned i = 0; i < burst->count; i++)
		if (is_ip(burst, i))
			burst->positions[i] =
				find_flow(worker, table_of(worker, &burst->packets[i], false), i);
	window_burst(worker);
	/* No flow yet: any position is a guess that is found to be wrong. */
	for (unsigned i = 0; i < burst->count; i++)
		if (is_ip(burst, i))
			burst->positions[i] = RTE_MAX(burst->positions[i], 0);
}

static inline bool is_key(const struct flow_table *table, uint32_t position,
	const struct packet *packet, bool plain_ipv4)
{
	return plain_ipv4
		? flow_key4_is((const struct flow_key4 *)table->keys + position, &packet->key.v4)
		: flow_is(table, position, &packet->key);
}

/* The packets' flows, in the order of arrival. */
static __rte_always_inline void follow(struct worker *worker, bool plain_ipv4)
{
	struct burst *burst = &worker->burst;
	const struct packet *packet = burst->packets;
	unsigned count = burst->count;
	struct alike alike;

	established_init(&alike);
	burst->all_pass = true;
	for (unsigned i = 0; i < count; i++, packet++) {
		struct flow_table *table = table_of(worker, packet, plain_ipv4);
		uint32_t position = (uint32_t)burst->positions[i];

		if (likely((plain_ipv4 || (is_ip(burst, i) && packet->plain)) &&
			    is_key(table, position, packet, plain_ipv4) &&
			    established_pass(worker, table, position, packet, &alike)))
			continue;
		burst->all_pass = false;
		if (plain_ipv4 || is_ip(burst, i))
			flow_packet(worker, table, i);
	}
	established_count(worker, &alike);
}

static void flow_burst(struct worker *worker)
{
	if (unlikely(worker->window != NULL))
		window_burst_found(worker);
	if (likely(worker->burst.plain_ipv4))
		follow(worker, true);
	else
		follow(worker, false);
}

/*
 * Put the answers to a rejected packet into sent; returns how many. At most ANSWER_BURST packets
 * are answered at once, and ANSWER_RATE a second: addresses can be forged, and the firewall is no
 * one's reflector.
 */
static uint16_t answer(struct worker *worker, unsigned i, struct rte_mbuf **sent)
{
	const uint64_t interval = NANOSECONDS / ANSWER_RATE;
	const struct rte_mbuf *mbuf = worker->burst.mbufs[i];
	uint64_t now = worker->burst.now;
	unsigned count;

	if (worker->answer_due >= now + ANSWER_BURST * interval) {
		worker->stats.answers_suppressed++;
		return 0;
	}
	count = reject_answers(
		mbuf, &worker->burst.packets[i], worker->peers[mbuf->port], worker->pool, sent);
	if (count > 0)
		worker->answer_due = RTE_MAX(worker->answer_due, now) + interval;
	for (unsigned j = 0; j < count; j++)
		worker->port_stats[sent[j]->port].tx_answers++;
	return count;
}

/* All packets leave by the other port of the pair. */
static uint16_t send_burst(const struct worker *worker, struct rte_mbuf **sent)
{
	const struct burst *burst = &worker->burst;
	const uint8_t *peers = worker->peers;
	unsigned count = burst->count;

#pragma GCC unroll 4
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *mbuf = burst->mbufs[i];

		mbuf->port = peers[mbuf->port];
		sent[i] = mbuf;
	}
	return count;
}

/* Count and free what is dropped; the rest leaves by the other port of the pair. */
static uint16_t split_burst(struct worker *worker, struct rte_mbuf **sent)
{
	struct burst *burst = &worker->burst;
	uint16_t count = 0;

	if (likely(burst->all_pass))
		return send_burst(worker, sent);
	for (unsigned i = 0; i < burst->count; i++) {
		struct rte_mbuf *mbuf = burst->mbufs[i];

		if (unlikely(burst->reasons[i] != DROP_NONE)) {
			if (burst->reasons[i] == DROP_REJECT ||
				burst->reasons[i] == DROP_MIDSTREAM_REJECT)
				count += answer(worker, i, sent + count);
			worker_drop(worker, mbuf, burst->reasons[i]);
			continue;
		}
		mbuf->port = worker->peers[mbuf->port];
		sent[count++] = mbuf;
	}
	return count;
}

uint16_t pipeline_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count,
	uint64_t now, struct rte_mbuf **sent)
{
	uint16_t next = 0, sent_count = 0;

	worker->burst.now = now;
	worker->burst.judged = 0;
	fragment_expire(worker->fragments, now);
	/* Once, unless fragments that waited fill the burst. */
	do {
		next = parse_burst(worker, mbufs, next, count);
		lookup_burst(worker);
		flow_burst(worker);
		worker->stats.packets += worker->burst.count;
		if (unlikely(worker->burst_judged != NULL))
			worker->burst_judged(worker, worker->burst_judged_context);
		sent_count += split_burst(worker, sent + sent_count);
	} while (unlikely(next < count || fragment_ready(worker->fragments)));
	return sent_count;
}
