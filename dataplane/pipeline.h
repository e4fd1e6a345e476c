/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TIDEGATE_DATAPLANE_PIPELINE_H
#define TIDEGATE_DATAPLANE_PIPELINE_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/worker.h"

/* The most packets that a burst sends: itself, two answers for each one rejected, and the fragments
 * that waited for its first ones. */
enum { SENT_MAX = 3 * BURST_MAX + FRAGMENT_WAITING };

/*
 * Judge a burst of count ≤ BURST_MAX packets, received at time now (nanoseconds) by the ports in
 * their mbuf->port. Packets to send on are put in sent, in their order, with mbuf->port set to the
 * port to send by; the others are freed and counted under their reason. Answers to those rejected
 * take their place in sent. A later fragment may be kept to wait for its first one, behind which it
 * goes on then; some of those that have waited too long are dropped, also with a count of 0.
 * Returns the number in sent, at most SENT_MAX. worker->burst tells afterwards what became of each,
 * by its place: without fragments, that in mbufs.
 */
uint16_t pipeline_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count,
	uint64_t now, struct rte_mbuf **sent);

#endif
