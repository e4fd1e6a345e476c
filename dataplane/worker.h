/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker: all that one worker owns. The packet path gets it as its first argument and touches
 * nothing else that is written.
 */
#ifndef TIDEGATE_DATAPLANE_WORKER_H
#define TIDEGATE_DATAPLANE_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "dataplane/dataplane.h"
#include "dataplane/flow.h"
#include "dataplane/fragment.h"
#include "dataplane/mark.h"
#include "dataplane/packet.h"
#include "dataplane/policy.h"
#include "dataplane/rss.h"
#include "dataplane/stats.h"
#include "dataplane/walk.h"
#include "dataplane/window.h"

enum {
	BURST_JUDGED = 16, /* packets of a burst when most of them are judged: that takes long */
	BURST_MAX = 64,	   /* packets of a burst */
	REQUEST_RING_SIZE = 64,	 /* requests that wait for a worker */
	RECORD_RING_SIZE = 8192, /* records that wait for the control thread */
	/* The same where workers, and so the control thread, too, wait for their turns on a CPU. */
	RECORD_RING_SIZE_SHARED = 65536,
	EVENT_RING_SIZE = 4096,	 /* events that do */
	RESETS_SIZE = 64,	 /* RSTs of flushed connections in one slice */
	FRAGMENT_BUCKETS = 1024, /* of 4 datagrams each */
};

/* One burst on its way through the pipeline; arrays by place in the burst. */
struct burst {
	struct packet packets[BURST_MAX];
	struct rte_mbuf *mbufs[BURST_MAX];
	uint32_t hashes[BURST_MAX];
	const struct flow_bucket *buckets[BURST_MAX]; /* where the search of each begins */
	int32_t positions[BURST_MAX];		      /* of the flow entry; negative: no flow */
	uint8_t reasons[BURST_MAX];		      /* enum drop_reason */
	uint16_t count;
	bool plain_ipv4; /* all packets are: see plain.h */
	bool all_pass;	 /* all packets have passed the short way: established.h */
	uint16_t judged; /* packets that the rules were asked about */
	uint64_t now;	 /* nanoseconds; the clock is read once a burst */
};

/* How a worker takes part in one port. */
struct worker_port {
	uint16_t device;   /* number of the port in ethdev */
	uint16_t rx_queue; /* QUEUE_NONE: others receive for it */
	uint16_t tx_queue; /* QUEUE_NONE: others send for it */
	uint8_t sender;	   /* worker that sends for this one when it has no tx queue */
};

enum { QUEUE_NONE = UINT16_MAX };

/* Which packets a worker hands on to the one that owns their flow. */
enum steer {
	STEER_NONE,	 /* there is one worker alone */
	STEER_FRAGMENTS, /* RSS brings the others where they belong */
	STEER_ALL, /* by a hash of the flow, for want of RSS that keeps both directions together */
};

struct worker {
	/* control: rw before start, worker: ro */
	const uint64_t *timeouts; /* nanoseconds, by enum timeout */
	const uint8_t *peers;	  /* the port to send by, by the port received by */
	uint16_t index;
	uint16_t cpu;
	bool shares_cpu; /* with another worker */
	bool holds;	 /* there are workers that share one, see handover_holds() */
	uint16_t port_count;
	uint16_t worker_count;
	bool pass_non_ip;
	bool tcp_unchecked;
	uint32_t checks; /* CHECK_BIT() of each that is on */
	uint32_t idle_sleep_us;
	/* The same for all workers of a dataplane. */
	uint8_t steer; /* enum steer */
	struct hash_secret steer_secret;
	struct rss rss;	  /* of all ports */
	struct mark mark; /* of fragments that are handed on */
	struct worker_port ports[PORT_MAX];
	struct rte_ring *requests; /* control → worker, struct walk_request */
	struct rte_ring *records;  /* worker → control, struct record */
	struct rte_ring *events;   /* worker → control, struct event_record */
	struct rte_mempool *pool;  /* for packets that are made here */
	/* Between workers; NULL at the own index and without steering. Single producer, single
	 * consumer. */
	struct rte_ring *owned_in[WORKER_MAX]; /* packets of flows that this worker owns */
	struct rte_ring *owned_out[WORKER_MAX];
	struct rte_ring *fragments_in[WORKER_MAX]; /* whose datagrams meet at this worker */
	struct rte_ring *fragments_out[WORKER_MAX];
	struct rte_ring *send_in[WORKER_MAX]; /* judged packets that this worker sends for others */
	struct rte_ring *send_out[WORKER_MAX];
	atomic_bool *stop; /* control: rw, worker: ro */
	/* Id of a request; it and those before it are canceled. control: rw, worker: ro. */
	_Atomic uint32_t canceled;
	/* The policy in force; control: rw, worker: ro. Stored in dataplane_publish(). */
	_Atomic(const struct policy *) *published;
	struct rte_rcu_qsbr *readers; /* of published; this worker's number is its index */

	/* worker: rw */
	const struct policy *policy;			 /* of this poll */
	struct flow_table tables[2] __rte_cache_aligned; /* IPv4, IPv6 */
	struct fragment_table *fragments;
	struct window *window; /* of the walk under way, from its beginning on; NULL: none */
	struct burst burst;
	struct walk walk;
	struct rte_mbuf *resets[RESETS_SIZE]; /* made by the walk's slice, to be sent after it */
	uint16_t reset_count;
	uint32_t expire_cursor;
	uint64_t expire_last; /* the time that the sweep has come to, nanoseconds */
	uint16_t burst_limit; /* packets to take in the next burst, see worker.c */
	uint64_t answer_due;  /* rate limit of answers: when the next one is, nanoseconds */
	uint64_t held_since;  /* nanoseconds, see handover_holds(); 0: nothing is held */
	bool expire_turn;     /* the next housekeeping slice is expiry's, else the walk's */

	/* offline: called for every flow that ends, and when the packets in burst are judged,
	 * before they leave; NULL in a live worker */
	offline_flow_fn *flow_ended;
	void *flow_ended_context;
	void (*burst_judged)(struct worker *worker, void *context);
	void *burst_judged_context;

	/* worker: rw, control: ro */
	struct worker_stats stats;
	struct port_stats port_stats[PORT_MAX];
} __rte_cache_aligned;

/* Make the tables and rings of a worker whose configuration fields are set. name is unique in the
 * process. */
int worker_init(struct worker *worker, const char *name, uint32_t capacity, int socket);
void worker_fini(struct worker *worker);

/* The loop of a worker lcore; returns when *worker->stop is set. */
int worker_run(void *worker);

/* The one way a packet is dropped: counted at the port it came in by, and freed. */
static inline void worker_drop(
	struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason)
{
	worker->port_stats[mbuf->port].drops[reason]++;
	rte_pktmbuf_free(mbuf);
}

static inline struct flow_table *worker_table(struct worker *worker, uint8_t version)
{
	return &worker->tables[version == 4 ? 0 : 1];
}

/* The entries of both tables in a row, IPv4 first, as the sweep and walks go over them. */
static inline uint64_t worker_places(const struct worker *worker)
{
	return (uint64_t)worker->tables[0].positions + worker->tables[1].positions;
}

static inline uint64_t worker_place(
	const struct worker *worker, const struct flow_table *table, uint32_t position)
{
	return position + (table->version == 4 ? 0 : (uint64_t)worker->tables[0].positions);
}

/* The table that a place is in, and the position there. */
static inline struct flow_table *worker_at(
	struct worker *worker, uint64_t place, uint32_t *ret_position)
{
	uint32_t ipv4_positions = worker->tables[0].positions;
	bool ipv4 = place < ipv4_positions;

	*ret_position = place - (ipv4 ? 0 : ipv4_positions);
	return &worker->tables[ipv4 ? 0 : 1];
}

/* A configured idle timeout as the workers compare it. */
static inline uint64_t timeout_nanoseconds(uint32_t seconds)
{
	return seconds == TIMEOUT_NEVER ? UINT64_MAX : seconds * NANOSECONDS;
}

/* End a flow: every entry that leaves a table leaves it here. */
void worker_end_flow(
	struct worker *worker, struct flow_table *table, uint32_t position, uint64_t now);

#endif
