/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_window: the sequence numbers of both sides of a connection, and the bounds that they give. */
#ifndef TIDEGATE_DATAPLANE_TCP_WINDOW_H
#define TIDEGATE_DATAPLANE_TCP_WINDOW_H

#include <rte_tcp.h>

#include "dataplane/tcp.h"

/* The least that acknowledgements and retransmissions may be behind, whatever the window: the ends
 * may know of a larger one, from a segment that never came by. */
#define TCP_WINDOW_BEHIND_MIN UINT32_C(66000)

/* The flags that it is about, in short. */
enum {
	FIN = RTE_TCP_FIN_FLAG,
	SYN = RTE_TCP_SYN_FLAG,
	RST = RTE_TCP_RST_FLAG,
	ACK = RTE_TCP_ACK_FLAG,
};

/* Sequence numbers and timestamps compare modulo 2^32: RFC 9293 section 3.4, RFC 7323 section 5.2.
 */
static inline bool tcp_window_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline uint32_t tcp_window_latest(uint32_t a, uint32_t b)
{
	return tcp_window_after(b, a) ? b : a;
}

/* The number behind a segment's last. SYN and FIN have one each. */
static inline uint32_t tcp_window_end(const struct tcp_segment *segment)
{
	return segment->seq + segment->length + ((segment->flags & SYN) != 0) +
		((segment->flags & FIN) != 0);
}

/*
 * Check and note a segment in one, if it is what nearly all are: the next data or acknowledgement,
 * on a connection whose ends have both sent and acknowledged, and no FIN. Returns whether it was;
 * otherwise nothing is noted. For these tcp_window_check() and tcp_window_advance() do the same: an
 * acknowledgement from its last one on is not too far behind, for no more than a window is under
 * way.
 */
bool tcp_window_next(
	struct tcp_side *own, struct tcp_side *other, const struct tcp_segment *segment);

/* Advance a connection by a segment in one step, if both are what nearly all are. */
static inline bool tcp_window_step(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	return tcp->state == TCP_ESTABLISHED && !tcp->loose && !tcp->unchecked &&
		tcp_window_next(&tcp->sides[side], &tcp->sides[!side], segment);
}

/* Note what a segment tells of its side, and by acknowledgement and window of the other's room. */
void tcp_window_advance(struct tcp *tcp, const struct tcp_segment *segment, unsigned side);

/* Hold a segment to the bounds of van Rooij: TCP_VALID, TCP_BAD_WINDOW, or TCP_UNCHANGED for what
 * is old and yet has to pass. */
enum tcp_verdict tcp_window_check(
	const struct tcp *tcp, const struct tcp_segment *segment, unsigned side);

#endif
