/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * burst_preload: times of the bursts of any program of DPDK that receives from a port of net_pcap.
 *
 * Overview: LD_PRELOAD puts this before DPDK's libraries. The first queue of the port gets receive
 * callbacks: burst_times, so that a burst lasts from when it was received to when the next one was,
 * with all that the program does in between and the work of net_pcap; and, before it, a gate. Of a file that
 * has a packet of each of many UDP flows and goes round, the gate makes flows that are established: it
 * lets each flow's packet pass four times, twice turned round, as if its answer. It opens flows an
 * interval apart from each other, so that neighbours in the file are not neighbours in a table. The gate can also
 * let a number of packets pass and no more.
 *
 * The file that $BURST_STATE names is shared with who started the program (struct state). $BURST_BUFFERS:
 * how many packet buffers more the program is to have than it thinks, for those of the file.
 *
 * Synchronisation: the worker writes the state, but for what a comment says.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "tests/bench/burst_times.h"

enum {
	PASSES = 4,    /* of a flow, by its two ends in turn */
	INTERVAL = 64, /* of the flows that are opened at the same time */
};

struct state {
	uint64_t flows;	       /* of the file, to be opened; 0: none; who started the program: rw */
	_Atomic uint64_t left; /* packets that may pass yet, or UINT64_MAX; both: rw */
	atomic_bool opened;
	struct burst_times times; /* its block is who started the program's */
	struct burst_block blocks[];
};

static struct state *state;
static uint64_t seen; /* packets, while flows are opened */

static void swap(uint8_t *one, uint8_t *other, size_t size)
{
	uint8_t kept[16];

	memcpy(kept, one, size);
	memcpy(one, other, size);
	memcpy(other, kept, size);
}

/* Have a UDP packet come from its other end. Its checksums stay right. */
static void turn_round(struct rte_mbuf *mbuf)
{
	uint8_t *l3 = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, sizeof(struct rte_ether_hdr));
	bool ipv4 = l3[0] >> 4 == 4;
	uint8_t *source = l3 +
		(ipv4 ? offsetof(struct rte_ipv4_hdr, src_addr)
		      : offsetof(struct rte_ipv6_hdr, src_addr));
	size_t size = ipv4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);

	swap(source, source + size, size);
	swap(source + 2 * size, source + 2 * size + sizeof(in_port_t), sizeof(in_port_t));
}

/* Whether a packet is of a flow that is being opened, in this round of the file. */
static bool opens(struct rte_mbuf *mbuf)
{
	uint64_t round = seen / state->flows, part = seen % state->flows % INTERVAL;

	seen++;
	if (part > round || round - part >= PASSES)
		return false;
	if ((round - part) % 2 != 0)
		turn_round(mbuf);
	return true;
}

static uint16_t gate(uint16_t device, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t most, void *context)
{
	uint64_t left = atomic_load_explicit(&state->left, memory_order_relaxed);
	uint16_t passed = 0;

	(void)device;
	(void)queue;
	(void)most;
	(void)context;
	if (likely(left == UINT64_MAX &&
		    atomic_load_explicit(&state->opened, memory_order_relaxed)))
		return count;
	if (left != UINT64_MAX) {
		passed = (uint16_t)RTE_MIN(left, count);
		rte_pktmbuf_free_bulk(mbufs + passed, count - passed);
		/* Not when none are left: then who started the program may store it. */
		if (left > 0)
			atomic_store_explicit(&state->left, left - passed, memory_order_release);
		return passed;
	}
	for (uint16_t i = 0; i < count; i++) {
		if (opens(mbufs[i]))
			mbufs[passed++] = mbufs[i];
		else
			rte_pktmbuf_free(mbufs[i]);
	}
	if (seen / state->flows >= INTERVAL + PASSES)
		atomic_store_explicit(&state->opened, true, memory_order_release);
	return passed;
}

static void fail(const char *what)
{
	fprintf(stderr, "burst_preload: %s\n", what);
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
	const char *path = getenv("BURST_STATE");
	int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	struct stat status;

	if (file < 0 || fstat(file, &status) < 0)
		fail("BURST_STATE");
	state = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, file, 0);
	close(file);
	if (state == MAP_FAILED)
		fail("BURST_STATE");
	state->times.blocks = state->blocks;
	state->times.tick_ns = 1e9 / (double)rte_get_tsc_hz();
	atomic_store(&state->opened, state->flows == 0);
}

int rte_eth_dev_start(uint16_t device)
{
	int (*start)(uint16_t) = next_of("rte_eth_dev_start");
	char name[RTE_ETH_NAME_MAX_LEN];

	if (rte_eth_dev_get_name_by_port(device, name) != 0)
		fail("a device without name");
	if (strncmp(name, "net_pcap", strlen("net_pcap")) == 0 && state == NULL) {
		map_state();
		if (rte_eth_add_rx_callback(device, 0, gate, NULL) == NULL ||
			burst_times_attach(&state->times, device) < 0)
			fail("no receive callbacks");
	}
	return start(device);
}

/* Pools without a say of how their free list works come from here, too. */
struct rte_mempool *rte_pktmbuf_pool_create_by_ops(const char *name, unsigned buffers,
	unsigned cache_size, uint16_t private_size, uint16_t data_size, int socket, const char *ops)
{
	struct rte_mempool *(*create)(const char *, unsigned, unsigned, uint16_t, uint16_t, int,
		const char *) = next_of("rte_pktmbuf_pool_create_by_ops");
	const char *more = getenv("BURST_BUFFERS");

	if (more != NULL)
		buffers += (unsigned)strtoul(more, NULL, 10);
	return create(name, buffers, cache_size, private_size, data_size, socket, ops);
}
