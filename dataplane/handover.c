/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/handover.h"

#include <stdio.h>

#include <rte_errno.h>

#include "dataplane/hygiene.h"
#include "dataplane/icmp.h"
#include "dataplane/parse.h"
#include "dataplane/quote.h"
#include "dataplane/worker.h"

enum {
	RING_SIZE = 1024,
	/* What a worker takes in at most while the one that it goes to waits for its turn. */
	RING_SIZE_SHARED = 4096,
};

#define HOLD_MOST NANOSECONDS

static_assert(RING_SIZE_SHARED / 2 >= BURST_MAX, "half a ring has room for a burst");

static unsigned ring_size(bool shared)
{
	return shared ? RING_SIZE_SHARED : RING_SIZE;
}

static struct rte_ring *ring_create(
	const char *purpose, const struct worker *from, const struct worker *to, int socket)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "tidegate-%s-%u-%u", purpose, from->index, to->index);
	return rte_ring_create(name, ring_size(from->holds), socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static void ring_drain_free(struct rte_ring *ring)
{
	void *mbuf;

	if (ring == NULL)
		return;
	while (rte_ring_sc_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	rte_ring_free(ring);
}

int handover_init(struct worker **workers, uint16_t count, int socket)
{
	for (unsigned from = 0; from < count; from++) {
		for (unsigned to = 0; to < count; to++) {
			struct rte_ring *owned, *fragments, *send;

			if (from == to)
				continue;
			owned = ring_create("own", workers[from], workers[to], socket);
			workers[from]->owned_out[to] = workers[to]->owned_in[from] = owned;
			if (owned == NULL)
				return -rte_errno;
			fragments = ring_create("meet", workers[from], workers[to], socket);
			workers[from]->fragments_out[to] = workers[to]->fragments_in[from] =
				fragments;
			if (fragments == NULL)
				return -rte_errno;
			send = ring_create("send", workers[from], workers[to], socket);
			workers[from]->send_out[to] = workers[to]->send_in[from] = send;
			if (send == NULL)
				return -rte_errno;
		}
	}
	return 0;
}

void handover_fini(struct worker **workers, uint16_t count)
{
	for (unsigned from = 0; from < count; from++) {
		for (unsigned to = 0; to < count && workers[from] != NULL; to++) {
			ring_drain_free(workers[from]->owned_out[to]);
			ring_drain_free(workers[from]->fragments_out[to]);
			ring_drain_free(workers[from]->send_out[to]);
		}
	}
}

uint64_t handover_size(uint16_t count, bool shared)
{
	return 3 * (uint64_t)count * count * rte_ring_get_memsize(ring_size(shared));
}

uint32_t handover_buffers(uint16_t count, bool shared)
{
	return shared ? (uint32_t)count * count * (RING_SIZE_SHARED / 2) : 0;
}

static uint16_t scale(uint32_t hash, uint16_t count)
{
	return (uint64_t)hash * count >> 32;
}

/* What quotes a packet goes to the owner of that one's flow. */
static uint16_t owner_of(
	const struct worker *worker, const struct rte_mbuf *mbuf, const struct packet *packet)
{
	struct packet quoted;

	if (unlikely(icmp_quotes(packet->icmp)) && quote_parse(mbuf, packet, &quoted))
		packet = &quoted;
	if (worker->steer == STEER_FRAGMENTS)
		return rss_queue(&worker->rss, packet);
	return scale(packet->version == 4 ? flow_hash4(&worker->steer_secret, &packet->key.v4)
					  : flow_hash6(&worker->steer_secret, &packet->key.v6),
		worker->worker_count);
}

/* Hand a packet to a worker; this one's goes to own. */
static void hand(struct worker *worker, uint16_t to, struct rte_ring *const *rings,
	struct rte_mbuf *mbuf, struct rte_mbuf **own, uint16_t *count)
{
	if (to == worker->index)
		own[(*count)++] = mbuf;
	else if (rte_ring_sp_enqueue(rings[to], mbuf) != 0)
		worker_drop(worker, mbuf, DROP_HANDOVER_FULL);
}

static void settle(struct worker *worker, struct rte_mbuf *mbuf, const struct packet *packet,
	enum drop_reason reason, struct rte_mbuf **own, uint16_t *count)
{
	if (reason != DROP_NONE) {
		worker_drop(worker, mbuf, reason);
		return;
	}
	mark_put(&worker->mark, mbuf, packet);
	hand(worker, owner_of(worker, mbuf, packet), worker->owned_out, mbuf, own, count);
}

/* A fragment that is this worker's to put to its datagram, and those that waited for it. One that
 * fails a check by itself is none of its datagram. */
static void meet(struct worker *worker, struct rte_mbuf *mbuf, struct packet *packet,
	enum drop_reason reason, uint64_t now, struct rte_mbuf **own, uint16_t *count)
{
	if (reason == DROP_NONE) {
		reason = hygiene_check(mbuf, packet, worker->checks);
		if (reason != DROP_NONE) {
			worker_drop(worker, mbuf, reason);
			return;
		}
	}
	if (!fragment_note(worker->fragments, mbuf, packet, now, &reason))
		settle(worker, mbuf, packet, reason, own, count);
	while ((mbuf = fragment_next(worker->fragments, packet, &reason)) != NULL)
		settle(worker, mbuf, packet, reason, own, count);
}

uint16_t handover_steer(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count,
	uint64_t now, struct rte_mbuf **ret_own)
{
	uint16_t own = 0, to;

	for (unsigned i = 0; i < count; i++) {
		enum drop_reason reason;
		struct packet packet;

		if (worker->steer == STEER_FRAGMENTS && !parse_may_stray(mbufs[i])) {
			ret_own[own++] = mbufs[i];
			continue;
		}
		reason = parse_packet(mbufs[i], &packet);
		if (unlikely(packet.fragment)) {
			to = scale(fragment_hash(&worker->steer_secret, &packet),
				worker->worker_count);
			if (to == worker->index)
				meet(worker, mbufs[i], &packet, reason, now, ret_own, &own);
			else
				hand(worker, to, worker->fragments_out, mbufs[i], ret_own, &own);
			continue;
		}
		/* Malformed packets and other protocols than IP stay where they are. */
		to = worker->index;
		if (reason == DROP_NONE && packet.version != 0 &&
			(worker->steer == STEER_ALL || icmp_quotes(packet.icmp)))
			to = owner_of(worker, mbufs[i], &packet);
		hand(worker, to, worker->owned_out, mbufs[i], ret_own, &own);
	}
	return own;
}

uint16_t handover_meet(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count, uint64_t now,
	struct rte_mbuf **ret_own)
{
	uint16_t own = 0;

	for (unsigned i = 0; i < count; i++) {
		struct packet packet;
		enum drop_reason reason = parse_packet(mbufs[i], &packet);

		meet(worker, mbufs[i], &packet, reason, now, ret_own, &own);
	}
	return own;
}

static bool is_filling(const struct worker *worker, struct rte_ring *const *rings)
{
	for (unsigned to = 0; to < worker->worker_count; to++)
		if (rings[to] != NULL && rte_ring_count(rings[to]) > RING_SIZE_SHARED / 2)
			return true;
	return false;
}

bool handover_holds(struct worker *worker, enum handover_from from, uint64_t now)
{
	if (!is_filling(worker, worker->send_out) &&
		(from == FROM_OWNED || !is_filling(worker, worker->owned_out)) &&
		(from != FROM_PORT || !is_filling(worker, worker->fragments_out))) {
		/* These are all of them. */
		if (from == FROM_PORT)
			worker->held_since = 0;
		return false;
	}
	if (worker->held_since == 0)
		worker->held_since = now;
	return now - worker->held_since < HOLD_MOST;
}

void handover_send(struct worker *worker, uint16_t sender, struct rte_mbuf **mbufs, uint16_t count)
{
	unsigned passed =
		rte_ring_sp_enqueue_burst(worker->send_out[sender], (void **)mbufs, count, NULL);

	for (unsigned i = passed; i < count; i++) {
		mbufs[i]->port = worker->peers[mbufs[i]->port];
		worker_drop(worker, mbufs[i], DROP_HANDOVER_FULL);
	}
}
