/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp: what both ends of a TCP connection may send next, as a pure function of what went by before.
 *
 * Overview: RFC 9293, with RFC 7323 (window scale), 5961 (challenge ACK), 6191 and RFC 1122 section
 * 4.2.2.13 (reuse of a tuple) and 7413 (Fast Open). A segment is in the window when it is so by the
 * four bounds of G. van Rooij, "Real Stateful TCP Packet Filtering in IP Filter" (2001): data above
 * what the receiver has offered, or acknowledgements of what was never sent, cannot be the
 * connection's.
 *
 * A firewall cannot know which segments the ends have got. So where an end would answer a wrong one
 * with a challenge ACK (RFC 5961) and go on, the segment passes and changes nothing.
 *
 * SACK (RFC 2018, 2883): the highest right edge of a segment's blocks stands in for its
 * acknowledgement where that widens the bounds, as in nf_conntrack. Blocks of what was never sent
 * are ignored: nf_conntrack drops such a segment, but its receiver takes it, without those blocks;
 * they are what a device makes that rewrites sequence numbers and forgets the options. pf and
 * Suricata let it pass, too.
 *
 * Timestamps (RFC 7323): the latest of each side tells whether a SYN may reuse the tuple. There is
 * no PAWS here: a receiver compares with the timestamp of what it has got last in order (RFC 7323
 * section 4.3), which is not known to a firewall that sees segments that get lost behind it. pf has
 * such checks, nf_conntrack has not; what is wrongly dropped here is lost, and what wrongly passes
 * the receiver drops.
 */
#ifndef TIDEGATE_DATAPLANE_TCP_H
#define TIDEGATE_DATAPLANE_TCP_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum tcp_state {
	TCP_NONE,
	TCP_MIDSTREAM,	  /* picked up without its SYN, one side seen */
	TCP_SYN_SENT,	  /* a SYN from one side */
	TCP_SYN_CROSSED,  /* a SYN from either side, not both acknowledged */
	TCP_SYN_RECEIVED, /* the SYN was answered */
	TCP_ESTABLISHED,
	TCP_FIN,       /* a FIN from one side */
	TCP_LAST_ACK,  /* from both, not both acknowledged */
	TCP_TIME_WAIT, /* both acknowledged */
	TCP_CLOSE,     /* a RST */
	TCP_STATE_COUNT
};

/* No window scale option. */
#define TCP_SCALE_NONE UINT8_MAX

/* What a TCP header says; host order. */
struct tcp_segment {
	uint32_t seq;
	uint32_t ack;
	uint32_t length; /* bytes of payload */
	uint16_t window;
	uint8_t flags;	 /* RTE_TCP_…_FLAG bits */
	uint8_t scale;	 /* option of a SYN, 0–14, or TCP_SCALE_NONE */
	uint32_t sacked; /* from ack to the highest right edge of its SACK blocks; 0: none above */
	uint32_t timestamp;  /* TSval */
	bool stamped;	     /* it has the timestamps option */
	bool sack_permitted; /* option of a SYN */
};

/* What one side has sent. */
struct tcp_side {
	uint32_t begin;		 /* the number of its SYN */
	uint32_t end;		 /* behind its highest sequence number */
	uint32_t limit;		 /* the highest end that the other side has room for */
	uint32_t ack;		 /* highest acknowledgement */
	uint32_t max_window;	 /* largest window that it has offered, bytes, 2^30 at most */
	uint32_t timestamp;	 /* latest */
	uint8_t scale;		 /* of its windows; TCP_SCALE_NONE: not offered */
	bool sent : 1;		 /* anything: the numbers above have a meaning */
	bool acked : 1;		 /* ack has one */
	bool fin : 1;		 /* a FIN, which is end's last number */
	bool stamped : 1;	 /* timestamp has one */
	bool sack_permitted : 1; /* the other side may send it SACK blocks */
} __attribute__((packed, aligned(2)));

/* A SYN that came on a live connection, and was not answered yet. */
struct tcp_pending {
	uint32_t begin;
	uint16_t length; /* of its data, and 1 for itself */
	uint16_t window;
	uint8_t scale;
	uint8_t from : 2; /* side + 1; 0: there is none */
	bool sack_permitted : 1;
} __attribute__((packed, aligned(2)));

struct tcp {
	struct tcp_side sides[2]; /* by direction in the flow */
	struct tcp_pending pending;
	uint8_t state;	    /* enum tcp_state */
	uint8_t opener : 1; /* side whose SYN is being answered */
	bool unchecked : 1; /* neither bounds nor states are checked: as asked for */
	bool loose : 1;	    /* likewise, until the next SYN: picked up, its windows are not known */
};

static_assert(sizeof(struct tcp) == 64, "one cache line");

enum tcp_verdict {
	TCP_VALID,	/* the state is advanced */
	TCP_UNCHANGED,	/* passes, and changes nothing */
	TCP_BAD_STATE,	/* no segment for this state */
	TCP_BAD_WINDOW, /* outside of the bounds */
	TCP_BAD_RST,	/* not at the number that the receiver expects */
};

/*
 * Begin a connection with its first segment, from side 0. One that does not open is picked up
 * midstream. unchecked: take every segment for one of the connection.
 */
void tcp_begin(struct tcp *tcp, const struct tcp_segment *segment, bool unchecked);

/* Whether the segment, from a side, begins another connection in place of one that is over. */
bool tcp_reopens(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side);

/* Advance the connection by a later segment from a side, whose flags are legal. */
enum tcp_verdict tcp_advance(struct tcp *tcp, const struct tcp_segment *segment, unsigned side);

#endif
