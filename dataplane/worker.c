/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker: the poll-mode loop of one lcore.
 *
 * Overview: poll every port's queue and the rings from other workers; each burst goes through the
 * pipeline and out. While most packets are judged, because they begin flows or the policy is new,
 * the bursts are smaller, so that none takes long. Between bursts at most one slice of one
 * housekeeping task. A worker that finds nothing to do for a while sleeps in growing steps, unless
 * it is to spin.
 */
#include "dataplane/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_pause.h>
#include <rte_ring_elem.h>

#include "dataplane/clock.h"
#include "dataplane/expire.h"
#include "dataplane/handover.h"
#include "dataplane/longest.h"
#include "dataplane/pipeline.h"
#include "dataplane/poll_time.h"

enum {
	IDLE_POLLS = 256, /* empty polls before the first sleep */
	TX_RETRIES = 64,  /* tries without progress before packets are dropped */
};

int worker_init(struct worker *worker, const char *name, uint32_t capacity, int socket)
{
	char object[RTE_RING_NAMESIZE];
	struct hash_secret secret;
	int result;

	result = hash_secret_draw(&secret);
	if (result < 0)
		return result;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(object, sizeof(object), "%s-flows%u", name, i == 0 ? 4 : 6);
		result = flow_table_init(
			&worker->tables[i], object, i == 0 ? 4 : 6, capacity, &secret, socket);
		if (result < 0)
			return result;
	}
	worker->fragments = fragment_table_create(FRAGMENT_BUCKETS, &secret);
	if (worker->fragments == NULL)
		return -ENOMEM;
	snprintf(object, sizeof(object), "%s-requests", name);
	worker->requests = rte_ring_create_elem(object, sizeof(struct walk_request),
		REQUEST_RING_SIZE, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (worker->requests == NULL)
		return -rte_errno;
	snprintf(object, sizeof(object), "%s-records", name);
	worker->records = rte_ring_create_elem(object, sizeof(struct record),
		worker->holds ? RECORD_RING_SIZE_SHARED : RECORD_RING_SIZE, socket,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (worker->records == NULL)
		return -rte_errno;
	snprintf(object, sizeof(object), "%s-events", name);
	worker->events = rte_ring_create_elem(object, sizeof(struct event_record), EVENT_RING_SIZE,
		socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (worker->events == NULL)
		return -rte_errno;
	return 0;
}

void worker_fini(struct worker *worker)
{
	rte_ring_free(worker->events);
	rte_ring_free(worker->records);
	rte_ring_free(worker->requests);
	fragment_table_destroy(worker->fragments);
	flow_table_fini(&worker->tables[1]);
	flow_table_fini(&worker->tables[0]);
}

void worker_end_flow(
	struct worker *worker, struct flow_table *table, uint32_t position, uint64_t now)
{
	if (unlikely(worker->flow_ended != NULL)) {
		struct flow_record record;

		flow_to_record(table, position, now, &record);
		worker->flow_ended(&record, worker->flow_ended_context);
	}
	if (unlikely(worker->window != NULL))
		walk_flow_ends(worker, table, position, now);
	flow_remove(table, position);
	worker->stats.flows_ended++;
}

static uint64_t burst_bytes(struct rte_mbuf **mbufs, uint16_t count)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < count; i++)
		bytes += rte_pktmbuf_pkt_len(mbufs[i]);
	return bytes;
}

/* Send by a port of this worker's own; what the device does not take after some tries is dropped.
 */
static void send_own(struct worker *worker, uint16_t port, struct rte_mbuf **mbufs, uint16_t count)
{
	const struct worker_port *own = &worker->ports[port];
	struct port_stats *stats = &worker->port_stats[port];
	uint64_t bytes = burst_bytes(mbufs, count);
	unsigned tries = 0;
	uint16_t sent = 0;

	for (;;) {
		uint16_t now_sent =
			rte_eth_tx_burst(own->device, own->tx_queue, mbufs + sent, count - sent);

		sent += now_sent;
		if (likely(sent == count))
			break;
		tries = now_sent > 0 ? 0 : tries + 1;
		if (tries == TX_RETRIES)
			break;
		rte_pause();
	}
	stats->tx_packets += sent;
	stats->tx_bytes += bytes - burst_bytes(mbufs + sent, count - sent);
	for (unsigned i = sent; i < count; i++) {
		mbufs[i]->port = worker->peers[port];
		worker_drop(worker, mbufs[i], DROP_TX_FULL);
	}
}

/* Send each run of packets that leave by the same port. */
static void send_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t end;

	for (uint16_t begin = 0; begin < count; begin = end) {
		uint16_t port = mbufs[begin]->port;
		const struct worker_port *own = &worker->ports[port];

		for (end = begin + 1; end < count && mbufs[end]->port == port;)
			end++;
		if (likely(own->tx_queue != QUEUE_NONE))
			send_own(worker, port, mbufs + begin, end - begin);
		else
			handover_send(worker, own->sender, mbufs + begin, end - begin);
	}
}

static void forward(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count, uint64_t now)
{
	struct rte_mbuf *sent[SENT_MAX];

	for (uint16_t begin = 0; begin < count; begin += BURST_MAX) {
		uint16_t size = RTE_MIN(count - begin, BURST_MAX);

		worker->stats.bursts++;
		send_burst(worker, sent, pipeline_burst(worker, mbufs + begin, size, now, sent));
		worker->burst_limit = worker->burst.judged > size / 4 ? BURST_JUDGED : BURST_MAX;
	}
}

static bool holds(struct worker *worker, enum handover_from from, uint64_t now)
{
	return unlikely(worker->holds) && handover_holds(worker, from, now);
}

static uint16_t poll_port(struct worker *worker, uint16_t port, uint64_t now)
{
	const struct worker_port *own = &worker->ports[port];
	struct port_stats *stats = &worker->port_stats[port];
	struct rte_mbuf *mbufs[BURST_MAX], *steered[STEERED_MAX];
	uint16_t received;

	if (own->rx_queue == QUEUE_NONE || holds(worker, FROM_PORT, now))
		return 0;
	received = rte_eth_rx_burst(own->device, own->rx_queue, mbufs, worker->burst_limit);
	if (received == 0)
		return 0;
	for (unsigned i = 0; i < received; i++)
		mbufs[i]->port = port; /* ours, where the device put its own number */
	stats->rx_packets += received;
	stats->rx_bytes += burst_bytes(mbufs, received);
	if (worker->steer == STEER_NONE)
		forward(worker, mbufs, received, now);
	else
		forward(worker, steered, handover_steer(worker, mbufs, received, now, steered),
			now);
	return received;
}

/* Take a burst of packets out of a ring that are handed on, or not now. */
static unsigned take(struct worker *worker, enum handover_from from, struct rte_ring *ring,
	unsigned most, uint64_t now, struct rte_mbuf **mbufs)
{
	if (holds(worker, from, now))
		return 0;
	return rte_ring_sc_dequeue_burst(ring, (void **)mbufs, most, NULL);
}

static unsigned poll_rings(struct worker *worker, uint64_t now)
{
	struct rte_mbuf *mbufs[BURST_MAX], *steered[STEERED_MAX];
	unsigned total = 0;

	for (unsigned from = 0; from < worker->worker_count; from++) {
		unsigned count;

		if (worker->owned_in[from] == NULL)
			continue;
		count = take(worker, FROM_OWNED, worker->owned_in[from], worker->burst_limit, now,
			mbufs);
		forward(worker, mbufs, count, now);
		total += count;
		count = take(
			worker, FROM_FRAGMENTS, worker->fragments_in[from], BURST_MAX, now, mbufs);
		forward(worker, steered, handover_meet(worker, mbufs, count, now, steered), now);
		total += count;
		count = rte_ring_sc_dequeue_burst(
			worker->send_in[from], (void **)mbufs, BURST_MAX, NULL);
		send_burst(worker, mbufs, count);
		total += count;
	}
	return total;
}

/* One slice of one task: fragments that have waited too long; else expiry and the walk take turns
 * while both have work. A sweep that finds nothing to remove is hardly work. */
static bool housekeep(struct worker *worker, uint64_t now)
{
	struct rte_mbuf *sent[SENT_MAX];

	if (unlikely(fragment_due(worker->fragments, now))) {
		send_burst(worker, sent, pipeline_burst(worker, NULL, 0, now, sent));
		return true;
	}
	worker->expire_turn = !worker->expire_turn;
	if (worker->expire_turn && expire_slice(worker, now))
		return true;
	if (!walk_slice(worker, now))
		return false;
	send_burst(worker, worker->resets, worker->reset_count);
	worker->reset_count = 0;
	return true;
}

/* Sleep longer the longer nothing came, from 1 µs up to the configured bound. */
static void back_off(const struct worker *worker, unsigned idle_polls)
{
	unsigned steps;

	if (worker->idle_sleep_us == 0 || idle_polls < IDLE_POLLS) {
		if (worker->shares_cpu)
			sched_yield();
		else
			rte_pause();
		return;
	}
	steps = RTE_MIN(idle_polls - IDLE_POLLS, 10u);
	rte_delay_us_sleep(RTE_MIN(1u << steps, worker->idle_sleep_us));
}

/* A burst of each port and ring, and housekeeping after each. Returns whether there was work. */
static bool poll_all(struct worker *worker, uint64_t now)
{
	bool busy = false;

	for (uint16_t port = 0; port < worker->port_count; port++) {
		if (poll_port(worker, port, now) == 0)
			continue;
		housekeep(worker, now);
		busy = true;
	}
	busy |= poll_rings(worker, now) > 0;
	busy |= housekeep(worker, now);
	return busy;
}

/* The policy of this poll. */
static void take_policy(struct worker *worker)
{
	/* Pairs with the store in dataplane_publish(). */
	const struct policy *policy = atomic_load_explicit(worker->published, memory_order_acquire);

	if (unlikely(policy != worker->policy))
		worker->burst_limit = BURST_JUDGED; /* flows are judged again */
	worker->policy = policy;
}

int worker_run(void *argument)
{
	struct worker *worker = argument;
	struct worker_stats *stats = &worker->stats;
	uint64_t tsc = rte_rdtsc();
	struct longest longest;
	unsigned idle_polls = 0;
	uint64_t began = 0; /* the poll before this one, nanoseconds */
	bool busy = false;

	/* The default slack of 50 µs would be added to every sleep of at most 50 µs. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	longest_begin(&longest, tsc, rte_get_tsc_hz());
	worker->expire_last = clock_nanoseconds(tsc);
	rte_rcu_qsbr_thread_register(worker->readers, worker->index);
	rte_rcu_qsbr_thread_online(worker->readers, worker->index);
	/* Pairs with the store in dataplane_stop(). */
	while (!atomic_load_explicit(worker->stop, memory_order_acquire)) {
		uint64_t now = clock_nanoseconds(tsc);
		uint64_t after;

		/* A busy poll ended when this one begins. */
		if (busy)
			stats->poll_times[poll_time_class(now - began)]++;
		began = now;
		take_policy(worker);
		busy = poll_all(worker, now);
		idle_polls = busy ? 0 : idle_polls + 1;
		after = rte_rdtsc();
		stats->polls++;
		longest_add(&longest, after, busy ? after - tsc : 0, &stats->longest_poll_cycles);
		if (busy) {
			stats->busy_polls++;
			stats->busy_cycles += after - tsc;
		} else {
			back_off(worker, idle_polls);
			after = rte_rdtsc();
		}
		stats->total_cycles += after - tsc;
		tsc = after;
		/* Nothing of this poll's policy is held from here on. */
		rte_rcu_qsbr_quiescent(worker->readers, worker->index);
	}
	rte_rcu_qsbr_thread_offline(worker->readers, worker->index);
	rte_rcu_qsbr_thread_unregister(worker->readers, worker->index);
	return 0;
}
