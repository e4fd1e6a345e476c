/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dataplane: life-cycle of ports, workers and what they share, and the control thread's view of
 * them.
 */
#include "dataplane/dataplane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_launch.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring_elem.h>

#include "dataplane/clock.h"
#include "dataplane/handover.h"
#include "dataplane/memory.h"
#include "dataplane/poll_time.h"
#include "dataplane/port.h"
#include "dataplane/sharing.h"
#include "dataplane/worker.h"

enum { POOL_CACHE = 256 };

struct dataplane {
	struct dataplane_config config;
	uint64_t timeouts[TIMEOUT_COUNT]; /* nanoseconds */
	struct port ports[PORT_MAX];
	struct rss rss; /* of all ports, if they have it */
	struct worker *workers[WORKER_MAX];
	struct rte_mempool *pool;
	struct rte_rcu_qsbr *readers;
	_Atomic(const struct policy *) policy; /* the one in force */
	uint32_t generation;		       /* of the last policy published */
	uint32_t kept_from;		       /* of the last one that judges all flows again */
	atomic_bool stop;
	bool running;
};

uint64_t dataplane_now(void)
{
	return clock_now();
}

/* Which queues of each port a worker has. Where there are fewer queues than workers, the ports
 * begin at different workers so that these share the polling. */
static void assign_queues(struct dataplane *dataplane, struct worker *worker)
{
	uint16_t workers = dataplane->config.worker_count;

	for (uint16_t i = 0; i < dataplane->config.port_count; i++) {
		const struct port *port = &dataplane->ports[i];
		struct worker_port *own = &worker->ports[i];
		uint16_t shift = port->queues < workers ? i : 0;
		uint16_t queue = (worker->index + workers - shift % workers) % workers;

		if (queue < port->queues) {
			port_queue(port, queue, &own->device, &own->rx_queue);
			own->tx_queue = own->rx_queue;
		} else {
			own->rx_queue = own->tx_queue = QUEUE_NONE;
			own->sender = (queue % port->queues + shift) % workers;
		}
	}
}

static struct worker *worker_create(
	struct dataplane *dataplane, uint16_t index, const struct hash_secret *steer)
{
	const struct dataplane_config *config = &dataplane->config;
	int socket = rte_lcore_to_socket_id(index + 1);
	struct worker *worker =
		rte_zmalloc_socket("worker", sizeof(*worker), RTE_CACHE_LINE_SIZE, socket);
	char name[16];
	int result;

	if (worker == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	worker->published = &dataplane->policy;
	worker->readers = dataplane->readers;
	worker->timeouts = dataplane->timeouts;
	worker->peers = config->peers;
	worker->index = index;
	worker->cpu = config->worker_cpus[index];
	worker->shares_cpu = sharing_of(config, index);
	worker->holds = sharing_any(config);
	worker->port_count = config->port_count;
	worker->worker_count = config->worker_count;
	worker->pass_non_ip = config->flows.pass_non_ip;
	worker->tcp_unchecked = config->flows.tcp_unchecked;
	worker->checks = config->flows.checks;
	worker->idle_sleep_us = config->idle_sleep_us;
	worker->steer_secret = *steer;
	worker->stop = &dataplane->stop;
	worker->pool = dataplane->pool;
	snprintf(name, sizeof(name), "tidegate-%u", index);
	result = worker_init(worker, name, config->flows.capacity, socket);
	if (result < 0) {
		worker_fini(worker);
		rte_free(worker);
		rte_errno = -result;
		return NULL;
	}
	return worker;
}

static int create_workers(struct dataplane *dataplane, char *message, size_t size)
{
	uint16_t count = dataplane->config.worker_count;
	struct hash_secret steer;
	int result = hash_secret_draw(&steer);

	for (uint16_t i = 0; result == 0 && i < count; i++) {
		dataplane->workers[i] = worker_create(dataplane, i, &steer);
		if (dataplane->workers[i] == NULL)
			result = -rte_errno;
	}
	for (uint16_t i = 0; result == 0 && i < count; i++)
		result = mark_register(&dataplane->workers[i]->mark);
	if (result == 0)
		result = handover_init(dataplane->workers, count, SOCKET_ID_ANY);
	if (result < 0)
		snprintf(message, size, "workers: cannot make tables for %u flows: %s%s",
			dataplane->config.flows.capacity, strerror(-result),
			result == -ENOMEM ? " (more hugepages, or fewer flows_per_worker)" : "");
	return result;
}

static int create_pool(struct dataplane *dataplane, char *message, size_t size)
{
	uint32_t buffers = memory_buffers(&dataplane->config);
	/* NULL: DPDK's choice, in which a worker that is taken off its CPU amid its access keeps
	 * the others waiting. */
	const char *kind = sharing_any(&dataplane->config) ? "ring_mt_rts" : NULL;

	dataplane->pool = rte_pktmbuf_pool_create_by_ops("tidegate-packets", buffers, POOL_CACHE, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, kind);
	if (dataplane->pool != NULL)
		return 0;
	snprintf(message, size, "packet buffers: cannot make %u: %s", buffers, strerror(rte_errno));
	return -rte_errno;
}

/* Who may still see a policy that was replaced. */
static int create_readers(struct dataplane *dataplane, char *message, size_t size)
{
	uint16_t workers = dataplane->config.worker_count;

	dataplane->readers =
		rte_zmalloc("readers", rte_rcu_qsbr_get_memsize(workers), RTE_CACHE_LINE_SIZE);
	if (dataplane->readers != NULL)
		return rte_rcu_qsbr_init(dataplane->readers, workers);
	snprintf(message, size, "workers: out of memory");
	return -ENOMEM;
}

/* Both directions of a flow must meet: by RSS where all ports can, but for the fragments; else by
 * handing over. */
static int configure_ports(struct dataplane *dataplane, char *message, size_t size)
{
	const struct dataplane_config *config = &dataplane->config;
	const struct rss *rss = NULL;
	struct hash_secret secret;
	int result = 0;

	for (unsigned i = 0; result == 0 && i < config->port_count; i++)
		result = port_open(
			&dataplane->ports[i], &config->ports[i], &config->queues[i], message, size);
	if (result < 0)
		return result;
	if (config->worker_count > 1 &&
		ports_have_symmetric_rss(
			dataplane->ports, config->port_count, config->worker_count)) {
		result = hash_secret_draw(&secret);
		ports_prepare_rss(dataplane->ports, config->worker_count, secret.words[0] | 1,
			&dataplane->rss);
		rss = &dataplane->rss;
	}
	for (uint16_t i = 0; result == 0 && i < config->port_count; i++) {
		result = port_configure(&dataplane->ports[i], config->worker_count, rss,
			dataplane->pool, message, size);
		if (result == 0 && config->port_ready != NULL)
			config->port_ready(i, config->port_context);
	}
	for (unsigned i = 0; result == 0 && i < config->worker_count; i++) {
		struct worker *worker = dataplane->workers[i];

		assign_queues(dataplane, worker);
		if (config->worker_count > 1)
			worker->steer = rss != NULL ? STEER_FRAGMENTS : STEER_ALL;
		worker->rss = dataplane->rss;
	}
	return result;
}

int dataplane_create(const struct dataplane_config *config, const struct policy *policy,
	char *message, size_t size, struct dataplane **ret_dataplane)
{
	struct dataplane *dataplane = calloc(1, sizeof(*dataplane));
	int result;

	if (dataplane == NULL) {
		snprintf(message, size, "dataplane: out of memory");
		return -ENOMEM;
	}
	dataplane->config = *config;
	atomic_init(&dataplane->policy, policy);
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		dataplane->timeouts[i] = timeout_nanoseconds(config->flows.timeouts[i]);
	result = create_pool(dataplane, message, size);
	if (result == 0)
		result = create_readers(dataplane, message, size);
	if (result == 0)
		result = create_workers(dataplane, message, size);
	if (result == 0)
		result = configure_ports(dataplane, message, size);
	if (result < 0) {
		dataplane_destroy(dataplane);
		return result;
	}
	*ret_dataplane = dataplane;
	return 0;
}

void dataplane_destroy(struct dataplane *dataplane)
{
	if (dataplane == NULL)
		return;
	for (unsigned i = 0; i < dataplane->config.port_count; i++)
		port_close(&dataplane->ports[i]);
	handover_fini(dataplane->workers, dataplane->config.worker_count);
	for (unsigned i = 0; i < dataplane->config.worker_count; i++) {
		if (dataplane->workers[i] == NULL)
			continue;
		worker_fini(dataplane->workers[i]);
		rte_free(dataplane->workers[i]);
	}
	rte_free(dataplane->readers);
	rte_mempool_free(dataplane->pool);
	free(dataplane);
}

int dataplane_start(struct dataplane *dataplane, char *message, size_t size)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < dataplane->config.port_count; i++)
		result = port_start(&dataplane->ports[i], message, size);
	if (result < 0) {
		dataplane_stop(dataplane);
		return result;
	}
	dataplane->running = true;
	for (unsigned i = 0; i < dataplane->config.worker_count; i++)
		rte_eal_remote_launch(worker_run, dataplane->workers[i], i + 1);
	return 0;
}

void dataplane_stop(struct dataplane *dataplane)
{
	/* Pairs with the load in worker_run(). */
	atomic_store_explicit(&dataplane->stop, true, memory_order_release);
	if (dataplane->running)
		rte_eal_mp_wait_lcore();
	dataplane->running = false;
	for (unsigned i = 0; i < dataplane->config.port_count; i++)
		port_stop(&dataplane->ports[i]);
}

uint64_t dataplane_publish(
	struct dataplane *dataplane, struct policy *policy, enum policy_change change)
{
	policy->generation = ++dataplane->generation;
	/* What a generation in between has judged again is not to be kept from before it. */
	if (change == POLICY_REEVALUATE)
		dataplane->kept_from = policy->generation;
	policy->kept_from = dataplane->kept_from;
	/* Pairs with the load in worker_run(). */
	atomic_store_explicit(&dataplane->policy, policy, memory_order_release);
	return rte_rcu_qsbr_start(dataplane->readers);
}

bool dataplane_policy_retired(struct dataplane *dataplane, uint64_t token)
{
	return rte_rcu_qsbr_check(dataplane->readers, token, false) == 1;
}

void dataplane_set_timeout(struct dataplane *dataplane, enum timeout timeout, uint32_t seconds)
{
	/* A word that the workers read: they see the old value or the new one. */
	dataplane->timeouts[timeout] = timeout_nanoseconds(seconds);
}

int dataplane_request(
	struct dataplane *dataplane, uint16_t worker, const struct walk_request *request)
{
	struct rte_ring *ring = dataplane->workers[worker]->requests;
	struct walk_request copy = *request;

	return rte_ring_sp_enqueue_elem(ring, &copy, sizeof(copy)) == 0 ? 0 : -EBUSY;
}

void dataplane_cancel(struct dataplane *dataplane, uint16_t worker, uint32_t id)
{
	/* Pairs with the load in walk_slice(); it orders nothing else. */
	atomic_store_explicit(&dataplane->workers[worker]->canceled, id, memory_order_relaxed);
}

int dataplane_window_create(
	struct dataplane *dataplane, uint16_t worker, struct window **ret_window)
{
	return window_create(worker_places(dataplane->workers[worker]), ret_window);
}

uint32_t dataplane_records(
	struct dataplane *dataplane, uint16_t worker, struct record *records, uint32_t count)
{
	struct rte_ring *ring = dataplane->workers[worker]->records;

	return rte_ring_sc_dequeue_burst_elem(ring, records, sizeof(*records), count, NULL);
}

uint32_t dataplane_events(
	struct dataplane *dataplane, uint16_t worker, struct event_record *events, uint32_t count)
{
	struct rte_ring *ring = dataplane->workers[worker]->events;

	return rte_ring_sc_dequeue_burst_elem(ring, events, sizeof(*events), count, NULL);
}

uint16_t dataplane_port_count(const struct dataplane *dataplane)
{
	return dataplane->config.port_count;
}

uint16_t dataplane_worker_count(const struct dataplane *dataplane)
{
	return dataplane->config.worker_count;
}

void dataplane_port_status(
	struct dataplane *dataplane, uint16_t port, struct port_status *ret_status)
{
	memset(ret_status, 0, sizeof(*ret_status));
	port_status(&dataplane->ports[port], ret_status);
	for (unsigned i = 0; i < dataplane->config.worker_count; i++) {
		const struct port_stats *stats = &dataplane->workers[i]->port_stats[port];

		ret_status->rx_packets += stats->rx_packets;
		ret_status->rx_bytes += stats->rx_bytes;
		ret_status->tx_packets += stats->tx_packets;
		ret_status->tx_bytes += stats->tx_bytes;
		ret_status->tx_answers += stats->tx_answers;
		for (unsigned reason = 0; reason < DROP_COUNT; reason++)
			ret_status->drops[reason] += stats->drops[reason];
	}
}

void dataplane_worker_status(
	struct dataplane *dataplane, uint16_t worker, struct worker_status *ret_status)
{
	const struct worker *from = dataplane->workers[worker];

	*ret_status = (struct worker_status){
		.cpu = from->cpu,
		.flows_ipv4 = from->tables[0].count,
		.flows_ipv6 = from->tables[1].count,
		.capacity = from->tables[0].capacity,
		.flows_created = from->stats.flows_created,
		.flows_ended = from->stats.flows_ended,
		.flows_refused = from->stats.flows_refused,
		.flows_evicted = from->stats.flows_evicted,
		.polls = from->stats.polls,
		.busy_polls = from->stats.busy_polls,
		.busy_cycles = from->stats.busy_cycles,
		.busy_nanoseconds = clock_nanoseconds(from->stats.busy_cycles),
		.total_cycles = from->stats.total_cycles,
		.packets = from->stats.packets,
		.bursts = from->stats.bursts,
		.longest_poll = clock_nanoseconds(from->stats.longest_poll_cycles),
		.events_lost = from->stats.events_lost,
		.answers_suppressed = from->stats.answers_suppressed,
	};
	for (unsigned i = 0; i < POLL_TIMES; i++)
		ret_status->poll_times[i] =
			(struct poll_time){poll_time_bound(i), from->stats.poll_times[i]};
}
