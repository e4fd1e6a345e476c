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

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/packet.h"

struct burst;

/* Fill in a packet, if it is plain. checks: CHECK_BIT() of each that is on. */
bool plain_parse(const struct rte_mbuf *mbuf, uint32_t checks, struct packet *packet);

/* Add the plain packets from the one at next on to the burst, up to the first other one or until the
 * burst is full. Returns the packet to go on with, or count. */
uint16_t plain_burst(struct burst *burst, struct rte_mbuf **mbufs, uint16_t next, uint16_t count,
	uint32_t checks);

#endif
