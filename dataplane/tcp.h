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
	uint8_t flags; /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32 */
	uint8_t scale; /* option of a SYN, 0–14, or TCP_SCALE_NONE */
};

/* What one side has sent. */
struct tcp_side {
	uint32_t begin;	     /* the number of its SYN */
	uint32_t end;	     /* behind its highest sequence number */
	uint32_t limit;	     /* the highest end that the other side has room for */
	uint32_t ack;	     /* highest acknowledgement */
	uint32_t max_window; /* largest window that it has offered, bytes */
	uint8_t scale;	     /* of its windows; TCP_SCALE_NONE: not offered */
	bool sent;	     /* anything: the numbers above have a meaning */
	bool acked;	     /* ack has one */
	bool fin;	     /* a FIN, which is end's last number */
};

/* A SYN that came on a live connection, and was not answered yet. */
struct tcp_pending {
	uint32_t begin;
	uint32_t end;
	uint16_t window;
	uint8_t scale;
	uint8_t from; /* side + 1; 0: there is none */
};

struct tcp {
	struct tcp_side sides[2]; /* by direction in the flow */
	struct tcp_pending pending;
	uint8_t state;	/* enum tcp_state */
	uint8_t opener; /* side whose SYN is being answered */
	bool unchecked; /* neither bounds nor states are checked: as asked for */
	bool loose; /* likewise, until the next SYN: picked up, so that its windows are not known */
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
