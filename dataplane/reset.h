/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reset: RSTs to both ends of a TCP connection that is removed, so that neither keeps half of it.
 *
 * No packet asks for them, so where each end is on the link is what the connection's first packet
 * told. An end takes a RST at the number alone that it expects next (RFC 9293 section 3.10.7.4, RFC
 * 5961 section 3.2). That is its last acknowledgement; or where its own is still under way, what
 * follows all that the other end has sent: when the two differ, it gets one for each.
 */
#ifndef TIDEGATE_DATAPLANE_RESET_H
#define TIDEGATE_DATAPLANE_RESET_H

#include <rte_mbuf.h>

#include "dataplane/flow.h"
#include "dataplane/packet.h"

enum { RESET_MAX = 4 }; /* RSTs of one connection */

/* Remember where a connection's first packet came from. */
void reset_note_path(struct flow_table *table, uint32_t position, const struct rte_mbuf *mbuf,
	uint32_t l3_offset);

/*
 * Put up to RESET_MAX new packets from pool into resets, each with mbuf->port set to the port that
 * it is to be sent by; peers: the other port of each pair. They are the caller's. Returns how many:
 * none for what is no TCP connection, fewer when the pool is empty.
 */
unsigned reset_ends(const struct flow_table *table, uint32_t position, const uint8_t *peers,
	struct rte_mempool *pool, struct rte_mbuf *resets[RESET_MAX]);

#endif
