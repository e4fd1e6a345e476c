/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/burst_times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "tests/bench/program.h"

/* Shorter bursts than this have no context switch in them. */
enum { SWITCH_NS = 10000 };

int burst_times_init(struct burst_times *times, uint32_t block_count)
{
	size_t size = block_count * sizeof(*times->blocks);

	*times = (struct burst_times){
		.block_count = block_count, .tick_ns = 1e9 / (double)rte_get_tsc_hz()};
	times->blocks = malloc(size);
	if (times->blocks == NULL)
		return -ENOMEM;
	/* Other bytes first, so that the pages are there before the worker writes them. */
	memset(times->blocks, 1, size);
	__asm__ volatile("" ::"r"(times->blocks) : "memory");
	memset(times->blocks, 0, size);
	return 0;
}

void burst_times_fini(struct burst_times *times)
{
	free(times->blocks);
}

/* Whether the thread was switched away since this was last asked. */
static bool was_switched(struct burst_times *times)
{
	struct rusage usage;
	long before = times->switches;

	getrusage(RUSAGE_THREAD, &usage);
	times->switches = usage.ru_nvcsw + usage.ru_nivcsw;
	return times->switches != before;
}

static void add(struct burst_times *times, double ns)
{
	unsigned int index = atomic_load_explicit(&times->block, memory_order_relaxed);
	struct burst_block *block = &times->blocks[index];
	uint32_t class = ns < BURST_CLASSES * BURST_CLASS_NS ? (uint32_t)ns / BURST_CLASS_NS
							     : BURST_CLASSES - 1;

	/* Pairs with the load in burst_times_next(): the block before is done. */
	if (index != atomic_load_explicit(&times->seen, memory_order_relaxed))
		atomic_store_explicit(&times->seen, index, memory_order_release);
	block->bursts++;
	if (ns > SWITCH_NS && was_switched(times)) {
		block->interrupted++;
		return;
	}
	block->classes[class]++;
	block->packets += times->packets;
	block->ns += ns;
	if (ns > block->worst)
		block->worst = ns;
}

static uint16_t receive(uint16_t device, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t most, void *context)
{
	struct burst_times *times = context;
	uint64_t now = rte_rdtsc();

	(void)device;
	(void)queue;
	(void)mbufs;
	(void)most;
	if (times->received != 0)
		add(times, (double)(now - times->received) * times->tick_ns);
	/* Once more: what is done here is not of the next burst. */
	times->received = count > 0 ? rte_rdtsc() : 0;
	times->packets = count;
	return count;
}

int burst_times_attach(struct burst_times *times, uint16_t device)
{
	return rte_eth_add_rx_callback(device, 0, receive, times) != NULL ? 0 : -rte_errno;
}

void burst_times_next(struct burst_times *times)
{
	unsigned int index = atomic_load_explicit(&times->block, memory_order_relaxed) + 1;
	uint64_t deadline = program_deadline();

	program_must(index < times->block_count, "there are not so many blocks");
	atomic_store_explicit(&times->block, index, memory_order_relaxed);
	/* Pairs with the store in add(). */
	while (atomic_load_explicit(&times->seen, memory_order_acquire) != index)
		program_wait(deadline, "the worker has no packets");
}

const struct burst_block *burst_times_ahead(const struct burst_times *times)
{
	return times->blocks + atomic_load_explicit(&times->block, memory_order_relaxed) + 1;
}

double burst_times_quantile(const struct burst_block *block, double share)
{
	double least = (double)(block->bursts - block->interrupted) * share, sum = 0;
	uint32_t class = 0;

	while (class < BURST_CLASSES - 1 && (sum += block->classes[class]) < least)
		class ++;
	return (class + 1.0) * BURST_CLASS_NS;
}
