/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plain: packets as nearly all are, past parser and checks in one go.
 *
 * Overview: plain is TCP or UDP right behind an IPv4 header without options or an IPv6 header, whole,
 * untagged, in one buffer, with right checksums, and between addresses that no check is about. What is
 * not plain is not wrong: parser and checks alone tell what it is. Of what is plain they say the same,
 * in more steps.
 */
#ifndef TIDEGATE_DATAPLANE_PLAIN_H
#define TIDEGATE_DATAPLANE_PLAIN_H

#include <stdint.h>

#include <rte_mbuf.h>

struct worker;

/* Add the plain packets from the one at next on to the burst, up to the first other one or until the
 * burst is full; hash their keys, and prefetch what a lookup reads first. Returns the packet to go on
 * with, or count. */
uint16_t plain_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t next, uint16_t count);

#endif
