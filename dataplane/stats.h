/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stats: a worker's counters.
 *
 * Synchronisation: worker: rw, control: ro. 64-bit words that only their worker writes, so that a
 * plain store and load are whole on the machines DPDK runs on; a reader may see them a poll old.
 */
#ifndef TIDEGATE_DATAPLANE_STATS_H
#define TIDEGATE_DATAPLANE_STATS_H

#include <stdint.h>

#include <rte_common.h>

#include "dataplane/dataplane.h"
#include "dataplane/drop.h"

/* What one worker did with the packets of one port. */
struct port_stats {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_answers;	    /* made here, by REJECT or a flush, to be sent by the port */
	uint64_t drops[DROP_COUNT]; /* of packets received by the port */
} __rte_cache_aligned;

struct worker_stats {
	uint64_t packets; /* through the pipeline */
	uint64_t flows_created;
	uint64_t flows_ended;
	uint64_t flows_refused;
	uint64_t flows_evicted;
	uint64_t events_lost;
	uint64_t answers_suppressed;
	uint64_t polls;
	uint64_t busy_polls;
	uint64_t busy_cycles;
	uint64_t total_cycles;
	uint64_t bursts;		 /* through the pipeline, with packets in them */
	uint64_t longest_poll_cycles;	 /* of the busy polls of the last whole second */
	uint64_t poll_times[POLL_TIMES]; /* busy polls by poll_time_class() */
} __rte_cache_aligned;

#endif
