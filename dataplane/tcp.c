/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp.h"

#include <string.h>

#include "dataplane/tcp_flags.h"
#include "dataplane/tcp_window.h"

/* The same SYN again: the answer may be to either. RFC 7413 section 4.2.1 repeats it without its
 * data, others without options. */
static void repeat_side(struct tcp_side *own, const struct tcp_pending *syn)
{
	own->end = tcp_window_latest(own->end, syn->begin + syn->length);
	own->limit = tcp_window_latest(own->limit, own->end);
	if (syn->window > own->max_window)
		own->max_window = syn->window;
	if (own->scale == TCP_SCALE_NONE)
		own->scale = syn->scale;
	own->sack_permitted = own->sack_permitted || syn->sack_permitted;
}

/* Take a side's SYN, and forget what it has sent before. */
static void begin_side(struct tcp *tcp, const struct tcp_pending *syn, unsigned side)
{
	struct tcp_side *own = &tcp->sides[side];

	if (own->sent && own->begin == syn->begin) {
		repeat_side(own, syn);
		return;
	}
	*own = (struct tcp_side){
		.begin = syn->begin,
		.end = syn->begin + syn->length,
		.limit = syn->begin + syn->length + tcp->sides[!side].max_window,
		.max_window = syn->window,
		.scale = syn->scale,
		.sent = true,
		.sack_permitted = syn->sack_permitted,
	};
}

static struct tcp_pending pending_syn(const struct tcp_segment *segment, unsigned side)
{
	return (struct tcp_pending){
		.begin = segment->seq,
		.length = (uint16_t)(segment->length + 1),
		.window = segment->window,
		.scale = segment->scale,
		.from = (side + 1) & 3,
		.sack_permitted = segment->sack_permitted,
	};
}

/* Begin with the SYN of a side, whatever there was. */
static void begin_connection(struct tcp *tcp, const struct tcp_pending *syn)
{
	memset(tcp, 0, sizeof(*tcp));
	tcp->sides[0].scale = tcp->sides[1].scale = TCP_SCALE_NONE;
	tcp->opener = (syn->from - 1) & 1;
	tcp->state = TCP_SYN_SENT;
	begin_side(tcp, syn, tcp->opener);
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
	tcp_window_advance(tcp, segment, 0);
	close_up(tcp);
	if ((segment->flags & RST) != 0)
		tcp->state = TCP_CLOSE;
}

bool tcp_reopens(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side];

	if (!tcp_flags_open(segment->flags) || tcp->state < TCP_LAST_ACK)
		return false;
	if (tcp->unchecked)
		return true;
	/* In LAST_ACK its end answers with a challenge, and the RST that comes back makes way. A
	 * late copy of the connection's own SYN is no other connection. */
	if (tcp->state == TCP_LAST_ACK || (own->sent && segment->seq == own->begin))
		return false;
	if (tcp->state == TCP_CLOSE || !own->sent)
		return true;
	/* RFC 6191 section 2: a later timestamp, whatever the number, and no earlier one. */
	if (own->stamped && segment->stamped && segment->timestamp != own->timestamp)
		return tcp_window_after(segment->timestamp, own->timestamp);
	/* RFC 1122 section 4.2.2.13: beyond the last number of the connection before. */
	return tcp_window_after(segment->seq, own->end);
}

/* Whether a number is what the receiver may expect of a side: its last acknowledgement, or behind
 * all that went by, which it may have got and not acknowledged yet. */
static bool is_expected(const struct tcp *tcp, uint32_t seq, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];

	return (own->sent && seq == own->end) || (other->acked && seq == other->ack);
}

/* Whether an acknowledgement is of a SYN, or of a part of its data. */
static bool acknowledges(const struct tcp_segment *segment, uint32_t begin, uint32_t end)
{
	return (segment->flags & ACK) != 0 && tcp_window_after(segment->ack, begin) &&
		!tcp_window_after(segment->ack, end);
}

/* Whether it answers the SYN that the other side has sent and that is pending. */
static bool answers_pending(const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	return tcp->pending.from == !side + 1 &&
		acknowledges(segment, tcp->pending.begin, tcp->pending.begin + tcp->pending.length);
}

/* RFC 9293 section 3.10.7.3: in SYN-SENT a RST must acknowledge the SYN. Of two it ends the one
 * that it is about. */
static enum tcp_verdict reset_syn(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *opener = &tcp->sides[tcp->opener],
			      *other = &tcp->sides[!tcp->opener];
	struct tcp_pending pending = tcp->pending;

	/* The opener's answer to a challenge, about a connection that is no more. */
	if (side == tcp->opener && other->acked && segment->seq == other->ack)
		return TCP_UNCHANGED;
	if (side == tcp->opener ? segment->seq == opener->end
				: acknowledges(segment, opener->begin, opener->end)) {
		if (pending.from != 0)
			begin_connection(tcp, &pending);
		else
			tcp->state = TCP_CLOSE;
		return TCP_VALID;
	}
	if (pending.from == 0 ||
		(side == tcp->opener ? segment->seq != pending.begin + pending.length
				     : !answers_pending(tcp, segment, side)))
		return TCP_BAD_RST;
	memset(&tcp->pending, 0, sizeof(tcp->pending));
	return TCP_VALID;
}

/* RFC 5961 section 3.2: a RST counts at the very number that the receiver expects. An end that has
 * closed whole answers what still comes at its acknowledgement, which is that number. */
static enum tcp_verdict reset(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *other = &tcp->sides[!side];

	if (tcp->state == TCP_SYN_SENT)
		return reset_syn(tcp, segment, side);
	if (!is_expected(tcp, segment->seq, side) &&
		!(tcp->state == TCP_SYN_CROSSED && !other->acked &&
			acknowledges(segment, other->begin, other->end)))
		return TCP_BAD_RST;
	tcp->state = TCP_CLOSE;
	return TCP_VALID;
}

/* A side's SYN-ACK to the opener's SYN. RFC 7413 section 4.1: it may acknowledge all of the SYN's
 * data, a part, or the SYN alone. One of an old connection must leave nothing behind. */
static enum tcp_verdict answer_syn(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *opener = &tcp->sides[tcp->opener];
	struct tcp_pending syn = pending_syn(segment, side);

	if (!acknowledges(segment, opener->begin, opener->end))
		return TCP_BAD_STATE;
	memset(&tcp->pending, 0, sizeof(tcp->pending));
	begin_side(tcp, &syn, side);
	tcp_window_advance(tcp, segment, side);
	/* Data that is not taken comes again: it may be more than there is room for. */
	opener->end = segment->ack;
	tcp->state = TCP_SYN_RECEIVED;
	close_up(tcp);
	return TCP_VALID;
}

/* The other end is to answer the pending SYN as the opener's: with this segment, a SYN-ACK. */
static enum tcp_verdict answer_pending(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_pending syn = tcp->pending;

	begin_connection(tcp, &syn);
	return answer_syn(tcp, segment, side);
}

/* A SYN of another number than the one there. A live connection's other end answers with a
 * challenge (RFC 5961 section 4.2), or with a SYN-ACK when it has forgotten the connection; one
 * that is still to be answered may be the true one, or this. Until the answer it changes nothing.
 * The connection's own SYN again asks for nothing new, its answer must not begin anew; but after a
 * RST, which may have got lost, nothing else would. */
static enum tcp_verdict note_syn(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (segment->seq != tcp->sides[side].begin || tcp->state == TCP_CLOSE)
		tcp->pending = pending_syn(segment, side);
	return TCP_UNCHANGED;
}

/* Before the answer: the SYN again, or another one. */
static enum tcp_verdict repeat_syn(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_pending syn = pending_syn(segment, side);

	if (segment->seq != tcp->sides[side].begin)
		return note_syn(tcp, segment, side);
	repeat_side(&tcp->sides[side], &syn);
	return TCP_VALID;
}

static enum tcp_verdict advance_syn_sent(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *opener = &tcp->sides[tcp->opener];
	struct tcp_pending syn = pending_syn(segment, side);
	uint8_t kind = segment->flags & (SYN | ACK);

	/* Nothing but SYNs comes from the opener before the answer. */
	if (side == tcp->opener)
		return kind == SYN ? repeat_syn(tcp, segment, side) : TCP_BAD_STATE;
	if (kind == (SYN | ACK))
		return answers_pending(tcp, segment, side) &&
				!acknowledges(segment, opener->begin, opener->end)
			? answer_pending(tcp, segment, side)
			: answer_syn(tcp, segment, side);
	if (kind == SYN) {
		begin_side(tcp, &syn, side);
		tcp->state = TCP_SYN_CROSSED;
		return TCP_VALID;
	}
	/* A challenge: the other end has a connection that we know nothing of. */
	if (segment->length > 0 || (segment->flags & FIN) != 0)
		return TCP_BAD_STATE;
	tcp->sides[side].ack = segment->ack;
	tcp->sides[side].acked = true;
	return TCP_UNCHANGED;
}

/* RFC 9293 section 3.5, figure 7; and the split handshake of RFC 793's time, where the answer's SYN
 * and ACK come apart. Each side acknowledges the other's SYN. */
static enum tcp_verdict advance_crossed(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint8_t kind = segment->flags & (SYN | ACK);

	if (kind == SYN)
		return repeat_syn(tcp, segment, side);
	/* The SYN of its name that went by was not its own: it answers the other's with another. */
	if (kind == (SYN | ACK) && segment->seq != own->begin && !other->acked &&
		acknowledges(segment, other->begin, other->end)) {
		tcp->opener = !side;
		return answer_syn(tcp, segment, side);
	}
	if (kind == (SYN | ACK) && answers_pending(tcp, segment, side))
		return answer_pending(tcp, segment, side);
	if (!tcp_window_after(segment->ack, other->begin) ||
		(kind == (SYN | ACK) && segment->seq != own->begin) ||
		(kind == ACK && !tcp_window_after(segment->seq, own->begin)) ||
		tcp_window_check(tcp, segment, side) != TCP_VALID)
		return TCP_BAD_STATE;
	tcp_window_advance(tcp, segment, side);
	if (other->acked)
		tcp->state = TCP_ESTABLISHED;
	close_up(tcp);
	return TCP_VALID;
}

/* A SYN-ACK where a connection is. */
static enum tcp_verdict repeat_answer(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];

	if (answers_pending(tcp, segment, side))
		return answer_pending(tcp, segment, side);
	/* Figure 7 again, where the other's SYN had come before: this is the handshake's ACK. */
	if (tcp->state == TCP_SYN_RECEIVED && side == tcp->opener && segment->seq == own->begin &&
		acknowledges(segment, other->begin, other->end)) {
		tcp_window_advance(tcp, segment, side);
		tcp->state = TCP_ESTABLISHED;
		return TCP_VALID;
	}
	/* Its side may have closed before it is acknowledged: RFC 7413 section 4.2.2. */
	if (side != tcp->opener && !other->acked &&
		(tcp->state == TCP_SYN_RECEIVED || tcp->state == TCP_FIN))
		return answer_syn(tcp, segment, side);
	/* The handshake's ACK was lost: the ends repeat both. */
	if (tcp->loose || segment->seq == own->begin)
		return TCP_UNCHANGED;
	return TCP_BAD_STATE;
}

/* From the answered SYN on. */
static enum tcp_verdict advance_open(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	enum tcp_verdict verdict;

	if ((segment->flags & SYN) != 0)
		return (segment->flags & ACK) != 0 ? repeat_answer(tcp, segment, side)
						   : note_syn(tcp, segment, side);
	verdict = tcp->loose ? TCP_VALID : tcp_window_check(tcp, segment, side);
	if (verdict != TCP_VALID)
		return verdict;
	if (tcp->state == TCP_SYN_RECEIVED && side == tcp->opener) {
		if (!tcp->loose && !tcp_window_after(segment->ack, tcp->sides[!side].begin))
			return TCP_BAD_STATE;
		tcp->state = TCP_ESTABLISHED;
	}
	tcp_window_advance(tcp, segment, side);
	/* Stragglers after a RST that was not taken are followed by what tells it. */
	if (tcp->state != TCP_CLOSE)
		close_up(tcp);
	return TCP_VALID;
}

/* A connection that was picked up is open when both sides were seen. */
static enum tcp_verdict advance_midstream(
	struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (tcp_flags_open(segment->flags))
		return note_syn(tcp, segment, side);
	if ((segment->flags & SYN) != 0 && answers_pending(tcp, segment, side))
		return answer_pending(tcp, segment, side);
	if (tcp->sides[!side].acked)
		tcp->state = TCP_ESTABLISHED;
	tcp_window_advance(tcp, segment, side);
	close_up(tcp);
	return TCP_VALID;
}

enum tcp_verdict tcp_advance(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	if (tcp_window_step(tcp, segment, side))
		return TCP_VALID;
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
