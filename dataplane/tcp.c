/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp.h"

#include <string.h>

#include "dataplane/tcp_flags.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* The least that acknowledgements and retransmissions may be behind, whatever the window: the ends
 * may know of a larger one, from a segment that never came by. */
#define BEHIND_MIN UINT32_C(66000)

/* Sequence numbers compare modulo 2^32: RFC 9293 section 3.4. */
static bool after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static uint32_t latest(uint32_t a, uint32_t b)
{
	return after(b, a) ? b : a;
}

static uint32_t behind(const struct tcp_side *side)
{
	return side->max_window > BEHIND_MIN ? side->max_window : BEHIND_MIN;
}

static uint32_t segment_end(const struct tcp_segment *segment)
{
	return segment->seq + segment->length + ((segment->flags & SYN) != 0) +
		((segment->flags & FIN) != 0);
}

/* Bytes that a segment offers. RFC 7323 section 2.2: a SYN's are never scaled, others' if both
 * sides have the option. */
static uint32_t offered(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	bool scaled = tcp->sides[0].scale != TCP_SCALE_NONE &&
		tcp->sides[1].scale != TCP_SCALE_NONE && (segment->flags & SYN) == 0;

	return scaled ? (uint32_t)segment->window << tcp->sides[side].scale : segment->window;
}

/* Take a side's SYN, and forget what it has sent before. */
static void begin_side(struct tcp *tcp, const struct tcp_pending *syn, unsigned side)
{
	tcp->sides[side] = (struct tcp_side){
		.begin = syn->begin,
		.end = syn->end,
		.limit = syn->end + tcp->sides[!side].max_window,
		.max_window = syn->window,
		.scale = syn->scale,
		.sent = true,
	};
}

static struct tcp_pending pending_syn(const struct tcp_segment *segment, unsigned side)
{
	return (struct tcp_pending){
		.begin = segment->seq,
		.end = segment_end(segment),
		.window = segment->window,
		.scale = segment->scale,
		.from = side + 1,
	};
}

/* Begin with the SYN of a side, whatever there was. */
static void begin_connection(struct tcp *tcp, const struct tcp_pending *syn)
{
	memset(tcp, 0, sizeof(*tcp));
	tcp->sides[0].scale = tcp->sides[1].scale = TCP_SCALE_NONE;
	tcp->opener = syn->from - 1;
	tcp->state = TCP_SYN_SENT;
	begin_side(tcp, syn, tcp->opener);
}

/* What a segment tells of its side, and by acknowledgement and window of the other's room. */
static void advance_side(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint32_t window = offered(tcp, segment, side);
	uint32_t limit;

	own->end = own->sent ? latest(own->end, segment_end(segment)) : segment_end(segment);
	own->sent = true;
	own->fin = own->fin || (segment->flags & FIN) != 0;
	if (window > own->max_window)
		own->max_window = window;
	if ((segment->flags & ACK) == 0)
		return;
	own->ack = own->acked ? latest(own->ack, segment->ack) : segment->ack;
	own->acked = true;
	/* A window of 0 is probed with one byte: RFC 9293 section 3.8.6.1. */
	limit = segment->ack + (window > 0 ? window : 1);
	other->limit = other->sent ? latest(other->limit, limit) : limit;
	if (!other->sent)
		other->end = segment->ack;
	other->sent = true;
}

/* Where a connection stands after a valid segment: whose FINs went by, and are acknowledged. */
static void close_up(struct tcp *tcp)
{
	const struct tcp_side *a = &tcp->sides[0], *b = &tcp->sides[1];

	if (!a->fin && !b->fin)
		return;
	if (!a->fin || !b->fin)
		tcp->state = TCP_FIN;
	else if (a->acked && b->acked && a->ack == b->end && b->ack == a->end)
		tcp->state = TCP_TIME_WAIT;
	else
		tcp->state = TCP_LAST_ACK;
}

/* Who has sent, and FINs and RSTs, are all that counts. */
static void advance_unchecked(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (tcp->state == TCP_CLOSE)
		return;
	tcp->sides[side].sent = true;
	tcp->sides[side].fin = tcp->sides[side].fin || (segment->flags & FIN) != 0;
	if (tcp->sides[0].sent && tcp->sides[1].sent)
		tcp->state = TCP_ESTABLISHED;
	close_up(tcp);
	if ((segment->flags & RST) != 0)
		tcp->state = TCP_CLOSE;
}

void tcp_begin(struct tcp *tcp, const struct tcp_segment *segment, bool unchecked)
{
	struct tcp_pending syn = pending_syn(segment, 0);

	if (!unchecked && tcp_flags_open(segment->flags)) {
		begin_connection(tcp, &syn);
		return;
	}
	memset(tcp, 0, sizeof(*tcp));
	tcp->sides[0].scale = tcp->sides[1].scale = TCP_SCALE_NONE;
	tcp->unchecked = unchecked;
	tcp->loose = true;
	tcp->state = tcp_flags_open(segment->flags) ? TCP_SYN_SENT : TCP_MIDSTREAM;
	if (unchecked) {
		advance_unchecked(tcp, segment, 0);
		return;
	}
	advance_side(tcp, segment, 0);
	close_up(tcp);
	if ((segment->flags & RST) != 0)
		tcp->state = TCP_CLOSE;
}

bool tcp_reopens(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (!tcp_flags_open(segment->flags) || tcp->state < TCP_LAST_ACK)
		return false;
	/* RFC 1122 section 4.2.2.13: beyond the last number of the connection before. */
	return tcp->state == TCP_CLOSE || tcp->unchecked || !tcp->sides[side].sent ||
		after(segment->seq, tcp->sides[side].end);
}

/* The bounds of van Rooij. */
static enum tcp_verdict check_window(
	const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint32_t end = segment_end(segment);

	if (after(end, own->limit) || (own->fin && after(end, own->end)))
		return TCP_BAD_WINDOW;
	if ((segment->flags & ACK) != 0 &&
		(after(segment->ack, other->end) || after(other->end - behind(own), segment->ack)))
		return TCP_BAD_WINDOW;
	if (!after(own->end - other->max_window, end))
		return TCP_VALID;
	/* Data again that is acknowledged: that got lost behind the firewall, and the receiver
	 * alone can repeat it. */
	if (other->acked && !after(end, other->ack) && !after(own->end - 2 * behind(other), end))
		return TCP_UNCHANGED;
	return TCP_BAD_WINDOW;
}

/* Whether a number is what the receiver may expect of a side: its last acknowledgement, or behind
 * all that went by, which it may have got and not acknowledged yet. */
static bool is_expected(const struct tcp *tcp, uint32_t seq, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];

	return (own->sent && seq == own->end) || (other->acked && seq == other->ack);
}

/* RFC 9293 section 3.10.7.3: in SYN-SENT a RST must acknowledge the SYN. */
static enum tcp_verdict reset_syn(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *opener = &tcp->sides[tcp->opener];

	/* The opener's answer to a challenge, about a connection that is no more. */
	if (side == tcp->opener && tcp->pending.from != 0 && segment->seq == tcp->pending.end)
		return TCP_UNCHANGED;
	if (side == tcp->opener
			? segment->seq != opener->end
			: (segment->flags & ACK) == 0 || !after(segment->ack, opener->begin) ||
				after(segment->ack, opener->end))
		return TCP_BAD_RST;
	tcp->state = TCP_CLOSE;
	return TCP_VALID;
}

/*
 * RFC 5961 section 3.2: a RST counts at the very number that the receiver expects. A connection
 * that is closing is no one's aim, and its ends may have forgotten it: there the window is enough.
 */
static enum tcp_verdict reset(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side];
	bool closing = tcp->state >= TCP_FIN && !after(segment->seq, own->limit) &&
		!after(own->end - BEHIND_MIN, segment->seq);

	if (tcp->state == TCP_SYN_SENT)
		return reset_syn(tcp, segment, side);
	if (!closing && !is_expected(tcp, segment->seq, side))
		return TCP_BAD_RST;
	tcp->state = TCP_CLOSE;
	return TCP_VALID;
}

/* A side's SYN-ACK to the opener's SYN. RFC 7413 section 4.1: it may acknowledge all of the SYN's
 * data, a part, or the SYN alone. One of an old connection is none of ours, and must leave nothing
 * behind. */
static enum tcp_verdict answer_syn(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *opener = &tcp->sides[tcp->opener];
	struct tcp_pending syn = pending_syn(segment, side);

	if (!after(segment->ack, opener->begin) || after(segment->ack, opener->end))
		return TCP_BAD_STATE;
	memset(&tcp->pending, 0, sizeof(tcp->pending));
	begin_side(tcp, &syn, side);
	advance_side(tcp, segment, side);
	tcp->state = TCP_SYN_RECEIVED;
	return TCP_VALID;
}

/* A SYN on a connection that lives: the other end answers with a challenge (RFC 5961 section 4.2),
 * or with a SYN-ACK when it has forgotten the connection. Until then it changes nothing. */
static enum tcp_verdict note_syn(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	tcp->pending = pending_syn(segment, side);
	return TCP_UNCHANGED;
}

static enum tcp_verdict advance_syn_sent(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_pending syn = pending_syn(segment, side);
	uint8_t kind = segment->flags & (SYN | ACK);

	if (side == tcp->opener) {
		/* Another try, with another number perhaps. Nothing else comes before the answer.
		 */
		if (kind != SYN)
			return TCP_BAD_STATE;
		begin_side(tcp, &syn, side);
		return TCP_VALID;
	}
	if (kind == (SYN | ACK))
		return answer_syn(tcp, segment, side);
	if (kind == SYN) {
		begin_side(tcp, &syn, side);
		tcp->state = TCP_SYN_CROSSED;
		return TCP_VALID;
	}
	/* A challenge: the other end has a connection that we know nothing of. */
	if (segment->length > 0 || (segment->flags & FIN) != 0)
		return TCP_BAD_STATE;
	tcp->pending = (struct tcp_pending){.end = segment->ack, .from = side + 1};
	return TCP_UNCHANGED;
}

/* RFC 9293 section 3.5, figure 8; and the split handshake of RFC 793's time, where the answer's SYN
 * and ACK come apart. Each side acknowledges the other's SYN. */
static enum tcp_verdict advance_crossed(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint8_t kind = segment->flags & (SYN | ACK);

	if (kind == SYN) {
		struct tcp_pending syn = pending_syn(segment, side);

		begin_side(tcp, &syn, side);
		return TCP_VALID;
	}
	if (segment->ack != other->end || (kind == (SYN | ACK) && segment->seq != own->begin) ||
		(kind == ACK && segment->seq != own->end))
		return TCP_BAD_STATE;
	advance_side(tcp, segment, side);
	if (other->acked)
		tcp->state = TCP_ESTABLISHED;
	close_up(tcp);
	return TCP_VALID;
}

/* The handshake is begun anew by a pending SYN, which this SYN-ACK answers. */
static bool answers_pending(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	return tcp->pending.from == !side + 1 && after(segment->ack, tcp->pending.begin) &&
		!after(segment->ack, tcp->pending.end);
}

/* A SYN-ACK where a connection is. */
static enum tcp_verdict repeat_answer(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (answers_pending(tcp, segment, side)) {
		struct tcp_pending syn = tcp->pending;

		begin_connection(tcp, &syn);
		return answer_syn(tcp, segment, side);
	}
	if (tcp->state == TCP_SYN_RECEIVED && side != tcp->opener)
		return answer_syn(tcp, segment, side);
	/* The handshake's ACK was lost: the ends repeat both. */
	if (tcp->loose || segment->seq == tcp->sides[side].begin)
		return TCP_UNCHANGED;
	return TCP_BAD_STATE;
}

/* From the answered SYN on. */
static enum tcp_verdict advance_open(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *other = &tcp->sides[!side];
	enum tcp_verdict verdict;

	if ((segment->flags & SYN) != 0)
		return (segment->flags & ACK) != 0 ? repeat_answer(tcp, segment, side)
						   : note_syn(tcp, segment, side);
	verdict = tcp->loose ? TCP_VALID : check_window(tcp, segment, side);
	if (verdict != TCP_VALID)
		return verdict;
	if (tcp->state == TCP_CLOSE)
		return TCP_UNCHANGED; /* stragglers */
	if (tcp->state == TCP_SYN_RECEIVED && side == tcp->opener) {
		if (!tcp->loose && !after(segment->ack, other->begin))
			return TCP_BAD_STATE;
		tcp->state = TCP_ESTABLISHED;
	}
	advance_side(tcp, segment, side);
	close_up(tcp);
	return TCP_VALID;
}

/* A connection that was picked up is open when both sides were seen. */
static enum tcp_verdict advance_midstream(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (tcp_flags_open(segment->flags)) {
		struct tcp_pending syn = pending_syn(segment, side);

		begin_connection(tcp, &syn);
		return TCP_VALID;
	}
	if (tcp->sides[!side].acked)
		tcp->state = TCP_ESTABLISHED;
	advance_side(tcp, segment, side);
	close_up(tcp);
	return TCP_VALID;
}

enum tcp_verdict tcp_advance(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (tcp->unchecked) {
		advance_unchecked(tcp, segment, side);
		return TCP_VALID;
	}
	if ((segment->flags & RST) != 0)
		return tcp->state == TCP_CLOSE ? TCP_UNCHANGED : reset(tcp, segment, side);
	switch ((enum tcp_state)tcp->state) {
	case TCP_MIDSTREAM:
		return advance_midstream(tcp, segment, side);
	case TCP_SYN_SENT:
		return advance_syn_sent(tcp, segment, side);
	case TCP_SYN_CROSSED:
		return advance_crossed(tcp, segment, side);
	default:
		return advance_open(tcp, segment, side);
	}
}
