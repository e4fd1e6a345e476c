/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TIDEGATE_DATAPLANE_PIPELINE_H
#define TIDEGATE_DATAPLANE_PIPELINE_H

#include <stdint.h>

#include <rte_mbuf.h>

struct worker;

/*
 * Judge a burst of count ≤ BURST_MAX packets, received at time now (nanoseconds) by the ports in
 * their mbuf->port. Packets to send on are put in sent, in their order, with mbuf->port set to the
 * port to send by; the others are freed and counted under their reason. Returns the number in sent.
 * worker->burst tells afterwards what became of each, by its place.
 */
uint16_t pipeline_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count,
	uint64_t now, struct rte_mbuf **sent);

#endif
