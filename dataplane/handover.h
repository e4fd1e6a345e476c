/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handover: packets from the worker that received them to the one that owns their flow, and judged
 * packets to one that has a queue to send by.
 *
 * Used where the device cannot bring both directions of a flow to one worker. All fragments of a
 * datagram are owned by addresses and protocol alone, since later ones have no ports: first and
 * later ones meet.
 *
 * Synchronisation: a ring for each pair of workers and purpose, single producer, single consumer.
 */
#ifndef TIDEGATE_DATAPLANE_HANDOVER_H
#define TIDEGATE_DATAPLANE_HANDOVER_H

#include <stdint.h>

#include <rte_mbuf.h>

struct worker;

/* Make the rings between all workers; the workers are initialised otherwise. 0 or -errno. */
int handover_init(struct worker **workers, uint16_t count, int socket);

/* Free the rings and what is left in them. */
void handover_fini(struct worker **workers, uint16_t count);

/* Bytes of memory of the rings between count workers. */
uint64_t handover_size(uint16_t count);

/* Pass on the packets of other workers' flows; the rest moves to the front. Returns its number. */
uint16_t handover_steer(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count);

/* Pass judged packets, all to send by one port, to the worker that sends for this one. */
void handover_send(struct worker *worker, uint16_t sender, struct rte_mbuf **mbufs, uint16_t count);

#endif
