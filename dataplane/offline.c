/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * offline: the pipeline of one worker, fed by hand.
 *
 * Overview: each frame is a burst of its own, received by a port 0 that is paired with port 1. No
 * expiry slices run: a flow that has been idle for its timeout ends when its next packet comes, and
 * what comes out is the same.
 */
#include "dataplane/dataplane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "dataplane/expire.h"
#include "dataplane/pipeline.h"
#include "dataplane/worker.h"

enum {
	OFFLINE_BUFFERS = 255,
	OFFLINE_DATA = 16384, /* bytes of one buffer; longer frames take a chain */
	OFFLINE_FRAME_MAX = OFFLINE_DATA * 64,
};

struct offline {
	struct worker *worker;
	struct rte_mempool *pool;
	uint64_t timeouts[TIMEOUT_COUNT];
	uint8_t peers[2];
	uint64_t now;
};

int offline_create(const struct dataplane_flow_config *config, const struct policy *policy,
	offline_flow_fn *flow_ended, void *context, struct offline **ret_offline)
{
	struct offline *offline = calloc(1, sizeof(*offline));
	int result = -ENOMEM;

	if (offline == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		offline->timeouts[i] = timeout_nanoseconds(config->timeouts[i]);
	offline->peers[0] = 1;
	offline->pool = rte_pktmbuf_pool_create("offline", OFFLINE_BUFFERS, 0, 0,
		RTE_PKTMBUF_HEADROOM + OFFLINE_DATA, SOCKET_ID_ANY);
	offline->worker = rte_zmalloc("offline", sizeof(*offline->worker), RTE_CACHE_LINE_SIZE);
	if (offline->worker != NULL && offline->pool != NULL) {
		offline->worker->policy = policy;
		offline->worker->timeouts = offline->timeouts;
		offline->worker->peers = offline->peers;
		offline->worker->pool = offline->pool;
		offline->worker->pass_non_ip = config->pass_non_ip;
		offline->worker->tcp_unchecked = config->tcp_unchecked;
		offline->worker->flow_ended = flow_ended;
		offline->worker->flow_ended_context = context;
		result = worker_init(offline->worker, "offline", config->capacity, SOCKET_ID_ANY);
	}
	if (result < 0) {
		offline_destroy(offline);
		return result;
	}
	*ret_offline = offline;
	return 0;
}

void offline_destroy(struct offline *offline)
{
	if (offline == NULL)
		return;
	if (offline->worker != NULL)
		worker_fini(offline->worker);
	rte_free(offline->worker);
	rte_mempool_free(offline->pool);
	free(offline);
}

/* A chain of buffers with the frame; what a capture cut off of it is zeros. */
static struct rte_mbuf *frame_to_mbuf(
	struct rte_mempool *pool, const uint8_t *frame, uint32_t length, uint32_t wire_length)
{
	struct rte_mbuf *head = NULL;
	uint32_t offset = 0;

	do {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
		uint32_t piece = RTE_MIN(wire_length - offset, (uint32_t)OFFLINE_DATA);
		uint32_t known = offset < length ? RTE_MIN(length - offset, piece) : 0;
		char *data;

		/* The pool holds the longest frame. */
		RTE_VERIFY(mbuf != NULL);
		data = rte_pktmbuf_append(mbuf, piece);
		memcpy(data, frame + offset, known);
		memset(data + known, 0, piece - known);
		if (head == NULL)
			head = mbuf;
		else
			RTE_VERIFY(rte_pktmbuf_chain(head, mbuf) == 0);
		offset += piece;
	} while (offset < wire_length);
	return head;
}

int offline_packet(struct offline *offline, const uint8_t *frame, uint32_t length,
	uint32_t wire_length, uint64_t time, struct offline_verdict *ret_verdict)
{
	struct worker *worker = offline->worker;
	const struct burst *burst = &worker->burst;
	struct rte_mbuf *mbuf, *sent[SENT_MAX];
	int32_t position;

	if (wire_length > OFFLINE_FRAME_MAX)
		return -EMSGSIZE;
	offline->now = RTE_MAX(offline->now, time);
	mbuf = frame_to_mbuf(offline->pool, frame, length, RTE_MAX(length, wire_length));
	mbuf->port = 0;
	rte_pktmbuf_free_bulk(sent, pipeline_burst(worker, &mbuf, 1, offline->now, sent));

	ret_verdict->reason = burst->reasons[0];
	ret_verdict->passed = burst->reasons[0] == DROP_NONE;
	position = burst->positions[0];
	ret_verdict->has_flow = position >= 0;
	if (ret_verdict->has_flow)
		flow_to_record(&worker->tables[burst->packets[0].version == 4 ? 0 : 1], position,
			offline->now, &ret_verdict->flow);
	return 0;
}

void offline_finish(struct offline *offline)
{
	for (unsigned i = 0; i < 2; i++) {
		struct flow_table *table = &offline->worker->tables[i];

		for (uint32_t position = 0; position < table->positions; position++)
			if (table->flows[position].state != FLOW_FREE)
				worker_end_flow(offline->worker, table, position, offline->now);
	}
}
