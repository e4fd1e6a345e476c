/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * burst_times: how long a running worker takes for its bursts.
 *
 * Overview: callbacks on the receive queues of the worker's ports read the TSC. A burst lasts from
 * when packets are received to when the worker polls again, so all of the worker's loop is in it,
 * and nothing of the worker is changed for it. Times are collected in blocks. Bursts in which the
 * worker was not running all the time, by the kernel's count of context switches, say nothing of
 * the program: they are counted apart.
 *
 * Synchronisation: the worker's thread writes the times, one other thread begins blocks and reads
 * those that it has ended.
 */
#ifndef TIDEGATE_TESTS_BENCH_BURST_TIMES_H
#define TIDEGATE_TESTS_BENCH_BURST_TIMES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Classes of 50 ns up to 500 µs; the last one has what took longer. */
enum { BURST_CLASSES = 10000, BURST_CLASS_NS = 50 };

struct burst_block {
	uint32_t classes[BURST_CLASSES];
	uint64_t bursts;
	uint64_t interrupted; /* in none of the other figures */
	uint64_t packets;
	double ns; /* of all bursts */
	double worst;
};

struct burst_times {
	struct burst_block *blocks;
	uint32_t block_count;
	double tick_ns;
	atomic_uint block; /* control: rw, worker: ro */
	atomic_uint seen;  /* the block that the worker writes; worker: rw, control: ro */
	/* worker: rw */
	uint64_t received; /* TSC; 0: nothing was */
	uint16_t packets;  /* received then */
	long switches;
};

/* Room for block_count blocks. Returns 0 or -ENOMEM. */
int burst_times_init(struct burst_times *times, uint32_t block_count);
void burst_times_fini(struct burst_times *times);

/* Measure what the first queue of a port receives, until the port is closed. Returns 0 or -errno.
 */
int burst_times_attach(struct burst_times *times, uint16_t device);

/* Go on with the next block, of at most block_count, and wait until the worker does. Exits where
 * that fails. */
void burst_times_next(struct burst_times *times);

/* The block that burst_times_next() goes on with, when it is called next. */
const struct burst_block *burst_times_ahead(const struct burst_times *times);

/* The time in ns that a share of a block's bursts, 0 to 1, does not exceed. */
double burst_times_quantile(const struct burst_block *block, double share);

#endif
