/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss: the queue that a NIC's receive side scaling brings a flow to, computed here for the
 * fragments, which it brings elsewhere.
 *
 * The Toeplitz hash of addresses and ports, or of the addresses where the NIC does not look at a
 * protocol's ports, picks an entry of the redirection table. A key of 16 bits again and again
 * gives both directions of a flow the same hash.
 */
#ifndef TIDEGATE_DATAPLANE_RSS_H
#define TIDEGATE_DATAPLANE_RSS_H

#include <stdint.h>

#include "dataplane/packet.h"

enum { RSS_KEY_MAX = 128 };

/* What the ports are configured with, all alike. */
struct rss {
	uint8_t key[RSS_KEY_MAX] __attribute__((aligned(4)));
	uint64_t functions; /* RTE_ETH_RSS_*; 0: without RSS */
	uint16_t reta_size;
	uint16_t queues;
};

/* Fill in the key with a pattern that is not 0: zeros hash everything alike. */
void rss_set_key(struct rss *rss, uint16_t pattern);

/* The queue at an index of the redirection table: evenly spread. */
static inline uint16_t rss_redirect(const struct rss *rss, uint32_t index)
{
	return index % rss->queues;
}

/* The hash of the packet's flow as a NIC computes it, from the packet's source on. */
uint32_t rss_hash(const struct rss *rss, const struct packet *packet);

/* The queue of the packet's flow, from 0. */
static inline uint16_t rss_queue(const struct rss *rss, const struct packet *packet)
{
	return rss_redirect(rss, rss_hash(rss, packet) % rss->reta_size);
}

#endif
