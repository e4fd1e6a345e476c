/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mark: what a fragment's buffer carries from the worker that its datagram met at to the one that
 * owns its flow: what the first fragment told. A flag and a field of rte_mbuf_dyn.h.
 */
#ifndef TIDEGATE_DATAPLANE_MARK_H
#define TIDEGATE_DATAPLANE_MARK_H

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "dataplane/packet.h"

/* Where mark and flag are in an mbuf. All zero: nothing is ever marked. */
struct mark {
	uint64_t flag; /* in ol_flags */
	int offset;    /* of a struct first_fragment */
};

/* Reserve the room, once for the process; again gives the same. Returns 0 or -errno. */
int mark_register(struct mark *mark);

static inline void mark_put(
	const struct mark *mark, struct rte_mbuf *mbuf, const struct packet *packet)
{
	*RTE_MBUF_DYNFIELD(mbuf, mark->offset, struct first_fragment *) = packet_first(packet);
	mbuf->ol_flags |= mark->flag;
}

/* Complete a fragment and take its mark off. Returns whether it had one. */
static inline bool mark_take(const struct mark *mark, struct rte_mbuf *mbuf, struct packet *packet)
{
	if ((mbuf->ol_flags & mark->flag) == 0)
		return false;
	mbuf->ol_flags &= ~mark->flag;
	packet_follow(packet, RTE_MBUF_DYNFIELD(mbuf, mark->offset, struct first_fragment *));
	return true;
}

#endif
