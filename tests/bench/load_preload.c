/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * load_preload: the packets of a real daemon's net_null ports, made in its own process.
 *
 * Overview: LD_PRELOAD puts this before DPDK's libraries. A port that is started gets a receive
 * callback on each queue, which writes frames into the buffers of net_null, as load.c does. Each
 * queue has flows of its own: they are opened, with packets both ways until no rule is asked any
 * more, and go round from then on, as fast as the worker asks or, later, at a rate: then packets
 * arrive by the clock and wait in a queue of as many as a port has receive descriptors; those that
 * find it full are lost, and counted.
 *
 * The file that $LOAD_STATE names is shared with who started the daemon (struct state).
 *
 * Synchronisation: a queue's part of the state is written by its worker alone.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/dataplane.h"
#include "tests/bench/load_cycle.h"

enum {
	QUEUES_MAX = 4,
	STRIDE = 65536, /* flows opened at once: the table does not hold as many unreplied ones */
	PASSES = 4,	/* over a stride, by the ports in turn */
	DEVICES_MAX = 2,
	SWITCH_US = 3, /* a time without polls that may be the kernel's doing */
};

struct state {
	_Atomic uint32_t flows; /* of a queue; rw for who started the daemon, ro here */
	uint32_t record_size;	/* of a flow on its way to control; the others are rw here */
	_Atomic uint64_t rate;	/* packets a second by each port and queue, 0: no bound; ro */
	struct queue_state {
		_Atomic uint64_t opened; /* flows */
		_Atomic uint64_t packets;
		_Atomic uint64_t lost;
		_Atomic uint64_t interrupted; /* lost while the kernel had switched the worker away
					       */
		_Atomic uint64_t rates[DEVICES_MAX]; /* that the ports' packets come at by now */
	} queues[QUEUES_MAX];
};

/* What a worker's queue of both ports is at. */
struct source {
	uint32_t done; /* flows opened */
	unsigned pass;
	struct load_cycle cycle;
	struct pace {
		uint64_t rate;
		uint64_t begin; /* TSC */
		uint64_t taken; /* of what has arrived since */
	} paces[DEVICES_MAX];
	uint64_t polled; /* TSC */
	long switches;
	bool switched; /* between the last two polls */
};

static struct state *state;
static struct source sources[QUEUES_MAX];

static void add(_Atomic uint64_t *counter, uint64_t count)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, before + count, memory_order_relaxed);
}

/* The next pass, or from the last on all flows for ever. */
static void begin_pass(struct source *source, uint32_t first)
{
	uint32_t flows = state->flows, stride = RTE_MIN(flows - source->done, (uint32_t)STRIDE);
	uint64_t packets[2] = {UINT64_MAX, UINT64_MAX};

	if (stride == 0) {
		load_cycle_init(&source->cycle, first, flows, packets);
		return;
	}
	packets[source->pass % 2] = stride;
	packets[1 - source->pass % 2] = 0;
	load_cycle_init(&source->cycle, first + source->done, stride, packets);
}

static void end_pass(struct source *source, uint16_t queue)
{
	uint32_t stride = RTE_MIN(state->flows - source->done, (uint32_t)STRIDE);

	if (stride == 0 || source->cycle.left[0] != 0 || source->cycle.left[1] != 0)
		return;
	source->pass = (source->pass + 1) % PASSES;
	if (source->pass == 0) {
		source->done += stride;
		add(&state->queues[queue].opened, stride);
	}
	begin_pass(source, queue * state->flows);
}

/* How many packets there are for a port now, of at most count. */
static uint16_t arrived(struct source *source, uint16_t device, uint16_t queue, uint16_t count)
{
	enum { DESCRIPTORS = 1024 };
	uint64_t rate = atomic_load_explicit(&state->rate, memory_order_relaxed), waiting;
	struct pace *pace = &source->paces[device];
	uint64_t now = rte_rdtsc();

	if (source->done < state->flows)
		return count;
	if (pace->rate != rate) {
		*pace = (struct pace){.rate = rate, .begin = now};
		atomic_store_explicit(
			&state->queues[queue].rates[device], rate, memory_order_relaxed);
	}
	if (rate == 0)
		return count;
	waiting =
		(uint64_t)((double)(now - pace->begin) / (double)rte_get_tsc_hz() * (double)rate) -
		pace->taken;
	if (waiting > DESCRIPTORS) {
		uint64_t lost = waiting - DESCRIPTORS;
		struct queue_state *counters = &state->queues[queue];

		add(source->switched ? &counters->interrupted : &counters->lost, lost);
		pace->taken += lost;
		waiting = DESCRIPTORS;
	}
	count = (uint16_t)RTE_MIN(waiting, count);
	pace->taken += count;
	return count;
}

/* Once a round of polls. */
static void note_switches(struct source *source)
{
	uint64_t now = rte_rdtsc();
	struct rusage usage;

	source->switched = false;
	if (now - source->polled > rte_get_tsc_hz() / 1000000 * SWITCH_US) {
		getrusage(RUSAGE_THREAD, &usage);
		source->switched = source->switches != usage.ru_nvcsw + usage.ru_nivcsw;
		source->switches = usage.ru_nvcsw + usage.ru_nivcsw;
	}
	source->polled = now;
}

static uint16_t receive(uint16_t device, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t most, void *context)
{
	struct source *source = &sources[queue];
	uint16_t written = 0, here;
	struct load_tuple tuple;

	(void)most;
	(void)context;
	if (device == 0)
		note_switches(source);
	if (source->cycle.count == 0)
		begin_pass(source, queue * state->flows);
	here = arrived(source, device, queue, count);
	for (; written < here && load_cycle_next(&source->cycle, device, &tuple); written++)
		load_frame_write(rte_pktmbuf_mtod(mbufs[written], uint8_t *), &tuple);
	rte_pktmbuf_free_bulk(mbufs + written, count - written);
	add(&state->queues[queue].packets, written);
	end_pass(source, queue);
	return written;
}

static void fail(const char *what)
{
	fprintf(stderr, "load_preload: %s\n", what);
	abort();
}

/* The function that this library stands before. */
static void *next_of(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (function == NULL)
		fail(name);
	return function;
}

static void map_state(void)
{
	const char *path = getenv("LOAD_STATE");
	int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (file < 0)
		fail("LOAD_STATE");
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (state == MAP_FAILED)
		fail("LOAD_STATE");
	state->record_size = sizeof(struct flow_record);
}

int rte_eth_dev_start(uint16_t device)
{
	int (*start)(uint16_t) = next_of("rte_eth_dev_start");
	struct rte_eth_dev_info info;

	if (state == NULL)
		map_state();
	if (device >= DEVICES_MAX || rte_eth_dev_info_get(device, &info) != 0 ||
		info.nb_rx_queues > QUEUES_MAX)
		fail("too many devices or queues");
	for (uint16_t queue = 0; queue < info.nb_rx_queues; queue++)
		if (rte_eth_add_rx_callback(device, queue, receive, NULL) == NULL)
			fail("no receive callback");
	return start(device);
}
