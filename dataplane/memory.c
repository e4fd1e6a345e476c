/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/memory.h"

#include <unistd.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "dataplane/flow.h"
#include "dataplane/fragment.h"
#include "dataplane/handover.h"
#include "dataplane/sharing.h"
#include "dataplane/worker.h"

enum {
	/* An AF_XDP queue holds buffers in its fill ring, twice that size in reserve, and in the
	 * completion ring: more than the descriptors of a NIC's queue. */
	QUEUE_BUFFERS = 8192,
	BASE_BUFFERS = 8192,
	BASE_MEGABYTES = 128,
	OFFLINE_MEGABYTES = 8192,
};

uint32_t memory_buffers(const struct dataplane_config *config)
{
	return BASE_BUFFERS + (uint32_t)config->worker_count * FRAGMENT_WAITING +
		handover_buffers(config->worker_count, sharing_any(config)) +
		(uint32_t)config->port_count * config->worker_count * QUEUE_BUFFERS;
}

static uint64_t worker_size(uint32_t capacity, bool shared)
{
	return sizeof(struct worker) + flow_table_size(4, capacity) + flow_table_size(6, capacity) +
		fragment_table_size(FRAGMENT_BUCKETS) +
		rte_ring_get_memsize_elem(sizeof(struct record),
			shared ? RECORD_RING_SIZE_SHARED : RECORD_RING_SIZE) +
		rte_ring_get_memsize_elem(sizeof(struct event_record), EVENT_RING_SIZE) +
		rte_ring_get_memsize_elem(sizeof(struct walk_request), REQUEST_RING_SIZE);
}

/* Without hugepages a pool has pages of the usual size, and no buffer in two of them. */
static uint64_t buffers_size(uint32_t count)
{
	uint64_t size = rte_mempool_calc_obj_size(
		sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE, 0, NULL);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t free_list = rte_align64pow2((uint64_t)count + 1) * sizeof(void *);

	return free_list + (size > page ? count * size : (count / (page / size) + 1) * page);
}

uint32_t memory_megabytes(const struct dataplane_config *config)
{
	uint64_t bytes;
	bool shared;

	if (config == NULL)
		return OFFLINE_MEGABYTES;
	shared = sharing_any(config);
	bytes = worker_size(config->flows.capacity, shared) * config->worker_count;
	bytes += handover_size(config->worker_count, shared);
	bytes += buffers_size(memory_buffers(config));
	return (bytes >> 20) + 1 + BASE_MEGABYTES;
}
