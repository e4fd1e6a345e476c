/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_end: an honest end of TCP connections, in the plainest form of RFC 9293 section 3.10, with
 * RFC 7323 (scale, timestamps), 2018 (SACK), 5961 (challenges) and 7413 (data in a SYN). It has no
 * timers: what it sends, and whether again, is by chance.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_TCP_END_H
#define TIDEGATE_TESTS_PIPELINE_TCP_END_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tcp.h"

enum end_state { END_CLOSED, END_LISTEN, END_SYN_SENT, END_SYN_RECEIVED, END_OPEN, END_DONE };

enum { END_GAPS = 8 };

/* What a segment that is accepted changes. */
struct end_view {
	uint32_t state;	   /* enum end_state */
	uint32_t received; /* RCV.NXT */
	uint32_t acked;	   /* SND.UNA */
	uint32_t right;	   /* SND.UNA + SND.WND */
	uint32_t fin_at;   /* number of the other side's FIN */
	uint32_t fin_known;
	uint32_t blocks[END_GAPS][2]; /* received beyond RCV.NXT */
	uint32_t block_count;
};

struct tcp_end {
	struct end_view view;
	uint32_t iss, irs;
	uint32_t next;	    /* behind all that it has sent */
	uint32_t data_end;  /* behind all that it is to send, without FIN */
	uint32_t early;	    /* bytes in its first SYN */
	uint32_t buffer;    /* bytes that it has room for */
	uint32_t unread;    /* of these in order, and not taken by its user */
	uint32_t edge;	    /* the furthest that it has offered */
	uint32_t wl1, wl2;  /* SND.WL1, SND.WL2 */
	uint32_t max_right; /* largest window of the other */
	uint32_t clock;	    /* of timestamps */
	uint32_t reset_seq;
	uint8_t scale, other_scale; /* or TCP_SCALE_NONE */
	bool sack, other_sack;	    /* permitted */
	bool stamps, other_stamps;
	bool takes_early; /* data of a SYN */
	bool fin_sent;
	bool owes_ack, owes_reset, syn_sent;
};

/* Chance: xorshift, so that a seed gives the same walk everywhere. */
uint32_t tcp_end_random(uint64_t *seed);

/* Wait for a connection, or open one; with options, numbers and buffer by chance. */
void tcp_end_begin(struct tcp_end *end, bool opens, uint64_t *seed);

/* Let an end that has sent nothing yet begin with another number. */
void tcp_end_renumber(struct tcp_end *end, uint32_t iss);

/* Send something; false when chance or the state has nothing to be sent. */
bool tcp_end_send(struct tcp_end *end, struct tcp_segment *segment, uint64_t *seed);

void tcp_end_receive(struct tcp_end *end, const struct tcp_segment *segment);

/* Break the connection off. */
void tcp_end_abort(struct tcp_end *end);

/* Forget the connection, and answer what still comes with a RST: its process was killed, or has
 * closed both ways without a word. */
void tcp_end_vanish(struct tcp_end *end);

#endif
