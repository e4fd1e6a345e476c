/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * offline: the pipeline of one worker, fed by hand.
 *
 * Overview: frames are received by a port 0 that is paired with port 1, each as a burst of its own
 * or, as a worker finds them in its queue, several that came within BURST_SPAN. A burst has one
 * time, that of its last frame. No expiry slices run: a flow that has been idle for its timeout
 * ends when its next packet comes, and what comes out is the same.
 */
#include "dataplane/dataplane.h"

#include <assert.h>
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
	BURST_BUFFERS = 127, /* for the frames of a burst */
	/* With those that wait, and two answers to each frame of a burst. */
	OFFLINE_BUFFERS = BURST_BUFFERS + 2 * BURST_MAX + FRAGMENT_WAITING,
	OFFLINE_DATA = 16384, /* bytes of one buffer; longer frames take a chain */
	OFFLINE_FRAME_MAX = OFFLINE_DATA * 64,
};

/* Nanoseconds: as long as an idle worker may sleep, and a thousandth of the shortest timeout. */
#define BURST_SPAN (NANOSECONDS / 1000)

static_assert(OFFLINE_BURST_MAX == (int)BURST_MAX, "what the pipeline takes at once");

struct offline {
	struct worker *worker;
	struct rte_mempool *pool;
	uint64_t timeouts[TIMEOUT_COUNT];
	uint8_t peers[2];
	uint64_t now;
	uint64_t frames;		   /* so far */
	struct rte_mbuf *mbufs[BURST_MAX]; /* the burst to come */
	uint16_t count;			   /* of its frames */
	uint16_t count_max;
	uint32_t buffers; /* of its frames */
	uint64_t began;	  /* the time of its first frame */
	offline_verdict_fn *decided;
	void *context;
};

/* A frame's number is in its buffer. */
static uint64_t *number_of(struct rte_mbuf *mbuf)
{
	return rte_mbuf_to_priv(mbuf);
}

static void report_burst(struct worker *worker, void *context)
{
	const struct burst *burst = &worker->burst;
	const struct offline *offline = context;

	for (unsigned i = 0; i < burst->count; i++) {
		struct offline_verdict verdict = {
			.number = *number_of(burst->mbufs[i]),
			.passed = burst->reasons[i] == DROP_NONE,
			.reason = burst->reasons[i],
			.has_flow = burst->positions[i] >= 0,
		};

		if (verdict.has_flow)
			flow_to_record(worker_table(worker, burst->packets[i].version),
				burst->positions[i], offline->now, &verdict.flow);
		offline->decided(&verdict, offline->context);
	}
}

int offline_create(const struct dataplane_flow_config *config, const struct policy *policy,
	offline_flow_fn *flow_ended, offline_verdict_fn *decided, void *context,
	struct offline **ret_offline)
{
	struct offline *offline = calloc(1, sizeof(*offline));
	int result = -ENOMEM;

	if (offline == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		offline->timeouts[i] = timeout_nanoseconds(config->timeouts[i]);
	offline->peers[0] = 1;
	offline->count_max = 1;
	offline->decided = decided;
	offline->context = context;
	offline->pool = rte_pktmbuf_pool_create("offline", OFFLINE_BUFFERS, 0, sizeof(uint64_t),
		RTE_PKTMBUF_HEADROOM + OFFLINE_DATA, SOCKET_ID_ANY);
	offline->worker = rte_zmalloc("offline", sizeof(*offline->worker), RTE_CACHE_LINE_SIZE);
	if (offline->worker != NULL && offline->pool != NULL) {
		offline->worker->policy = policy;
		offline->worker->timeouts = offline->timeouts;
		offline->worker->peers = offline->peers;
		offline->worker->pool = offline->pool;
		offline->worker->pass_non_ip = config->pass_non_ip;
		offline->worker->tcp_unchecked = config->tcp_unchecked;
		offline->worker->checks = config->checks;
		offline->worker->flow_ended = flow_ended;
		offline->worker->flow_ended_context = context;
		offline->worker->burst_judged = report_burst;
		offline->worker->burst_judged_context = offline;
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

		/* The pool holds the longest frame, and all that may wait. */
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

void offline_set_burst(struct offline *offline, uint16_t count)
{
	offline->count_max = count;
}

/* Judge what there is of a burst. */
static void judge_burst(struct offline *offline)
{
	struct rte_mbuf *sent[SENT_MAX];

	rte_pktmbuf_free_bulk(sent,
		pipeline_burst(
			offline->worker, offline->mbufs, offline->count, offline->now, sent));
	offline->count = 0;
	offline->buffers = 0;
}

int offline_packet(struct offline *offline, const uint8_t *frame, uint32_t length,
	uint32_t wire_length, uint64_t time)
{
	uint32_t buffers = RTE_MAX(length, wire_length) / OFFLINE_DATA + 1;
	struct rte_mbuf *mbuf;

	if (wire_length > OFFLINE_FRAME_MAX)
		return -EMSGSIZE;
	time = RTE_MAX(offline->now, time);
	if (offline->count > 0 &&
		(time - offline->began > BURST_SPAN || offline->buffers + buffers > BURST_BUFFERS))
		judge_burst(offline);
	if (offline->count == 0)
		offline->began = time;
	offline->now = time;
	mbuf = frame_to_mbuf(offline->pool, frame, length, RTE_MAX(length, wire_length));
	mbuf->port = 0;
	/* What was cut off cannot be summed up. */
	if (wire_length > length)
		mbuf->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
	*number_of(mbuf) = offline->frames++;
	offline->mbufs[offline->count++] = mbuf;
	offline->buffers += mbuf->nb_segs;
	if (offline->count == offline->count_max)
		judge_burst(offline);
	return 0;
}

void offline_finish(struct offline *offline)
{
	uint64_t end = offline->now + FRAGMENT_WAIT + 1;
	struct rte_mbuf *sent[SENT_MAX];

	if (offline->count > 0)
		judge_burst(offline);
	/* Nothing waits longer than this. */
	while (fragment_due(offline->worker->fragments, end))
		pipeline_burst(offline->worker, NULL, 0, end, sent);
	for (unsigned i = 0; i < 2; i++) {
		struct flow_table *table = &offline->worker->tables[i];

		for (uint32_t position = 0; position < table->positions; position++)
			if (table->flows[position].state != FLOW_FREE)
				worker_end_flow(offline->worker, table, position, offline->now);
	}
}
