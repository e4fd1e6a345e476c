/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handover: packets from the worker that received them to the one that owns their flow, and judged
 * packets to one that has a queue to send by.
 *
 * Used where the device cannot bring both directions of a flow to one worker; and where it can, for
 * the fragments, which it does not bring to their flow. All fragments of a datagram meet at the
 * worker that a hash of addresses and identification names. There the later ones learn what the
 * first one tells (fragment.h), and go on to the owner of the flow with a mark that says so
 * (mark.h).
 *
 * Synchronisation: a ring for each pair of workers and purpose, single producer, single consumer.
 */
#ifndef TIDEGATE_DATAPLANE_HANDOVER_H
#define TIDEGATE_DATAPLANE_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/worker.h"

/* The most packets that steering a burst leaves: the burst, and fragments that waited. */
enum { STEERED_MAX = BURST_MAX + FRAGMENT_WAITING };

/* Make the rings between all workers; the workers are initialised otherwise. 0 or -errno. */
int handover_init(struct worker **workers, uint16_t count, int socket);

/* Free the rings and what is left in them. */
void handover_fini(struct worker **workers, uint16_t count);

/* Bytes of memory of the rings between count workers; shared: some have a CPU together. */
uint64_t handover_size(uint16_t count, bool shared);

/* Packets in these rings that the queues of the ports do not account for. */
uint32_t handover_buffers(uint16_t count, bool shared);

/* Pass on the packets of a received burst that are other workers'; this worker's are put in
 * ret_own, at most STEERED_MAX. Returns their number. */
uint16_t handover_steer(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count,
	uint64_t now, struct rte_mbuf **ret_own);

/* The same for a burst of fragments out of fragments_in, whose datagrams meet here. */
uint16_t handover_meet(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count, uint64_t now,
	struct rte_mbuf **ret_own);

/* Where packets are taken from that may be handed on. */
enum handover_from { FROM_PORT, FROM_FRAGMENTS, FROM_OWNED };

/*
 * Whether no more packets are to be taken from there: a ring to another worker, of those that they
 * may go to, is more than half full. Packets go by these rings in one direction, from ports to
 * senders, so workers do not wait for each other in a circle. One that does not run at all is
 * waited for a second; from then on what it has no room for is dropped.
 */
bool handover_holds(struct worker *worker, enum handover_from from, uint64_t now);

/* Pass judged packets, all to send by one port, to the worker that sends for this one. */
void handover_send(struct worker *worker, uint16_t sender, struct rte_mbuf **mbufs, uint16_t count);

#endif
