/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/handover.h"

#include <stdio.h>

#include <rte_errno.h>

#include "dataplane/parse.h"
#include "dataplane/worker.h"

enum { RING_SIZE = 1024 };

static struct rte_ring *ring_create(const char *purpose, unsigned from, unsigned to, int socket)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "tidegate-%s-%u-%u", purpose, from, to);
	return rte_ring_create(name, RING_SIZE, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
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
			struct rte_ring *owned, *send;

			if (from == to)
				continue;
			owned = ring_create("own", from, to, socket);
			workers[from]->owned_out[to] = workers[to]->owned_in[from] = owned;
			if (owned == NULL)
				return -rte_errno;
			send = ring_create("send", from, to, socket);
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
			ring_drain_free(workers[from]->send_out[to]);
		}
	}
}

uint64_t handover_size(uint16_t count)
{
	return 2 * (uint64_t)count * count * rte_ring_get_memsize(RING_SIZE);
}

/* Malformed packets and other protocols than IP stay where they are. */
static uint16_t owner_of(const struct worker *worker, const struct rte_mbuf *mbuf)
{
	struct packet packet;
	uint32_t hash;

	if (parse_packet(mbuf, NULL, 0, &packet) != DROP_NONE || packet.version == 0)
		return worker->index;
	hash = packet.version == 4 ? flow_hash4(&worker->steer_secret, &packet.key.v4)
				   : flow_hash6(&worker->steer_secret, &packet.key.v6);
	return (uint64_t)hash * worker->worker_count >> 32;
}

uint16_t handover_steer(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t own = 0;

	for (unsigned i = 0; i < count; i++) {
		uint16_t owner = owner_of(worker, mbufs[i]);

		if (owner == worker->index)
			mbufs[own++] = mbufs[i];
		else if (rte_ring_sp_enqueue(worker->owned_out[owner], mbufs[i]) != 0)
			worker_drop(worker, mbufs[i], DROP_HANDOVER_FULL);
	}
	return own;
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
