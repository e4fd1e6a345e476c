/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * load: a live worker on a CPU of its own, between two ports that always have packets.
 *
 * Overview: the ports are net_null's. A callback on each of their receive queues writes 60-byte UDP
 * frames into the buffers, of tuples that a source makes up, as fast as the worker asks for them;
 * what the worker sends is freed. So the packets themselves are in the caches, whatever the number
 * of flows, and none can be lost but by the worker dropping it. Writing frames costs time that is
 * counted as the worker's, as it is with a port of net_pcap. burst_times has the time of all
 * bursts.
 *
 * Synchronisation: sources run in the worker's thread; all functions are for one other thread. A
 * source's context is that thread's while the worker has another source.
 */
#ifndef TIDEGATE_TESTS_BENCH_LOAD_H
#define TIDEGATE_TESTS_BENCH_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"
#include "tests/bench/burst_times.h"
#include "tests/bench/load_cycle.h"

struct load_source {
	load_next_fn *next;
	void *context;
};

struct load {
	struct dataplane *dataplane;
	struct policy *policy; /* in force; the dataplane does not own it */
	struct burst_times times;
	/* Stored by load_switch(), loaded by the callbacks; NULL: no packets. */
	_Atomic(const struct load_source *) source;
	_Atomic(const struct load_source *) seen; /* the other way */
	struct load_port {
		struct load *load;
		unsigned index;
	} ports[2];
};

struct load_config {
	uint32_t capacity;	   /* flows of a table */
	uint32_t timeout;	   /* seconds, of all flows, or TIMEOUT_NEVER */
	uint32_t blocks;	   /* of times */
	struct policy *policy;	   /* NULL: one that passes everything */
	uint32_t memory_megabytes; /* of DPDK; 0: what the dataplane takes */
};

/* Start DPDK and the worker, which is on the last CPU that the process may use; the first one is
 * the calling thread's. Exits where that fails. */
void load_init(struct load *load, const struct load_config *config);

/* Stop the worker; counters can be read until load_fini(). */
void load_stop(struct load *load);
void load_fini(struct load *load);

/* Take packets from another source, or none, and wait until the worker does. */
void load_switch(struct load *load, const struct load_source *source);

/* Packets that the ports received, and of these the dropped ones. */
uint64_t load_received(const struct load *load);
uint64_t load_dropped(const struct load *load);

/* Wait until so many more packets were received. */
void load_wait(const struct load *load, uint64_t packets);

/* Open the flows first to first + count - 1; replied: with packets each way, until no rules are
 * asked any more. */
void load_open(struct load *load, uint32_t first, uint32_t count, bool replied);

#endif
